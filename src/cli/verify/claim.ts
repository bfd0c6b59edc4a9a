/** The claims that `nonlin verify` proves: goals, each with its wording for people. */
import { differentiate } from "../../pipeline/activation.js";
import type { ReadGoal } from "../../frontends/batch.js";
import type { ReadClaim } from "../../frontends/report.js";
import type { Definition } from "../../ir/definition.js";
import { substitute, variableOf, variables, type Expr } from "../../ir/expr.js";
import { formulaText } from "../../ir/print.js";
import { goalsByResult } from "../../symbolic/by-result.js";
import { derivative } from "../../symbolic/derivative.js";
import type { Oracle } from "../../symbolic/oracle.js";
import { createProver, type Prover } from "../../symbolic/prove/prove.js";
import type { Goal, Place, Proof, Verdict } from "../../symbolic/prove/verdict.js";
import { normalForm } from "../../symbolic/simplify.js";
import { quote } from "../shell/text.js";
import type { Distance } from "./gap.js";
import { withOtherOperands, withOtherSlope } from "./ties.js";

export interface Claim {
  /** Where it was found, such as `elu` or `file.ts:12:7`; "" where there is no other. */
  readonly place: string;
  /** A sentence that is true when the goal is, and its opposite. */
  readonly holds: string;
  readonly fails: string;
  /** The name by which proved claims of one place share a line. */
  readonly short?: string;
  readonly goal: Goal;
  /** More that has to be proved for the same sentence. */
  readonly also?: readonly Goal[];
  /** For a function of several results, the gradients from above that are in the formula and in the claim. */
  readonly gradients?: readonly Expr[];
  /** Another way to read what is claimed, for a claim that is wrong as it stands. */
  readonly otherwise?: Reading;
  /** At a tie of `max` or `min` the slope of either operand will do. */
  readonly hasTies?: boolean;
  /** The goal where callers leave arguments out, and these arguments. */
  readonly usually?: { readonly goal: Goal; readonly given: readonly string[] };
  /** A variable's name in the goal, and what the user calls it where that differs. */
  readonly names: ReadonlyMap<string, string>;
  /** How the user writes expressions. */
  readonly write: (expr: Expr) => readonly string[];
  /** Inputs at which the two sides may differ. */
  readonly kinks: readonly Expr[];
  /** The fields that tell it from others in JSON. */
  readonly label: Readonly<Record<string, unknown>>;
  /** Its author says that it is no derivative, on purpose. */
  readonly isSurrogate?: boolean;
  /** It is claimed for its place in a list alone: where others like it are. */
  readonly guess?: string;
  /** Why it was read for a part of the inputs alone: what is wrong there is wrong, but nothing is proved by it. */
  readonly part?: string;
}

/** Another meaning of a claim, and the words for it. */
export interface Reading extends Pick<Claim, "holds" | "fails" | "goal"> {
  readonly label: Readonly<Record<string, unknown>>;
}

/** How long a claim may take. */
const MOST_MILLISECONDS = 4000;

export interface TimedProver extends Prover {
  /** From here on everything that is asked shares the time of one claim. */
  readonly begin: () => void;
}

/** A prover that gives up on what takes too long: one claim does not keep the others waiting. */
export function createTimedProver(oracle: Oracle): TimedProver {
  let shared: number | undefined;
  const { prove, record } = createProver(oracle, () => {
    const end = shared ?? performance.now() + MOST_MILLISECONDS;
    return () => performance.now() > end;
  });
  return { prove, record, begin: () => void (shared = performance.now() + MOST_MILLISECONDS) };
}

export interface Answer {
  readonly claim: Claim;
  readonly proof: Proof;
  /** Everything that was proved for it. */
  readonly goals: readonly Goal[];
  /** The proof, or none, of a refuted claim where callers leave arguments out. */
  readonly atDefaults?: Proof;
  /** That proof is of the slope of the other operand at ties. */
  readonly isTiedAtDefaults?: boolean;
  /** The look of a wrong claim that may be meant to be no derivative. */
  readonly look?: string;
  readonly milliseconds: number;
  /** Equal but for inputs at which it was allowed to differ. */
  readonly allowed: boolean;
  /** The answer to the other way to read it, which is no proof either. */
  readonly other?: Answer;
  /** How far a refuted claim is from what is right, and whether the user accepts that. */
  readonly distance?: Distance;
  readonly accepted?: boolean;
}

export const NO_NAMES: ReadonlyMap<string, string> = new Map();

const LONGEST_FORMULA = 300;
const inFormulas = (expr: Expr): readonly string[] => formulaText(expr, LONGEST_FORMULA).split("\n");

/** The derivatives of a definition as the compiler makes them. */
export function claimsOfDefinition(definition: Definition, prover: Prover): Claim[] {
  const { formula, id, kinks, parameters } = definition;
  const exact = differentiate(definition, prover);
  const claim = (short: string, goal: Omit<Goal, "formula">): Claim => ({
    place: id,
    holds: `${short} is right`,
    fails: `${short} is wrong`,
    short,
    goal: { formula, ...goal },
    names: NO_NAMES,
    write: inFormulas,
    kinks,
    label: { id, of: short },
  });
  return [
    claim("f'", { claim: exact.derivative, order: 1 }),
    claim("f''", { claim: exact.secondDerivative, order: 2 }),
    ...parameters.map(({ name, symbol }) =>
      claim(`df/d${name}`, { claim: normalForm(derivative(exact.value, symbol)), order: 1, variable: symbol }),
    ),
  ];
}

const ORDINALS = ["", "", "second ", "third ", "fourth ", "fifth ", "sixth ", "seventh ", "eighth ", "ninth "];

/** That one thing is the derivative of another, in words. */
export function sentences(claim: string, formula: string, order: number): Pick<Claim, "holds" | "fails"> {
  if (order === 0) return { holds: `${claim} equals ${formula}`, fails: `${claim} does not equal ${formula}` };
  const rest = `the ${ORDINALS[order]!}derivative of ${formula}`;
  return { holds: `${claim} is ${rest}`, fails: `${claim} is not ${rest}` };
}

/** A claim that was written as formulas. */
export const claimOfFormulas = (goal: ReadGoal, formula: string, claimed: string): Claim => ({
  place: "",
  ...sentences(quote(claimed), quote(formula), goal.order),
  goal,
  names: NO_NAMES,
  write: inFormulas,
  kinks: [],
  label: { formula, derivative: claimed, order: goal.order },
});

/** Asks the prover; a failure of ours is an answer too, so that the others still get theirs. */
export function proveGoal(goal: Goal, prover: Prover): { readonly proof: Proof; readonly milliseconds: number } {
  const started = performance.now();
  const proof = ((): Proof => {
    try {
      return prover.prove(goal);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { verdict: "unknown", reason: `internal error: ${message.split("\n")[0]}`, cells: [] };
    }
  })();
  return { proof, milliseconds: performance.now() - started };
}

/** All of them, or the first that is not proved. */
function proveAll(goals: readonly [Goal, ...Goal[]], prover: Prover): Pick<Answer, "proof" | "goals" | "milliseconds"> {
  const proofs: Proof[] = [];
  let milliseconds = 0;
  for (const goal of goals) {
    const next = proveGoal(goal, prover);
    milliseconds += next.milliseconds;
    proofs.push(next.proof);
    if (next.proof.verdict !== "proved") break;
  }
  const last = proofs[proofs.length - 1]!;
  if (proofs.length === 1 || last.verdict !== "proved") return { proof: last, goals, milliseconds };
  const proof: Proof = {
    verdict: "proved",
    // The steps are written when somebody wants them.
    get cells() {
      return proofs.flatMap(({ cells }) => cells);
    },
  };
  return { proof, goals, milliseconds };
}

/** The claim about a derivative whose argument is the output of the function, or its input, whatever it is called. */
export function otherwiseOf(
  goal: Goal,
  { ofOutput, ofInput }: Pick<ReadClaim, "ofOutput" | "ofInput">,
  { holds, fails }: Pick<Claim, "holds" | "fails">,
): Pick<Claim, "otherwise"> {
  const claim = ofOutput ?? ofInput;
  const of = ofOutput === undefined ? "input" : "output";
  const said = `as a function of its ${of}`;
  return claim === undefined
    ? {}
    : {
        otherwise: { holds: `${holds}, ${said}`, fails: `${fails}, ${said}`, goal: { ...goal, claim }, label: { of } },
      };
}

/** The claim where callers leave arguments out; undefined where none has a default. */
export function ofDefaults(
  goal: Goal,
  { usual = new Map(), names }: Pick<ReadClaim, "usual" | "names">,
): Claim["usually"] {
  const left = variables(goal.formula, goal.claim).filter((each) => usual.has(each) && each !== goal.variable);
  if (left.length === 0) return undefined;
  const values = new Map(left.map((each) => [each, usual.get(each)!.value]));
  const nameOf = (each: Expr): string => names.get(variableOf(each).name) ?? variableOf(each).name;
  return {
    goal: { ...goal, formula: substitute(goal.formula, values), claim: substitute(goal.claim, values) },
    given: left.map((each) => `${nameOf(each)} = ${usual.get(each)!.written}`),
  };
}

/** The answer to a claim; one that is wrong as it stands is read otherwise where that is proved. */
export function answer(claim: Claim, prover: Prover): Answer {
  const result = proveAll([claim.goal, ...(claim.also ?? [])], prover);
  const { otherwise, usually, part } = claim;
  if (part !== undefined && result.proof.verdict !== "refuted") {
    const proof: Proof = {
      verdict: "unknown",
      reason: part,
      get cells() {
        return result.proof.cells;
      },
    };
    return { claim, ...result, proof, allowed: false };
  }
  const isWrong = result.proof.verdict === "refuted" || result.proof.verdict === "equal-except";
  const readAs = (reading: Reading | undefined): Answer | undefined =>
    reading && {
      claim: { ...claim, ...reading, label: { ...claim.label, ...reading.label } },
      ...proveGoal(reading.goal, prover),
      goals: [reading.goal],
      allowed: false,
    };
  const atTies = ({ verdict }: Proof, reading: Reading): Answer | undefined => {
    const tied = verdict === "equal-except" && claim.hasTies === true ? readAs(withOtherSlope(reading)) : undefined;
    return tied?.proof.verdict === "proved" ? tied : undefined;
  };
  const other = isWrong ? readAs(otherwise) : undefined;
  if (other?.proof.verdict === "proved") return other;
  const tied = atTies(result.proof, claim) ?? (other && atTies(other.proof, otherwise!));
  if (tied !== undefined) return tied;
  const { verdict } = result.proof;
  const usual = verdict === "refuted" && usually !== undefined ? proveGoal(usually.goal, prover).proof : undefined;
  const turned = usual?.verdict === "equal-except" && claim.hasTies === true && withOtherOperands(usually!.goal);
  const isTiedAtDefaults = turned && proveGoal(turned, prover).proof.verdict === "proved";
  const atDefaults: Proof | undefined = isTiedAtDefaults ? { verdict: "proved", cells: [] } : usual;
  return {
    claim,
    ...(other !== undefined && { other }),
    ...(atDefaults && atDefaults.verdict !== "unknown" && { atDefaults }),
    ...(isTiedAtDefaults && { isTiedAtDefaults }),
    ...(resultByResult(claim, result.proof, prover) ?? result),
    allowed: onlyAtKinks(claim, result.proof, prover),
  };
}

/** The proof for each of several results: a join that is smooth for certain gradients from above alone is none. */
function resultByResult(
  { goal, gradients }: Claim,
  { verdict, places }: Proof & { readonly places?: readonly Place[] },
  prover: Prover,
): ReturnType<typeof proveAll> | undefined {
  const isSpecial = verdict === "equal-except" && places?.every(({ forSpecialParameters }) => forSpecialParameters);
  const [first, ...others] = (isSpecial === true && gradients && goalsByResult(goal, gradients)) || [];
  const found = first && proveAll([first, ...others], prover);
  return found?.proof.verdict === "proved" ? found : undefined;
}

/** The verdict for people: what is declared to be no derivative is not called wrong. */
export const verdictOf = ({ claim, proof }: Answer): Verdict["verdict"] | "surrogate" =>
  claim.isSurrogate === true && proof.verdict !== "proved" ? "surrogate" : proof.verdict;

/** Are all the inputs at which the sides differ kinks of the definition? A place for special parameters alone is none. */
function onlyAtKinks({ kinks }: Claim, proof: Proof, prover: Prover): boolean {
  if (proof.verdict !== "equal-except" || kinks.length === 0) return false;
  const isKink = (claim: Expr): boolean =>
    kinks.some((formula) => proveGoal({ formula, claim, order: 0 }, prover).proof.verdict === "proved");
  return proof.places.every(
    ({ input, forSpecialParameters }) => input !== undefined && !forSpecialParameters && isKink(input),
  );
}
