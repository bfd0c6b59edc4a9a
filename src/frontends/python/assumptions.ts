/** Things of other files that are taken for granted, and said: decorators, classes and managers that change nothing. */
import type { Reason, Refuse, Span } from "../place.js";
import type { Peek } from "./classes.js";
import type { Expression, FunctionNode } from "./syntax.js";
import { DECORATOR } from "./unreadable.js";
import type { Scope } from "./values.js";
import { wrapperOf } from "./wrappers.js";

/** Decorators that leave what a function computes as it is. */
const HARMLESS =
  /^(?:builtins\.(?:staticmethod|classmethod)|jax\.(?:custom_[jv][jv]p|custom_gradient|jit)|numpy\.vectorize|autograd\.(?:extend|core)\.primitive|triton\.(?:jit|autotune|heuristics)|torch\.library\.custom_op|torch\.(?:jit\.(?:script|ignore|unused|export|script_method)|no_grad|enable_grad|inference_mode|compile|autograd\.once_differentiable|(?:cuda\.)?amp\.(?:autocast_mode\.)?custom_(?:fwd|bwd)|_dynamo\.\w+|compiler\.\w+)|tensorflow\.(?:function|python\.framework\.function\.Defun|autograph\.experimental\.do_not_convert|custom_gradient|keras\.(?:utils|saving)\.register_keras_serializable)|keras\.(?:utils|saving)\.register_keras_serializable|functools\.(?:lru_cache|cache)|abc\.\w+|typing\.\w+)$/;
export const VECTORIZE = "numpy.vectorize";
/** It takes the type of all results from the first one. */
export const OF_FLOATS = "np.vectorize taken to give floats";

interface Parts {
  readonly refuse: Refuse;
  readonly peek: Peek;
  readonly written: (place: Span) => string;
  /** The function is one of another file of the project. */
  readonly isOfOthers: (node: FunctionNode) => boolean;
}

export function createAssumptions({ refuse, peek, written, isOfOthers }: Parts) {
  let assumed = new Set<string>();
  const assume = (what: string): void => void assumed.add(what);
  const assumeUnchanged = (place: Span, sign = ""): void => assume(`${sign}${written(place)} taken to change nothing`);

  const calleeOf = (expression: Expression): Expression =>
    expression.kind === "call" ? expression.callee : expression;
  const pathOf = (expression: Expression, scope: Scope): string => wrapperOf(expression, scope, peek).path;
  /** Something of another file is taken to change nothing; anything else is refused. */
  const takeForHarmless = (expression: Expression, path: string, reason: Reason, sign = ""): void => {
    if (!isOfOtherFile(path)) refuse(expression, reason);
    assumeUnchanged(calleeOf(expression), sign);
  };

  const checkDecorator = (decorator: Expression, scope: Scope): void => {
    const path = pathOf(decorator, scope);
    const value = peek(calleeOf(decorator), scope);
    if (value?.kind === "function" && isOfOthers(value.node)) return assumeUnchanged(calleeOf(decorator), "@");
    if (path === VECTORIZE) assume(OF_FLOATS);
    if (HARMLESS.test(path)) return;
    // A rule for the tangents of another function.
    if (decorator.kind === "member" && decorator.name === "defjvp") return;
    takeForHarmless(decorator, path, DECORATOR, "@");
  };

  return {
    assume,
    assumeUnchanged,
    pathOf,
    takeForHarmless,
    checkDecorator,
    all: (): readonly string[] => [...assumed],
    begin: (): void => void (assumed = new Set()),
  };
}

/** A name that is imported, from none of the libraries that are known. */
export const isOfOtherFile = (path: string): boolean =>
  path !== "" &&
  !/^(?:builtins|torch|tensorflow|keras|numpy|jax|triton|math|functools|contextlib|typing|abc|dataclasses|enum)(?:\.|$)/.test(
    path,
  );
