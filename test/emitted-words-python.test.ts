/** Sentences in emitted Python: each is only written where what it says is known. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { units } from "../src/activations/gated.js";
import { catalogue, graphs } from "../src/catalogue.js";
import { ROOT } from "./helpers/documents.js";

const FOLDERS = [
  "pytorch",
  "pytorch/native",
  "keras/keras3",
  "keras/keras3/native",
  "keras/keras2",
  "keras/keras2/native",
];
const proofs = JSON.parse(readFileSync(join(ROOT, "generated/proofs.json"), "utf8")) as Record<
  string,
  Record<string, Record<string, { verdict: string; approximations: { certified: boolean }[] }>>
>;
const gatedActivations = units.flatMap(({ activations }) => activations.map(({ id }) => id));
const ids = new Set([...catalogue, ...graphs].map(({ id }) => id));

interface Module {
  readonly path: string;
  readonly id: string;
  readonly target: string;
  readonly text: string;
}

const modules: readonly Module[] = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, "generated", folder))
    .filter((name) => name.endsWith(".py") && ids.has(name.replace(".py", "")))
    .map((name) => ({
      path: `${folder}/${name}`,
      id: name.replace(".py", ""),
      target: folder.split("/").find((part) => part === "pytorch" || part.startsWith("keras3") || part === "keras2")!,
      text: readFileSync(join(ROOT, "generated", folder, name), "utf8"),
    })),
);

/** The first docstring as one line. */
const head = ({ text }: Module): string => /^"""([^]*?)"""/.exec(text)![1]!.replaceAll(/\s+/g, " ");

/** Whether the module has backward of its own. */
/** Functions around the framework's own operations for gradients have none of their own. */
const hasOwnGradient = ({ text }: Module): boolean =>
  /torch\.autograd\.Function|custom_gradient/.test(text) && !text.includes("torch.ops.aten.");

describe.each(modules.map((module) => [module.path, module] as const))("%s", (_path, module) => {
  it("says whose gradients it has", () => {
    const words = head(module);
    const own = /With (the proved derivative|a derivative that is not proved)/.test(words);
    const framework = words.includes("With the framework's own functions.");
    expect([own, framework].filter(Boolean)).toHaveLength(1);
    expect(own).toBe(hasOwnGradient(module));
  });

  it("only says proved of what is", () => {
    const [, of = module.id] = /proved derivative of (\w+)/.exec(head(module)) ?? [];
    if (!head(module).includes("proved derivative")) return;
    // Units have activations of their own, whose proofs are recorded nowhere.
    if (!catalogue.some(({ id }) => id === of)) return expect(gatedActivations).toContain(of);
    const { derivative, backward } = proofs[of]![module.target]!;
    for (const proof of [derivative!, backward!]) {
      expect(["proved", "equal-except"]).toContain(proof.verdict);
      expect(proof.approximations.every(({ certified }) => certified)).toBe(true);
    }
  });

  it("states no accuracy that was not measured on the framework", () => {
    expect(module.text).not.toMatch(/\bULP\b/);
  });

  it("describes no other framework's layout of weights", () => {
    expect(module.text).not.toMatch(module.target === "pytorch" ? /as in Keras/ : /as in PyTorch|weightᵀ/);
  });
});
