/** The numbers that loops compute with: their kinds, in which of them a loop mostly computes, and how much it does. */
import { allStatements, allValues, valuesOf, type Statement, type Value } from "../../ir/loops/loops.js";
import { elementOf, type Type } from "../../ir/loops/types.js";
import type { For } from "./strides.js";

export const isFloat = (type: Type): boolean => elementOf(type) === "f64" || elementOf(type) === "f32";

/** Elements of a vector: of float64 where a loop computes mostly such numbers, and of float32 where it does not. */
export const [DOUBLES, SINGLES] = [2, 4];

export const hasDoubles = (body: readonly Statement[]): boolean =>
  allStatements(body)
    .flatMap((one) => [
      ...valuesOf(one)
        .flatMap(allValues)
        .map(({ type }) => type),
      ...("type" in one ? [one.type] : []),
    ])
    .some((type) => elementOf(type) === "f64");

export const isMostlyDouble = (body: readonly Statement[]): boolean => {
  const computed = operationsIn(body).filter(({ op }) => op !== "widen" && op !== "narrow");
  const [doubles, singles] = ["f64", "f32"].map(
    (each) => computed.filter(({ type }) => elementOf(type) === each).length,
  );
  return hasDoubles(body) && doubles! >= singles!;
};

export const isInnermost = ({ body }: For): boolean =>
  allStatements(body).every(({ kind }) => kind !== "for" && kind !== "while");

/** The operations on numbers and truths. */
export const operationsIn = (body: readonly Statement[]): Extract<Value, { kind: "apply" }>[] =>
  allStatements(body)
    .flatMap(valuesOf)
    .flatMap(allValues)
    .filter((value) => value.kind === "apply")
    .filter(({ type }) => elementOf(type) !== "i32");
