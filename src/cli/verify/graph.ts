/** The gradients of graphs as claims, at sizes of 1 to 4. */
import { Diagnostic } from "../../diagnostic.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import { formulaText } from "../../ir/print.js";
import { SMALL_SIZES, unrolledClaims } from "../../symbolic/unrolled.js";
import type { Claim } from "./claim.js";
import type { Found } from "./source.js";

const LONGEST_FORMULA = 300;

/** For each size that is not too large, the gradients of all inputs. */
export function claimsOfGraph(definition: GraphDefinition): readonly Found[] {
  const found = SMALL_SIZES.flatMap((n): Found[] => {
    const unrolled = unrolledClaims(definition, n);
    if (unrolled === undefined) return [];
    const claims = unrolled.map(({ input, goals: [first, ...others], names }): Claim => {
      const [holds, fails] = ["right", "wrong"].map((what) => `the gradient of ${input} is ${what}`) as [
        string,
        string,
      ];
      return {
        place: `${definition.id} with sizes of ${n}`,
        ...{ holds, fails, short: `d${input}`, goal: first!, also: others, names },
        write: (expr) => formulaText(expr, LONGEST_FORMULA).split("\n"),
        kinks: [],
        label: { id: definition.id, of: `d${input}`, sizes: n },
      };
    });
    return [{ claims, problems: [] }];
  });
  if (found.length > 0) return found;
  throw new Diagnostic(`the gradients of ${definition.id} are not proved: they are no expressions of few elements`, {
    hint: "proved are graphs whose reductions are sums, largest elements and log-sum-exps; the tests check all others by finite differences and against PyTorch",
  });
}
