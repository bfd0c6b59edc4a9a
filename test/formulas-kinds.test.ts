/** Kinds of formulas that once came out wrong, or were said to be, each judged at hundreds of points. */
import { describe, expect, it } from "vitest";
import { createOracle } from "../src/pipeline/activation.js";
import { judgeFormula, type Outcome } from "./helpers/formula-verdict.js";

const oracle = createOracle();

/** What is off in a note lies where no float32 is, or is what last places of the input make. */
const KINDS: Readonly<Record<string, Readonly<Record<string, Outcome>>>> = {
  "an exponential of an exponential has a sign where floats have 0": { "x*log(2-exp(-exp(x)))": "right" },
  "what grows in terms of both signs": { "x*exp(4*x+10)/(1+exp(x))": "right" },
  "a hole at 0": { "tanh(x)/x": "right" },
  "a half power left of 0": { "x/(1+abs(x)^1.5)^(1/1.5)": "right" },
  "atan beside a limit": { "2*atan(exp(x))-pi/2": "right" },
  "powers that cancel": { "1-(1+2*exp(x))^(-1/2)": "right" },
  "a power that overflows a little before its limit": { "1/(1+exp(-x)^2.5)": "right" },
  "residuals of what grows": { "(1+exp(x))^0.3-1": "right" },
  "a wave far out": { "exp(cos(x/1.5))": "right", "min(max(cos(0.7*x+1.5),-0.7),1.5)": "noted" },
  "a bound that no float is": { "x>0 ? sqrt((0.5*x)^2+1) : abs(1.702*x+3)": "noted" },
};

describe.each(Object.entries(KINDS))("%s", (_, formulas) => {
  it.each(Object.entries(formulas))("%s is %s", async (formula, outcome) => {
    const { outcome: found, detail } = await judgeFormula(formula, await oracle);
    expect(found, detail).toBe(outcome);
  });
});
