import { it } from "vitest";
import { graphDefinition } from "./helpers/layer-cases.js";
import { gradients } from "../src/symbolic/vjp.js";
import { input } from "../src/ir/graph/build.js";
import { differentiableInputs } from "../src/ir/graph/definition.js";
import { tensorsBelow } from "../src/ir/graph/tensor.js";
import { formulaText } from "../src/ir/print.js";
it("x", () => {
  for (const id of ["softmax", "attention", "cross_entropy", "dense", "conv1d"]) {
    const d = graphDefinition(id, "relu");
    const out = d.outputs[0]!;
    const g = gradients([{ of: out.tensor, gradient: input("dy", out.axes) }], differentiableInputs(d));
    console.log(id, tensorsBelow([out.tensor, ...g]).map((t) => `${t.id} ${t.kind} [${t.axes.map((a) => a.name)}] (${t.operands.map((o) => o.id)}) ${t.kind === "map" ? formulaText(t.value) : t.kind === "reduce" ? t.how : t.kind==="input"?t.name:""}`).join("\n"));
  }
});
