/** What is read later recurses as deep as the tree, so the tree is no deeper than this: beyond it something else is answered. */
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
