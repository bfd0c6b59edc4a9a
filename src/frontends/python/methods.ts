/** Calls of what classes have: methods of the class itself and of its instances, and `apply` of autograd. */
import { reason, type Span, type Refuse } from "../place.js";
import { isOfOtherFile } from "./assumptions.js";
import type { Passed } from "./calls.js";
import { lineage, methodOf, type Peek } from "./classes.js";
import { createContext } from "./context.js";
import type { FunctionNode } from "./syntax.js";
import * as why from "./unreadable.js";
import { tensor, type ClassValue, type FunctionValue, type Value } from "./values.js";
import { wrappersOf } from "./wrappers.js";

/** `def f(v)` in a class, which is only ever called as `A.f(v)`. */
const isOfItself = ([only, ...others]: FunctionNode["parameters"]): boolean =>
  only !== undefined && others.length === 0 && only.kind === "plain" && !/^(?:self|cls|this|_+)$/.test(only.name);

interface Parts {
  readonly refuse: Refuse;
  readonly peek: Peek;
  readonly call: (callee: FunctionValue, args: readonly Passed[], place: Span) => Value;
  readonly assume: (what: string) => void;
}

const CALLED = "a call of an object taken to be one of its forward";

export function createMethods({ refuse, peek, call, assume }: Parts) {
  /** `@classmethod`: it gets the class before everything else. */
  const isOfClass = (method: FunctionValue): boolean => isWrappedIn(method, "builtins.classmethod");
  const isWrappedIn = (method: FunctionValue, wrapper: string): boolean =>
    wrappersOf(method, peek).some(({ path }) => path === wrapper);
  const callOfClass = (self: ClassValue, name: string, args: readonly Passed[], place: Span): Value => {
    const { classes } = lineage(self, peek);
    const method = methodOf(classes, name === "apply" ? "forward" : name);
    if (method === undefined)
      return refuse(place, reason(`this class has no ${name === "apply" ? "forward" : name}`, "define it in it"));
    if (name !== "apply") return call(method, isOfClass(method) ? [{ value: self, place }, ...args] : args, place);
    // Tensors come in as they are, and are not changed there.
    const given = args.map((arg): Passed =>
      arg.value.kind === "tensor"
        ? { ...arg, value: tensor(arg.value.memory.content, { ...arg.value.memory, guard: why.SAVED }) }
        : arg,
    );
    const hasSetUp = methodOf(classes, "setup_context") !== undefined;
    const context: Passed = { value: { kind: "context", context: createContext(given.length) }, place };
    const own = isOfClass(method) ? [{ value: self, place }] : [];
    return call(method, [...own, ...(hasSetUp ? given : [context, ...given])], place);
  };

  const callOfInstance = (
    self: Extract<Value, { readonly kind: "context" }>,
    name: string,
    args: readonly Passed[],
    place: Span,
  ): Value => {
    const { classes, libraries } = lineage(self.context.of!, peek);
    const own = methodOf(classes, name);
    // Frameworks of one's own: `Cos()(x)` is what its forward makes of x.
    const forward = name === "__call__" && libraries.some(isOfOtherFile) ? methodOf(classes, "forward") : undefined;
    if (own === undefined && forward !== undefined) assume(CALLED);
    const found = own ?? forward;
    if (found === undefined) return refuse(place, reason("its class has no such method", "define it in it"));
    return call(found, [...boundTo(found, self, place), ...args], place);
  };
  /** The argument that a method gets without being given it. */
  const boundTo = (
    method: FunctionValue,
    self: Extract<Value, { readonly kind: "context" }>,
    place: Span,
  ): readonly Passed[] => {
    if (isOfClass(method)) return [{ value: self.context.of!, place }];
    const isStatic = isWrappedIn(method, "builtins.staticmethod");
    return isStatic || isOfItself(method.node.parameters) ? [] : [{ value: self, place }];
  };

  return { isOfClass, callOfClass, callOfInstance, boundTo };
}
