/**
 * Every elementwise activation as WGSL, run on every driver: values and derivatives of the kernels against the emitted
 * float64 functions, at more than two million float32 patterns and at the inputs that break other people's shaders.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { createOracle, planActivation, type Oracle } from "../src/pipeline/activation.js";
import type { ActivationPlan, FunctionName } from "../src/codegen/target.js";
import { defaults, type ParameterValues } from "../src/ir/definition.js";
import { activationModule } from "../src/targets/wgsl/activation.js";
import type { ShaderModule } from "../src/targets/wgsl/shader.js";
import { wgsl } from "../src/targets/wgsl.js";
import { DRIVERS, mapF32, nagaProblems, openDevice, unavailable, validate, type OpenDevice } from "./helpers/gpu.js";
import { loadModule, type EmittedModule } from "./helpers/modules.js";
import { runElementwise } from "./helpers/wgsl-elementwise.js";
import { EXTREMES, concatenated, errorInUlps, everyFloat } from "./helpers/wgsl-accuracy.js";

/** What is promised of values and derivatives, in ULP of float32. */
const BOUND = 4;
/** Second derivatives are differences of more terms. */
const SECOND_BOUND = 16;
/** Near a zero that is not at 0 ULP means nothing: there as many of these units count, whatever the size; of waves everywhere. */
const UNIT = 2 ** -25;
const UNIT_OF_WAVES = 2 ** -23;
const SMALL = 0.25;
function crossesZero(of: (x: number) => number, x: number): boolean {
  const reach = Math.max(1.25, Math.abs(x) / 4);
  return Math.abs(x) > 0.05 && [reach / 4, reach].some((by) => of(x - by) * of(x + by) < 0);
}
const ALL = everyFloat(2039);
const SOME = everyFloat(65_537);

interface Subject {
  readonly plan: ActivationPlan;
  readonly module: ShaderModule;
  readonly exact: EmittedModule;
}

const subjects = new Map<string, Subject>();
let oracle: Oracle;

beforeAll(async () => {
  oracle = await createOracle();
  for (const definition of catalogue) {
    const { plan } = planActivation(definition, wgsl, oracle);
    subjects.set(definition.id, { plan, module: activationModule(plan), exact: await loadModule(definition.id) });
  }
});

const parametersOf = (plan: ActivationPlan): readonly ParameterValues[] =>
  [defaults(plan.definition), ...plan.definition.samples].map((set) =>
    Object.fromEntries(Object.entries(set).map(([name, value]) => [name, Math.fround(value)])),
  );

interface Worst {
  readonly ulps: number;
  readonly at: number;
  readonly got: number;
  readonly exact: number;
}

interface Exact {
  readonly of: (x: number) => number;
  /** What goes up and down as fast as its argument grows. */
  readonly waves: boolean;
  readonly misses: (x: number) => boolean;
}

/** What is subnormal may count as 0. */
const readings = (x: number): readonly number[] => (Math.abs(x) < 2 ** -126 && x !== 0 ? [x, 0 * x] : [x]);

function worstOf(got: Float32Array, x: Float32Array, exact: Float64Array, { of, waves, misses }: Exact): Worst {
  let worst: Worst = { ulps: 0, at: 0, got: 0, exact: 0 };
  for (let i = 0; i < x.length; i++) {
    let ulps = errorInUlps(got[i]!, exact[i]!);
    if (ulps <= worst.ulps || misses(x[i]!)) continue;
    ulps = Math.min(...readings(x[i]!).map((each) => errorInUlps(got[i]!, of(each))));
    const off = Math.abs(got[i]! - exact[i]!);
    if (waves) ulps = Math.min(ulps, off / UNIT_OF_WAVES);
    else if (ulps > worst.ulps && Math.abs(exact[i]!) < SMALL && crossesZero(of, x[i]!))
      ulps = Math.min(ulps, off / UNIT);
    if (ulps > worst.ulps) worst = { ulps, at: x[i]!, got: got[i]!, exact: exact[i]! };
  }
  return worst;
}

const opened = new Map<string, OpenDevice>();
const drivers = DRIVERS.filter((driver) => unavailable(driver) === undefined);
beforeAll(async () => {
  for (const driver of drivers) opened.set(driver.name, await openDevice(driver));
});
afterAll(() => opened.forEach((device) => device.close()));

/**
 * Derivatives that are a little beyond the bound, all for x < 0: of gelu's tails two exponentials and the factor of the tail
 * each have an error of their own, of squareplus' a root, a difference and two quotients; mish' is a difference of two terms.
 * Of golu the rounding of u = exp(-x), which may be 87, is multiplied by u in exp(-u); of xielu for x < 0 a line and an
 * exponential cancel, most where the learnable parameters make both slopes nearly the same; of laplace's tail the argument's
 * rounding is multiplied by its square; telu' is a difference of two terms.
 */
const BOUNDS: Readonly<Record<string, number>> = {
  gelu_erf: 4.5,
  gelu_tanh: 5,
  mish: 6,
  squareplus: 4.1,
  softcap: 4.1,
  telu: 6,
  laplace: 40,
  golu: 100,
  xielu: 20,
};
/** As golu's value; telu'' has terms that cancel where tanh is nearly 1. */
const SECOND_BOUNDS: Readonly<Record<string, number>> = { golu: 100, telu: 64 };

const NEVER = (): boolean => false;
/** Where float32 cannot do it, and why. */
const MISSES: Readonly<Record<string, (x: number, values: ParameterValues, of: FunctionName) => boolean>> = {
  // What stands beside the exponential that has vanished overflows just before the input is held at 2^20.
  gelu_tanh: (x, _, of) => of === "secondDerivative" && Math.abs(x) > 2 ** 19 && Math.abs(x) < 2 ** 20,
  // alpha · x is beyond the largest float32.
  snake: (x, { alpha }) => Math.abs(x * alpha! * 2) > 3.4e38,
  // x / cap is subnormal, or nothing, before it is multiplied with cap again.
  softcap: (x, { cap }, of) => of === "value" && Math.abs(x / cap!) < 2 ** -126,
  // Half of x, or half of that, is subnormal.
  bsilu: (x, _, of) => of === "value" && Math.abs(x) < 2 ** -123,
  // x², or 2x, is beyond the largest float32, and its product with softplus(alpha_p) is not; or a zero is as near to that at 0
  // as the test looks.
  xielu: (x, { alpha_n }, of) =>
    (of === "value" && (x * x > 3.4e38 || (alpha_n === 1 && Math.abs(x + 0.29) < 0.15))) ||
    (of === "derivative" && x > 1.7e38),
  // What stands beside a vanished exponential overflows, which gives NaN. The reference knows no value there, since it bounds
  // exp(exp(x)) no better than by infinity: so the search for forms does not see it.
  golu: (x, _, of) => (of === "derivative" && x < -1e21) || (of === "secondDerivative" && x < -1e38),
  telu: (x, _, of) => (of === "derivative" && x === Infinity) || (of === "secondDerivative" && x > 1e37),
  laplace: (x, _, of) => of === "value" && x < -1e22,
};

const exactly = (id: string, exact: EmittedModule, name: FunctionName, values: ParameterValues): Exact => ({
  of: (x) => exact[name](x, values),
  waves: id === "snake",
  misses: (x) => (MISSES[id] ?? NEVER)(x, values, name),
});

/** Ids, and whether both drivers gave the same bits for value and derivative at all inputs. */
const sameOnBoth = new Map<string, boolean>();
/** What is subnormal or NaN apart. */
const areSame = (a: Float32Array, b: Float32Array): boolean =>
  a.every((each, i) => each === b[i] || each !== each || (Math.abs(each) < 2 ** -126 && Math.abs(b[i]!) < 2 ** -126));

it("runs on both drivers", () => {
  const missing = DRIVERS.flatMap((driver) => unavailable(driver) ?? []);
  if (process.env["CI"] !== undefined) expect(missing).toEqual([]);
  else if (missing.length > 0) console.warn(`not on every driver: ${missing.join("; ")}`);
});

describe("what breaks other shaders", () => {
  const SIGMOID_OF_89 = Math.fround(1 / (1 + Math.exp(-89)));
  it.each([
    ["tanh", 89, 1, 0],
    ["tanh", -89, -1, 0],
    ["gelu_erf", -13.2, -5.7e-39, -7.6e-38],
    ["gelu_tanh", -13.2, 0, 0],
    ["gelu_erf", -Infinity, 0, 0],
    ["gelu_tanh", -Infinity, 0, 0],
    ["silu", -Infinity, 0, 0],
    ["softplus", 89, 89, SIGMOID_OF_89],
    ["softplus", -20, Math.log1p(Math.exp(-20)), Math.exp(-20) / (1 + Math.exp(-20))],
    ["mish", -Infinity, 0, 0],
    ["elu", -Infinity, -1, 0],
    ["relu", NaN, NaN, NaN],
  ])("%s(%d)", async (id, input, value, derivative) => {
    const { plan, module } = subjects.get(id)!;
    const x = new Float32Array(4).fill(input);
    for (const [driver, device] of opened) {
      const found = await runElementwise(device, module, x, parametersOf(plan)[0]!);
      for (const [got, wanted] of [
        [found.value[0]!, value],
        [found.derivative[0]!, derivative],
      ] as const)
        if (Number.isNaN(wanted)) expect(got, driver).toBeNaN();
        else expect(Math.abs(got - wanted), driver).toBeLessThanOrEqual(1e-6 * Math.abs(wanted) + 2 ** -124);
    }
  });
});

describe.each(catalogue.map(({ id }) => id))("%s", (id) => {
  it("is accepted by Dawn and by naga", async () => {
    const { module } = subjects.get(id)!;
    expect(await validate(module.code)).toEqual([]);
    expect(nagaProblems(module.code)).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4])("values and derivatives, parameters %i", async (which) => {
    const { plan, module, exact } = subjects.get(id)!;
    const values = parametersOf(plan)[which];
    if (values === undefined) return;
    const kinks = plan.definition.kinks.length === 0 ? [] : [Math.fround(1), Math.fround(-1)];
    const x = concatenated(which === 0 ? ALL : SOME, EXTREMES, Float32Array.from(kinks));
    const expected = {
      value: Float64Array.from(x, (each) => exact.value(each, values)),
      derivative: Float64Array.from(x, (each) => exact.derivative(each, values)),
    };
    const results: Float32Array[][] = [];
    for (const [driver, device] of opened) {
      const found = await runElementwise(device, module, x, values);
      results.push([found.value, found.derivative]);
      for (const name of ["value", "derivative"] as const) {
        const worst = worstOf(found[name], x, expected[name], exactly(id, exact, name, values));
        expect
          .soft(worst.ulps, `${name} on ${driver} ${JSON.stringify({ ...worst, values })}`)
          .toBeLessThanOrEqual(BOUNDS[id] ?? BOUND);
      }
    }
    if (which === 0 && results.length === 2)
      sameOnBoth.set(
        id,
        results[0]!.every((one, i) => areSame(one, results[1]![i]!)),
      );
  });

  it("second derivative", async () => {
    const { plan, module, exact } = subjects.get(id)!;
    const signature = new RegExp(`fn (\\w+_second_derivative)\\((?:x: f32)?,? ?([^)]*)\\)`).exec(module.code)!;
    const names = plan.definition.parameters.map(({ name }) => name);
    const given = signature[2]!
      .split(", ")
      .filter((text) => text !== "")
      .map((text) => `p.${text.split(":")[0]!}`);
    for (const values of parametersOf(plan)) {
      const x = concatenated(SOME, EXTREMES);
      const expected = Float64Array.from(x, (each) => exact.secondDerivative(each, values));
      for (const [driver, device] of opened) {
        const found = await mapF32(device, {
          functions: module.code,
          call: `${signature[1]!}(${["x", ...given].join(", ")})`,
          inputs: x,
          ...(names.length > 0 && { parameters: values }),
        });
        const worst = worstOf(found, x, expected, exactly(id, exact, "secondDerivative", values));
        expect
          .soft(worst.ulps, `on ${driver} ${JSON.stringify({ ...worst, values })}`)
          .toBeLessThanOrEqual(SECOND_BOUNDS[id] ?? SECOND_BOUND);
      }
    }
  });
});

it("gives the same bits on both drivers for most", () => {
  if (sameOnBoth.size === 0) return;
  const different = [...sameOnBoth].filter(([, same]) => !same).map(([id]) => id);
  console.info(
    `${sameOnBoth.size - different.length} of ${sameOnBoth.size} activations give the same bits on both drivers; not ${different.join(", ") || "one"}`,
  );
  expect(different.length).toBeLessThan(sameOnBoth.size / 2);
});
