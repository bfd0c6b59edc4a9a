/** The greatest depth of a tree: later passes recurse as deep as it is. A deeper one gets another answer, `tooDeep`. */
const DEEPEST = 200;

export type Nesting = <Result>(tooDeep: () => Result, inner: () => Result) => Result;

export function createNesting(): Nesting {
  let depth = 0;
  return (tooDeep, inner) => {
    if (depth >= DEEPEST) return tooDeep();
    depth += 1;
    try {
      return inner();
    } finally {
      depth -= 1;
    }
  };
}
