/** Gradients that are no derivatives on purpose: declared ones are not called wrong, others are named for what they look like. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOracle } from "../src/pipeline/activation.js";
import { claimsOfFile } from "../src/cli/verify/source.js";
import { createTimedProver, type TimedProver } from "../src/cli/verify/claim.js";
import { reportOn, type Report } from "../src/cli/verify/work.js";
import type { Oracle } from "../src/symbolic/oracle.js";
import { isDeclaredSurrogate } from "../src/frontends/surrogates.js";
import { makeFolder, nonlin, removeFolder } from "./cli-process.js";
import { readersDocument } from "./helpers/readers-document.js";

let oracle: Oracle;
let prover: TimedProver;
let folder = "";
beforeAll(async () => {
  oracle = await createOracle();
  prover = createTimedProver(oracle);
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

async function reportOf(text: string, extension = "py"): Promise<Report> {
  const file = join(folder, `surrogate.${extension}`);
  writeFileSync(file, text);
  return reportOn(await claimsOfFile(file), prover, oracle, {
    tolerance: 0,
    explain: false,
    format: "json",
    certify: false,
  });
}

const classOf = (forward: string, backward: string, above = "", more = ""): string => `import torch
${above}
class A(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x${more}):
        ctx.save_for_backward(x)
        ${forward}
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        ${backward}
`;

const LOOKS: readonly (readonly [forward: string, backward: string, look: RegExp])[] = [
  ["return torch.sign(x)", "return g", /^straight-through gradient of a step$/],
  ["return (x >= 0.5).to(x.dtype)", "return g.clone()", /^straight-through gradient of a step$/],
  ["return torch.round(x)", "return g", /^straight-through gradient of rounding$/],
  ["return torch.floor(8 * x) / 8", "return g", /^straight-through gradient of rounding$/],
  ["return torch.clamp(x, -1, 1)", "return g", /^straight-through gradient of a clamp$/],
  ["return torch.sign(x)", "return g * (x.abs() <= 1).float()", /^boxcar for the derivative of a step$/],
  ["return torch.sign(x)", "return torch.where(torch.abs(x) < 1, g, 0.0)", /^boxcar/],
  ["return (x > 0).float()", "return g * torch.sigmoid(4 * x) * (1 - torch.sigmoid(4 * x)) * 4", /slope of a sigmoid/],
  ["return (x > 0).float()", "return g * (1 - torch.tanh(x) ** 2)", /slope of a sigmoid/],
  ["return (x > 0).float()", "return g / (1 + (3.14159 * x) ** 2)", /slope of an arctangent/],
  ["return (x > 0.25).float()", "return g / (10 * (x - 0.25).abs() + 1) ** 2", /slope of a fast sigmoid/],
  ["return (x > 1).float()", "return 0.3 * g * torch.exp(-2 * (x - 1) ** 2)", /Gaussian/],
  ["return (x > 1).float()", "return g * torch.relu(1 - (x - 1).abs())", /triangle/],
  ["return (x > 0).float()", "return g * torch.exp(-x.abs())", /exponential/],
  ["return x.clone()", "return -g", /^reversed gradient$/],
  ["return x.view_as(x)", "return -0.1 * g", /^reversed gradient$/],
  ["return x.clone()", "return g * 0.1", /^scaled gradient$/],
  ["return x.clone()", "return g.clamp(-1, 1)", /^clipped gradient/],
];

describe("a gradient that looks like a surrogate", () => {
  it.each(LOOKS)("%s / %s", async (forward, backward, look) => {
    const { claims, outcomes } = await reportOf(classOf(forward, backward));
    expect(outcomes).toEqual(["refuted"]);
    expect(claims[0]).toMatchObject({ verdict: "refuted", surrogate: { declared: false } });
    expect((claims[0]!["surrogate"] as { looks: string }).looks).toMatch(look);
  });

  it.each(LOOKS)("and is declared: %s / %s", async (forward, backward, look) => {
    const { claims, outcomes, findings } = await reportOf(classOf(forward, backward, "# nonlin: surrogate"));
    expect(outcomes).toEqual(["surrogate"]);
    expect(findings).toEqual([]);
    expect((claims[0]!["surrogate"] as { looks: string }).looks).toMatch(look);
  });
});

describe("what looks like a mistake has no such name", () => {
  it.each([
    ["return torch.tanh(x)", "return g * (1 + torch.tanh(x) ** 2)"],
    ["return torch.relu(x)", "return g"],
    ["return x * x", "return g"],
    ["return torch.sign(x)", "return g * x"],
    ["return torch.sign(x)", "return g * torch.sigmoid(x)"],
    ["return torch.sign(x)", "return g * (x > 0).float()"],
    ["return (x > 0).float()", "return g / (1 + x ** 4)"],
    ["return x.clone()", "return g * x"],
    ["return torch.exp(x)", "return -g * torch.exp(x)"],
  ])("%s / %s", async (forward, backward) => {
    const { claims, outcomes } = await reportOf(classOf(forward, backward));
    expect(outcomes).toEqual(["refuted"]);
    expect(claims[0]).not.toHaveProperty("surrogate");
  });
});

describe("rounding", () => {
  it.each([
    ["return torch.round(x)", "return torch.zeros_like(g)", "unknown"],
    ["return x * torch.floor(x)", "return g * torch.floor(x)", "unknown"],
    ["return x * torch.ceil(x)", "return g * torch.floor(x)", "refuted"],
    ["return x - torch.floor(x)", "return g", "unknown"],
    ["return torch.round(x) + torch.round(x + 0.5)", "return g", "unknown"],
    ["return torch.trunc(x) + x", "return 2 * g", "refuted"],
  ])("%s / %s", async (forward, backward, verdict) => {
    expect((await reportOf(classOf(forward, backward))).outcomes).toEqual([verdict]);
  });

  it("of the gradient is refused", async () => {
    expect((await reportOf(classOf("return x * 1", "return torch.round(g)"))).outcomes).toEqual(["unreadable"]);
  });
});

describe("a declaration", () => {
  it.each([
    ["/** @surrogate */\nconst stepPrime = (x) => Math.max(0, 1 - Math.abs(x));", "surrogate"],
    ["// nonlin: surrogate\nconst stepPrime = (x) => Math.max(0, 1 - Math.abs(x));", "surrogate"],
    ["const stepPrime = (x) => Math.max(0, 1 - Math.abs(x)); // nonlin: surrogate", "surrogate"],
    ["const stepPrime = (x) => 0; // nonlin: surrogate", "proved"],
    ["// nonlin: surrogate\n\nconst stepPrime = (x) => 1;", "refuted"],
    ["const name = 'nonlin: surrogate';\nconst stepPrime = (x) => 1;", "refuted"],
    ["// nonlin: surrogate\nconst stepPrime = (x) => x % 2;", "surrogate"],
    ["const stepPrime = (x) => x % 2;", "unreadable"],
  ])("%s", async (derivative, outcome) => {
    const { outcomes } = await reportOf(`const step = (x) => (x > 0 ? 1 : 0);\n${derivative}\n`, "js");
    expect(outcomes).toEqual([outcome]);
  });

  it("says nothing about other functions", () => {
    const text = "# nonlin: surrogate\ndef a(): pass\ndef b(): pass\n";
    expect(isDeclaredSurrogate(text, text.indexOf("a()"))).toBe(true);
    expect(isDeclaredSurrogate(text, text.indexOf("b()"))).toBe(false);
    expect(isDeclaredSurrogate("@surrogate\ndef a(): pass\n", 15)).toBe(false);
    expect(isDeclaredSurrogate("", 0)).toBe(false);
  });
});

describe("the command", () => {
  it("exits with 0 and says so, and with 1 where nothing is declared", async () => {
    const example = /```py surrogate\n([^]*?)```/.exec(readersDocument())![1]!;
    writeFileSync(join(folder, "spike.py"), example);
    const declared = await nonlin(["verify", "spike.py"], { folder });
    expect(declared).toEqual({
      code: 0,
      err: "",
      out: "spike.py:11:9: Spike.backward is not the derivative of Spike.forward, and is declared a surrogate: boxcar for the derivative of a step\n",
    });
    writeFileSync(join(folder, "spike.py"), example.replace("# nonlin: surrogate", ""));
    const { code, out } = await nonlin(["verify", "spike.py"], { folder });
    expect(code).toBe(1);
    expect(out).toContain("  it looks like a surrogate: boxcar for the derivative of a step\n");
    expect(out).toContain('write "nonlin: surrogate" in a comment above it\n');
    expect((await nonlin(["verify", "spike.py", "--format", "github"], { folder })).out).toMatch(/^::error /);
  });
});
