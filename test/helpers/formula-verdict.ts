/** Judgement of what is emitted for a formula: right at hundreds of points, wrong, or said to be wrong. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { missesOf } from "../../src/cli/shell/inaccurate.js";
import { compile, differentiate, kinkInputs, type Compilation, type Oracle } from "../../src/pipeline/activation.js";
import { Diagnostic } from "../../src/diagnostic.js";
import { definitionFromFormula } from "../../src/frontends/definition.js";
import { x as input } from "../../src/ir/build.js";
import type { Definition } from "../../src/ir/definition.js";
import type { Expr } from "../../src/ir/expr.js";
import { criticalInputs } from "../../src/symbolic/critical.js";
import { derivative } from "../../src/symbolic/derivative.js";
import { randomFrom } from "./claims.js";
import type { EmittedModule } from "./modules.js";

/** "Reported" is wrong and said to be, so that nothing is emitted; "noted" is off, with a note; "wrong" is without a word. */
export type Outcome = "right" | "reported" | "noted" | "wrong" | "refused" | "crashed";

export interface Verdict {
  readonly formula: string;
  readonly outcome: Outcome;
  /** The first wrong value, or the message. */
  readonly detail: string;
  readonly milliseconds: number;
}

const ORDERS = ["value", "derivative", "secondDerivative"] as const;
type Order = (typeof ORDERS)[number];

/** Half of the digits of a format, or an input 64 of its last places away; subnormal numbers may count as 0. */
interface Allowance {
  readonly ofResult: number;
  readonly ofInput: number;
  readonly tiny: number;
  readonly largest: number;
}
const FLOAT64: Allowance = { ofResult: 2 ** -26, ofInput: 2 ** -46, tiny: 2 ** -1022, largest: Number.MAX_VALUE };
const FLOAT32: Allowance = { ofResult: 2 ** -12, ofInput: 2 ** -18, tiny: 2 ** -126, largest: 2 ** 128 - 2 ** 104 };

const POINTS = 400;
const MOST_CRITICAL = 160;

/** Points where parts of the formula overflow, vanish or cancel, and a spread over all magnitudes. */
function pointsOf(definition: Definition, exact: readonly Expr[]): number[] {
  const critical = exact.flatMap((expr) => criticalInputs(expr, input, {}, "float64"));
  const stride = Math.max(1, critical.length / MOST_CRITICAL);
  const points = [0, ...kinkInputs(definition, [{}])];
  for (let i = 0; i < critical.length; i += stride) points.push(critical[Math.floor(i)]!);
  const random = randomFrom(7);
  const spreads = [
    () => 2 ** (random() * 2080 - 1060),
    () => 2 ** (random() * 250 - 125),
    () => 2 ** (random() * 24 - 18),
    () => random() * 3,
    () => random() * 20,
    () => random() * 110,
    () => random() * 750,
  ];
  while (points.length < POINTS) points.push(spreads[points.length % spreads.length]!() * (random() < 0.5 ? -1 : 1));
  const rounded = points.map((at) => (Number.isFinite(Math.fround(at)) ? Math.fround(at) : at));
  return [...new Set(rounded)].slice(0, POINTS);
}

/** Inputs so near to 0 that they tell limits there, as others at these parts of them do, and what is as near to 0 as they. */
const BESIDE_0 = 2 ** -300;
const BESIDE = 2 ** -40;
const LIMIT_OF_0 = 2 ** -250;
const NEARER = [-1, 1, -0.5, 0.5];

/** What is right at each point; NaN where there is nothing that is, or another thing on either side. */
function rightValues(oracle: Oracle, definition: Definition, exact: readonly Expr[], points: readonly number[]) {
  const at = (xs: readonly number[]) =>
    oracle
      .evaluate(
        exact,
        xs.map((x) => ({ x })),
      )
      .map(({ high }) => high);
  const right = at(points);
  const kinks = new Set(kinkInputs(definition, [{}]));
  const steps = points.map((x) => (x === 0 ? BESIDE_0 : Math.abs(x) * BESIDE));
  const isJoined = points.map((x) => kinks.has(x));
  if (!isJoined.includes(true)) return right;
  const beside = NEARER.map((part) => at(points.map((x, i) => (isJoined[i] ? x + part * steps[i]! : x))));
  const limits = right.map((values, order) =>
    values.map((value, i) => {
      if (!isJoined[i]) return value;
      // A value of the function that is not its limit leaves nothing to differentiate, nor is there a limit of what grows.
      const near = [...beside.map((other) => other[order]![i]!), ...(order === 0 ? [value] : [])];
      const largest = Math.max(...near.map(Math.abs));
      if (largest <= LIMIT_OF_0) return 0;
      return Math.max(...near) - Math.min(...near) <= 2 ** -30 * largest ? near[0]! : NaN;
    }),
  );
  // Where pieces do not meet in one order, they do not in a higher one.
  for (const [order, values] of limits.entries())
    if (order > 0) values.forEach((_, i) => (values[i] = Number.isNaN(limits[order - 1]![i]) ? NaN : values[i]!));
  return limits.map((values, order) => (order === 0 ? right[0]! : values));
}

interface Call {
  readonly name: string;
  readonly order: Order;
  readonly allowance: Allowance;
  readonly of: (at: number) => number;
}

function callsOf(module: EmittedModule): readonly Call[] {
  const one = Float32Array.of(1);
  const loops: readonly Call[] = [
    { name: "forward", order: "value", allowance: FLOAT32, of: (at) => module.forward(Float32Array.of(at))[0]! },
    {
      name: "backward",
      order: "derivative",
      allowance: FLOAT32,
      of: (at) => {
        const x = Float32Array.of(at);
        return module.backward(one, module.saves === "output" ? module.forward(x) : x)[0]!;
      },
    },
  ];
  return [...ORDERS.map((order): Call => ({ name: order, order, allowance: FLOAT64, of: module[order] })), ...loops];
}

function isRight(got: number, want: number, slope: () => number, at: number, allowance: Allowance): boolean {
  if (Number.isNaN(want)) return true;
  const { ofResult, ofInput, tiny, largest } = allowance;
  if (Math.abs(want) > largest) return Math.abs(got) >= largest && Math.sign(got) === Math.sign(want);
  const error = Math.abs(got - want);
  return error <= ofResult * Math.abs(want) + tiny || error <= ofInput * Math.abs(at * slope());
}

/** The calls with a wrong result, and the first such result of each. */
function wrongCalls(oracle: Oracle, definition: Definition, module: EmittedModule): Map<string, string> {
  const { value, derivative: first, secondDerivative: second } = differentiate(definition);
  const exact = [value, first, second];
  const points = pointsOf(definition, [value, first]);
  const right = rightValues(oracle, definition, exact, points);
  const found = new Map<string, string>();
  for (const { name, order, allowance, of } of callsOf(module)) {
    const index = ORDERS.indexOf(order);
    const next = exact[index + 1] ?? derivative(exact[index]!, input);
    for (const [i, at] of points.entries()) {
      if (found.has(name) || (allowance === FLOAT32 && Math.fround(at) !== at)) continue;
      const want = right[index]![i]!;
      const got = of(at);
      const slope = (): number => oracle.evaluate([next], [{ x: at }])[0]!.high[0]!;
      if (!isRight(got, want, slope, at, allowance)) found.set(name, `${name}(${at}) = ${got}, not ${want}`);
    }
  }
  return found;
}

/** Compiles a formula for JavaScript and judges the module. */
export async function judgeFormula(formula: string, oracle: Oracle): Promise<Verdict> {
  const started = performance.now();
  const verdict = (outcome: Outcome, detail: string, ended = performance.now()): Verdict => ({
    formula,
    outcome,
    detail,
    milliseconds: ended - started,
  });
  let definition: Definition;
  let compilation: Compilation;
  try {
    definition = await definitionFromFormula({ id: "formula", formula });
    compilation = await compile(definition, { target: "js" }, oracle);
  } catch (error) {
    const { message } = error as Error;
    return verdict(error instanceof Diagnostic ? "refused" : "crashed", message);
  }
  const ended = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "formula-"));
  try {
    const file = join(folder, "formula.mjs");
    writeFileSync(file, compilation.artifacts.find(({ path }) => path.endsWith(".js"))!.text);
    const module = (await import(pathToFileURL(file).href)) as EmittedModule;
    const wrong = wrongCalls(oracle, definition, module);
    const misses = missesOf("formula", "js", compilation.accuracy);
    const reported = misses.filter(({ grade }) => grade === "wrong").map(missLine);
    if (reported.length > 0) return verdict("reported", reported[0]!, ended);
    const noted = new Set(misses.flatMap(({ functions }) => functions));
    const silent = [...wrong].filter(([name]) => !noted.has(name)).map(([, text]) => text);
    if (silent.length > 0) return verdict("wrong", silent.join("; "), ended);
    return wrong.size > 0 ? verdict("noted", [...wrong.values()].join("; "), ended) : verdict("right", "", ended);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const missLine = ({ functions, at, got, right }: ReturnType<typeof missesOf>[number]): string =>
  `${functions.join(", ")} at ${at}: ${got}, not ${right}`;
