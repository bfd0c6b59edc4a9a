/** The whole catalogue's certificates: accepted as they are, rejected with anything changed, and never for a wrong derivative. */
import { beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { topological, variables } from "../src/ir/expr.js";
import { createOracle } from "../src/pipeline/activation.js";
import { createProver, type Prover } from "../src/symbolic/prove/prove.js";
import { TAMPERINGS, certified, check, withClaim, type Certified } from "./helpers/certificates.js";
import { mutants } from "./helpers/mutants.js";

const python = process.env["NONLIN_PYTHON"];
let prover: Prover;
let all: readonly Certified[];
beforeAll(async () => {
  prover = createProver(await createOracle());
  all = catalogue.flatMap((definition) => certified(definition, prover));
});

/** Wrong claims of each kind that are tried of one right claim. */
const MUTANTS = 6;

describe.skipIf(python === undefined)("the catalogue's certificates", () => {
  it("are accepted", () => {
    const { rejected, summary } = check(python!, all);
    expect([...rejected]).toEqual([]);
    expect(summary).toBe(`${all.length} claims checked, 0 rejected, 0 without a proof`);
  });

  it.each(Object.keys(TAMPERINGS))("are rejected with %s changed", (name) => {
    const tampered = all.flatMap(({ says, record }) => {
      const changed = TAMPERINGS[name]!(record);
      return changed === undefined ? [] : [{ says, record: changed }];
    });
    const { rejected } = check(python!, tampered);
    expect(tampered.length).toBeGreaterThan(0);
    expect(tampered.filter(({ says }) => !rejected.has(says)).map(({ says }) => says)).toEqual([]);
  });

  it("are rejected for derivatives that are wrong", () => {
    const wrong = all.flatMap(({ says, claim: { goal }, record }) => {
      const found = mutants(goal.claim, variables(goal.formula)).filter(({ claim }) => isPlain(claim));
      const step = Math.max(1, Math.floor(found.length / MUTANTS));
      return found
        .filter((_, i) => i % step === 0)
        .filter(({ claim }) => prover.prove({ ...goal, claim }).verdict === "refuted")
        .map(({ claim, change }, i) => ({ says: `${says}, ${i}: ${change}`, record: withClaim(record, claim) }));
    });
    const { rejected } = check(python!, wrong);
    expect(wrong.length).toBeGreaterThan(300);
    expect(wrong.filter(({ says }) => !rejected.has(says)).map(({ says }) => says)).toEqual([]);
  });
});

/** Floats that are no numbers are in no certificate. */
const isPlain = (claim: Certified["claim"]["goal"]["claim"]): boolean =>
  topological([claim]).every(({ op }) => op !== "float");
