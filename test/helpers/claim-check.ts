/** A verdict against the letter of the semantics: both sides are read at points where claims go wrong. */
import { parseFormula } from "../../src/frontends/formula.js";
import { fromRational, sub } from "../../src/ir/build.js";
import { createFacts } from "../../src/symbolic/facts.js";
import { substitute, topological, variableOf, variables, type Expr } from "../../src/ir/expr.js";
import {
  addRational,
  invertRational,
  multiplyRational,
  rational,
  rationalFromNumber,
  rationalToNumber,
  type Rational,
} from "../../src/ir/rational.js";
import type { Oracle } from "../../src/symbolic/oracle.js";
import { judge, type Judgement } from "../../src/symbolic/prove/certificates/judge.js";
import type { Place } from "../../src/symbolic/prove/certificates/literal.js";
import { makeTask, type Task } from "../../src/symbolic/prove/task.js";
import type { Exception, Goal, Verdict } from "../../src/symbolic/prove/verdict.js";
import type { Random } from "./claims.js";

export interface Fault {
  readonly kind: "false proof" | "missing point" | "wrong point" | "false refutation" | "false witness";
  readonly place: string;
  readonly judgement: string;
}

/** How many points a claim is read at. */
const [MOST_SETS, MOST_INPUTS, MOST_SPOTS] = [6, 8, 40];

const NUMBERS = [0, 1, -1, 2, -2, 0.5, 3, -0.5, 1.5, -3].map(rationalFromNumber);
const THIRDS = [rational(1n, 3n), rational(2n, 7n)];

export async function faultOf(
  goal: Goal,
  verdict: Verdict,
  oracle: Oracle,
  random: Random,
): Promise<Fault | undefined> {
  if (verdict.verdict === "unknown") return undefined;
  const task = makeTask(goal);
  const fault = (kind: Fault["kind"], place: Place, judgement: Judgement): Fault => ({
    kind,
    place: textOf(place),
    judgement: JSON.stringify(judgement),
  });
  if (verdict.verdict === "refuted") {
    const { x, parameters } = verdict.witness;
    const place = new Map<Expr, Rational>([[task.input, rationalFromNumber(x)]]);
    for (const parameter of task.parameters)
      place.set(parameter, rationalFromNumber(parameters[variableOf(parameter).name]!));
    const isInside = [...place].every(([variable, value]) => inRange(variable, value));
    const judgement = judge(task, place, oracle, "sharp");
    if (!isInside) return fault("false witness", place, judgement);
    return judgement.kind === "agree" || judgement.kind === "silent"
      ? fault("false witness", place, judgement)
      : undefined;
  }
  const spots = verdict.verdict === "equal-except" ? await Promise.all(verdict.at.map((at) => spotOf(at, goal))) : [];
  for (const place of pointsOf(task, random)) {
    if (spots.some((spot) => isAt(spot, place))) continue;
    const judgement = judge(task, place, oracle);
    if (judgement.kind === "differ")
      return fault(verdict.verdict === "proved" ? "false proof" : "missing point", place, judgement);
  }
  for (const spot of spots) {
    const wrong = wrongSpot(spot, task, oracle, random);
    if (wrong !== undefined) return fault("wrong point", wrong, { kind: "agree", selected: false });
  }
  return undefined;
}

const textOf = (place: Place): string =>
  [...place].map(([variable, value]) => `${variableOf(variable).name} = ${fractionText(value)}`).join(", ");
const fractionText = ({ numerator, denominator }: Rational): string =>
  denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`;

const inRange = (variable: Expr, value: Rational): boolean => {
  const [low, high] = variableOf(variable).range;
  const number = rationalToNumber(value);
  return number >= low && number <= high;
};

/** Numbers of the claim and usual ones for the parameters; for the input those, the parameters, and what is near them. */
function* pointsOf(task: Task, random: Random): Generator<Place> {
  const { input, parameters, formula, claim } = task;
  const written = topological([formula, claim])
    .filter(({ op }) => op === "rational")
    .map(({ payload }) => payload as Rational)
    .filter((value) => Math.abs(rationalToNumber(value)) < 100);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const numbers = [...written, ...NUMBERS, ...THIRDS];
  for (let set = 0; set < (parameters.length === 0 ? 1 : MOST_SETS); set++) {
    const place = new Map<Expr, Rational>();
    for (const parameter of parameters) {
      const value = pick(random() < 0.5 ? numbers : [...numbers, ...place.values()]);
      place.set(parameter, inRange(parameter, value) ? value : rational(1n));
    }
    const values = [...place.values()];
    const special = [...written, ...values, ...values.flatMap((p) => combined(p, values)), ...NUMBERS];
    const inputs = new Map<string, Rational>();
    const include = (value: Rational): unknown => inRange(input, value) && inputs.set(fractionText(value), value);
    include(rational(0n));
    for (let count = 0; count < MOST_INPUTS; count++) {
      const value = pick(special);
      include(value);
      if (count % 3 === 0) include(addRational(value, rational(BigInt(pick([-1, 1])), BigInt(pick([7, 64, 1000])))));
    }
    for (const value of inputs.values()) yield new Map(place).set(input, value);
  }
}

/** What kinks are made of: halves, doubles, opposites, sums and quotients of parameters. */
function combined(p: Rational, others: readonly Rational[]): Rational[] {
  const by = (factor: Rational): Rational => multiplyRational(p, factor);
  return [
    by(rational(-1n)),
    by(rational(2n)),
    by(rational(1n, 2n)),
    by(p),
    ...others.flatMap((q) => [
      addRational(p, q),
      addRational(p, multiplyRational(q, rational(-1n))),
      ...(q.numerator === 0n ? [] : [by(invertRational(q))]),
    ]),
  ];
}

/** An exception read back: equations and inequalities between expressions. */
interface Spot {
  readonly conditions: readonly { readonly left: Expr; readonly right: Expr; readonly relation: string }[];
}

async function spotOf({ at }: Exception, { formula, claim }: Goal): Promise<Spot> {
  const [where, when] = at.split(/,? when /) as [string, string | undefined];
  const ranges = Object.fromEntries(
    variables(formula, claim)
      .map(variableOf)
      .map(({ name, range }) => [name, range]),
  );
  const parse = async (text: string): Promise<Expr> => (await parseFormula(text, { ranges })).expr;
  const relations = when?.split(" and ") ?? [];
  if (!/^every x|[<>]/.test(where)) relations.push(`x = ${where}`);
  else if (where !== "every x") relations.push(...chain(where));
  return {
    conditions: await Promise.all(
      relations.map(async (text) => {
        const [, left, relation, right] = /^(.*?) (<|=|>) (.*)$/.exec(text)!;
        return { left: await parse(left!), relation: relation!, right: await parse(right!) };
      }),
    ),
  };
}

/** `a < x < b` as two inequalities. */
function chain(text: string): string[] {
  const parts = text.split(" < ");
  return parts.length === 3 ? [`${parts[0]} < ${parts[1]}`, `${parts[1]} < ${parts[2]}`] : [text];
}

function isAt({ conditions }: Spot, place: Place): boolean {
  const closed = new Map([...place].map(([variable, value]) => [variable, fromRational(value)]));
  const facts = createFacts();
  return conditions.every(({ left, right, relation }) => {
    const { low, high, defined } = facts(substitute(sub(left, right), closed));
    if (!defined) return false;
    if (relation === "=") return Math.max(Math.abs(low), Math.abs(high)) < 1e-9;
    return relation === "<" ? high < 0 : low > 0;
  });
}

/** A point of an exception at which both sides agree, where they agree at every point that was tried. */
function wrongSpot({ conditions }: Spot, task: Task, oracle: Oracle, random: Random): Place | undefined {
  let agreed: Place | undefined;
  let count = 0;
  const seen = new Set<string>();
  for (const place of [1, 2, 3, 4].flatMap(() => [...pointsOf(task, random)])) {
    const there = new Map(place);
    for (const { left, right, relation } of conditions) {
      if (relation !== "=") continue;
      const closed = new Map([...there].map(([variable, value]) => [variable, fromRational(value)]));
      const { low, high } = createFacts()(substitute(right, closed));
      // What is no short rational is not looked at.
      const value = nearRational((low + high) / 2);
      if (value === undefined || left.op !== "variable" || !inRange(left, value)) return undefined;
      there.set(left, value);
    }
    if (seen.has(textOf(there)) || !isAt({ conditions }, there)) continue;
    seen.add(textOf(there));
    const judgement = judge(task, there, oracle);
    if (judgement.kind === "differ" || judgement.kind === "unclear") return undefined;
    if (judgement.kind === "agree") {
      if (judgement.selected) return undefined;
      agreed = there;
      count += 1;
    }
    if (seen.size > MOST_SPOTS) break;
  }
  // At one set of parameters two sides that differ elsewhere may happen to agree.
  return count >= (task.parameters.length === 0 ? 1 : 3) ? agreed : undefined;
}

function nearRational(value: number): Rational | undefined {
  for (let denominator = 1; denominator <= 720; denominator++) {
    const numerator = Math.round(value * denominator);
    if (Math.abs(numerator / denominator - value) < 1e-13 * Math.max(1, Math.abs(value)))
      return rational(BigInt(numerator), BigInt(denominator));
  }
  return undefined;
}
