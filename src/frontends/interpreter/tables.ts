/** Tables of what each kind of something stands for. */

interface Kinded {
  readonly kind: string;
}

export type Table<Node extends Kinded, Args extends readonly unknown[], Result> = {
  readonly [Kind in Node["kind"]]: (node: Extract<Node, { readonly kind: Kind }>, ...args: Args) => Result;
};

/** The row of a table for what is asked. */
export const byKind =
  <Node extends Kinded, Args extends readonly unknown[], Result>(table: Table<Node, Args, Result>) =>
  (node: Node, ...args: Args): Result =>
    (table[node.kind as Node["kind"]] as (node: Node, ...args: Args) => Result)(node, ...args);
