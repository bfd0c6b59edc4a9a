/**
 * Changes that a file may make, wherever it does so: names that get another value, members that are written, and the names
 * that each piece of it mentions. What may change is no constant; what cannot be read may change all that it mentions.
 */
import { indexed } from "../interpreter/mentions.js";
import type { Span } from "../place.js";
import { boundIn } from "./bindings.js";
import { childrenOf, span, type Node } from "./tree.js";

/** A name of the file or of Python, and what is done with it or with a member of it. */
export interface Mention {
  readonly name: string;
  /** Members behind dots, as far as there are no brackets between. */
  readonly path: readonly string[];
  /** `bare`: it goes elsewhere, under another name perhaps. `passed`: to a function. `bind`: the name gets a value. */
  readonly use: "read" | "call" | "bare" | "passed" | "write" | "bind";
  readonly start: number;
  readonly isInFunction: boolean;
  /** In the body of a class, where names belong to the class. */
  readonly isInClass: boolean;
}

export interface Effects {
  readonly mentions: readonly Mention[];
  readonly mentionsIn: (place: Span) => readonly Mention[];
  /** Names of members that are written, of whatever object, other than of ctx and self. */
  readonly written: ReadonlySet<string>;
  /** Functions change lists or tensors in place. */
  readonly writesInPlace: boolean;
  /** Where code is made of text, or names are looked up in a table. */
  readonly dynamic: Span | undefined;
}

const LISTS = /^(?:append|extend|insert|pop|remove|clear|sort|reverse|update|setdefault|assign\w*)$/;
const IN_PLACE = /^[a-z]\w*[a-z0-9]_$/;
/** They look at what they are given. */
const HARMLESS =
  /^(?:print|len|str|repr|isinstance|issubclass|float|int|bool|abs|min|max|sum|type|id|hasattr|getattr|callable|super|staticmethod)$/;
/** Names by which code is made while it runs; "vars" and the like give a table of names that can be changed. */
const CODE: ReadonlySet<string> = new Set("exec eval globals vars reload".split(" "));
const TABLES: ReadonlySet<string> = new Set(
  "__dict__ __code__ __defaults__ __kwdefaults__ __globals__ __class__ __bases__".split(" "),
);
/** `sys.modules` is such a table, `model.modules()` is not; `self.__class__.__name__` is a word. */
const isTable = (name: string, path: readonly string[], at: number): boolean =>
  path[at] === "modules" ? name === "sys" : TABLES.has(path[at]!) && path[at + 1] !== "__name__" && !isOfMaker(path);
/** `Options.__new__.__defaults__ = ...`, as people write it for a named tuple. */
const isOfMaker = ([maker, member]: readonly string[]): boolean => maker === "__new__" && member === "__defaults__";

/** `__add__ = ...` changes what "+" does; these change what they name. */
const SETTERS = /^__(?:set|del)(?:attr|item)__$/;
const LABELS = /^__(?:doc|name|module|qualname|all|version|author|annotations)__$/;

/** The names of one function, and how it takes others. */
interface Names {
  readonly own: ReadonlySet<string>;
  readonly outer: Names | undefined;
}

interface Place {
  readonly names: Names | undefined;
  readonly isInFunction: boolean;
  readonly isInClass: boolean;
}

export function effectsOf(script: Node, text: string): Effects {
  const textOf = (node: Node): string => text.slice(node.from, node.to);
  const mentions: Mention[] = [];
  const written = new Set<string>();
  let writesInPlace = false;
  let dynamic: Span | undefined;

  const isFunction = ({ name }: Node): boolean => name === "FunctionDefinition" || name === "LambdaExpression";

  /** `.data` and `[0]` after a name. */
  const chainOf = (node: Node): { readonly top: Node; readonly path: readonly string[]; readonly isWhole: boolean } => {
    const path: string[] = [];
    let top = node;
    let isWhole = true;
    for (let parent = top.parent; parent?.name === "MemberExpression"; parent = top.parent) {
      if (parent.firstChild!.from !== top.from) break;
      const last = childrenOf(parent).at(-1)!;
      if (last.name === "PropertyName" && isWhole) path.push(textOf(last));
      else isWhole = false;
      top = parent;
    }
    return { top, path, isWhole };
  };

  const isBefore = (node: Node, sign: string): boolean => {
    for (let next = node.nextSibling; next !== null; next = next.nextSibling) if (next.name === sign) return true;
    return false;
  };
  const isAfter = (node: Node, sign: string): boolean => {
    for (let next = node.prevSibling; next !== null; next = next.prevSibling) if (next.name === sign) return true;
    return false;
  };

  /** Whether a value is put here: on the left of "=", behind "for", "as" or "del". */
  const isTarget = (top: Node): boolean => {
    let at = top;
    while (at.parent !== null && /^(?:Tuple|Array|Parenthesized)Expression$/.test(at.parent.name)) at = at.parent;
    const { parent } = at;
    switch (parent?.name) {
      case "AssignStatement":
        return isBefore(at, "AssignOp");
      case "UpdateStatement":
        return isBefore(at, "UpdateOp");
      case "NamedExpression":
        return isBefore(at, "AssignOp");
      case "DeleteStatement":
        return true;
      case "ForStatement":
        return isBefore(at, "in");
      case "WithStatement":
        return at.prevSibling?.name === "as";
      case "TryStatement":
        return at.prevSibling?.name === "as";
      case "CapturePattern":
      case "AsPattern":
        return true;
      default:
        return parent !== null && parent !== undefined && /Comprehension/.test(parent.name)
          ? isAfter(at, "for") && isBefore(at, "in")
          : false;
    }
  };

  /** The use of an argument, by what is called: a name of Python that only looks, of a library, or of this file. */
  const useInCall = (list: Node, at: Node): Mention["use"] => {
    const callee = list.parent?.firstChild;
    const isOut = at.prevSibling?.name === "AssignOp" && textOf(at.prevSibling.prevSibling ?? at) === "out";
    if (isOut) return "write";
    if (callee === null || callee === undefined || list.parent?.name === "ClassDefinition") return "read";
    const written = textOf(callee);
    if (HARMLESS.test(written)) return "read";
    return /^(?:torch|math|np|numpy|jnp|jax|tf)\.[\w.]*[a-z0-9]$/.test(written) ? "read" : "passed";
  };

  const useOf = (top: Node, path: readonly string[]): Mention["use"] => {
    const { parent } = top;
    if (isTarget(top)) return top.name === "VariableName" ? "bind" : "write";
    if (parent?.name === "CallExpression" && parent.firstChild!.from === top.from) {
      const last = path.at(-1) ?? "";
      return IN_PLACE.test(last) || LISTS.test(last) ? "write" : "call";
    }
    if (parent?.name === "ArgList") return useInCall(parent, top);
    if (parent?.name === "BinaryExpression" || parent?.name === "UnaryExpression") return "read";
    if (parent?.name === "MemberExpression" || parent?.name === "ExpressionStatement") return "read";
    return "bare";
  };

  const note = (node: Node, { names, isInFunction, isInClass }: Place): void => {
    const name = textOf(node);
    const { top, path } = chainOf(node);
    const use = useOf(top, path);
    if (use === "write") {
      const last = childrenOf(top).at(-1);
      const isOwn = (name === "self" || name === "ctx") && path.length === 1;
      if (isTarget(top) && last?.name === "PropertyName" && !isOwn) {
        const member = textOf(last);
        written.add(member);
        if (/^__\w+__$/.test(member) && !LABELS.test(member) && !isOfMaker(path)) dynamic ??= span(last);
      }
      if (isInFunction) writesInPlace = true;
    }
    if (use === "bind" && isInFunction && top.parent?.name === "UpdateStatement") writesInPlace = true;
    if (path.some((member) => SETTERS.test(member))) dynamic ??= span(node);
    if (use !== "read" && path.some((_, i) => isTable(name, path, i))) dynamic ??= span(node);
    if (CODE.has(name) && top.parent?.name === "CallExpression") dynamic ??= span(top.parent);
    if (/^(?:setattr|delattr)$/.test(name) && top.parent?.name === "CallExpression") noteSetting(top.parent);
    for (let at = names; at !== undefined; at = at.outer) if (at.own.has(name)) return;
    mentions.push({ name, path, use, start: node.from, isInFunction, isInClass });
  };

  /** `setattr(A, "alpha", 3)`. */
  const noteSetting = (call: Node): void => {
    const args = childrenOf(call.lastChild!).filter(({ name }) => !/^[(),]$/.test(name));
    const key = args[1]?.name === "String" ? textOf(args[1]).slice(1, -1) : undefined;
    if (args[0] !== undefined && /^(?:ctx|self)$/.test(textOf(args[0]))) return;
    if (key === undefined) dynamic ??= span(call);
    else written.add(key);
  };

  const stack: (Place & { readonly node: Node })[] = [
    { node: script, names: undefined, isInFunction: false, isInClass: false },
  ];
  while (stack.length > 0) {
    const { node, ...place } = stack.pop()!;
    const { names, isInFunction } = place;
    if (node.name === "ImportStatement" || node.name === "ScopeStatement" || node.name === "TypeDef") {
      if (node.name === "ScopeStatement")
        for (const child of childrenOf(node))
          if (child.name === "VariableName")
            mentions.push({
              name: textOf(child),
              path: [],
              use: "bind",
              start: child.from,
              isInFunction: true,
              isInClass: false,
            });
      continue;
    }
    if (node.name === "VariableName" && isReference(node)) note(node, place);
    const isInside = isFunction(node);
    const own = isInside ? { own: boundIn(node, textOf), outer: names } : names;
    for (const child of [...childrenOf(node)].reverse())
      stack.push({
        node: child,
        names: own,
        isInFunction: isInFunction || isInside,
        isInClass: !isInside && (place.isInClass || node.name === "ClassDefinition"),
      });
  }

  return {
    ...indexed(mentions),
    written,
    writesInPlace,
    dynamic,
  };

  function isReference({ parent, prevSibling, nextSibling }: Node): boolean {
    switch (parent?.name) {
      case "FunctionDefinition":
        return prevSibling?.name !== "def";
      case "ClassDefinition":
        return prevSibling?.name !== "class";
      case "ParamList":
        return prevSibling?.name === "AssignOp";
      case "ArgList":
        // `name=value`.
        return !(nextSibling?.name === "AssignOp" && prevSibling?.name !== "AssignOp");
      default:
        return true;
    }
  }
}
