/** Packages for Keras on TensorFlow and for tf.keras, imported without a warning of their own. */
import { describe, expect, test } from "vitest";
import { importPackage } from "./helpers/python-imports.js";

const python = process.env["NONLIN_PYTHON"];

describe.skipIf(python === undefined)("emitted Python", () => {
  test.each(["keras3", "keras3.native", "keras2", "keras2.native"])("%s is imported with all its modules", (name) => {
    const frameworks = "import tensorflow, keras; keras.layers; tensorflow.keras.layers";
    expect(importPackage(python!, name, frameworks)).toBe("ok");
  });
});
