/** What emitted Python calls: names with their keywords, read from its syntax tree. */
import { parser } from "@lezer/python";

export interface PythonCall {
  /** `torch.where`, `F.gelu`, or for what is no plain name the method: `.sum_to_size`. */
  readonly callee: string;
  readonly keywords: readonly string[];
}

/** All dotted names of a text, and the calls with their keywords. */
export function readPython(text: string): {
  readonly names: ReadonlySet<string>;
  readonly calls: readonly PythonCall[];
} {
  const names = new Set<string>();
  const calls: PythonCall[] = [];
  const slice = ({ from, to }: { readonly from: number; readonly to: number }): string => text.slice(from, to);
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`no Python at ${text.slice(node.from, node.from + 60)}`);
      if (node.name === "MemberExpression") names.add(pathOf(slice(node)));
      if (node.name !== "CallExpression") return;
      const callee = node.node.firstChild!;
      const list = node.node.getChild("ArgList")!;
      const keywords: string[] = [];
      for (let child = list.firstChild; child !== null; child = child.nextSibling)
        if (child.name === "VariableName" && child.nextSibling?.name === "AssignOp") keywords.push(slice(child));
      calls.push({ callee: pathOf(slice(callee)), keywords });
    },
  });
  return { names, calls };
}

const pathOf = (text: string): string => {
  const plain = text.replace(/\s+/g, "");
  return /^[A-Za-z_][\w.]*$/.test(plain) ? plain : `.${/(\w+)$/.exec(plain)?.[1] ?? ""}`;
};
