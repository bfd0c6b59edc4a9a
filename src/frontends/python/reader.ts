/** Reads functions of a file by running them on symbols, after the file itself has been run as far as it can be read. */
import { dy, gt, mul, parameter, sigmoid, y } from "../../ir/build.js";
import { variableOf, variables, type Expr } from "../../ir/expr.js";
import { TOO_LARGE, again, unlessRefused } from "../interpreter/refusals.js";
import { createMachine } from "../interpreter/machine.js";
import { type Span } from "../place.js";
import { createAssumptions, isOfOtherFile } from "./assumptions.js";
import { bindParameters } from "./binding.js";
import { createCalls, passedAt, passedByName, type Passed } from "./calls.js";
import { createChoice } from "./choice.js";
import { isProperty, lineage, memberOf, type Peek } from "./classes.js";
import { createDefinitions } from "./definitions.js";
import { createConstruction } from "./construction.js";
import { callOfContext } from "./context.js";
import { memberOfEnumeration } from "./enumerations.js";
import { createEvaluator } from "./expressions.js";
import { createImports, type FindModule } from "./imports.js";
import { createInherited } from "./inherited.js";
import { createModule } from "./module.js";
import { createOperators, type Operators } from "./operators.js";
import type { Source } from "./parse.js";
import { isHole, narrowed } from "./ranges.js";
import { regionOf } from "./jumps.js";
import type { Flavour, Reader } from "./reading.js";
import { createKernels, createLauncher } from "./kernels.js";
import { createLoops } from "./loops.js";
import { createMethods } from "./methods.js";
import { createNodes } from "./nodes.js";
import { createParts, type Layout } from "./parts.js";
import { createExecutor } from "./statements.js";
import type { FunctionNode, Statement } from "./syntax.js";
import * as why from "./unreadable.js";
import {
  NONE,
  asNumber,
  createScope,
  type Cell,
  type ClassValue,
  type FunctionValue,
  type Scope,
  type Truth,
  type Value,
} from "./values.js";

const CUSTOM_GRADIENTS: ReadonlySet<string> = new Set(["tensorflow.custom_gradient", "jax.custom_gradient"]);
/** Its function returns its value, and a function of the gradient. */
export const isCustomGradient = (path: string | undefined): boolean => path !== undefined && CUSTOM_GRADIENTS.has(path);

export function createReader(source: Source, find: FindModule = () => undefined): Reader {
  const shared = createMachine(source.text, createChoice());
  const { refuse, written, journal, branches } = shared;
  let flavour: Flavour = "torch";

  const read = (cell: Cell, place: Span): Value => {
    const { content } = cell;
    if (typeof content !== "function") return content;
    cell.content = () => refuse(place, why.CIRCULAR);
    try {
      return (cell.content = content());
    } catch (error) {
      cell.content = content;
      throw error;
    }
  };

  /** A condition on types, devices or shapes: nothing that is proved may depend on it. */
  const unknowns = new Map<Expr, Span>();
  const unknownTruth = (place: Span): Truth => {
    const flag = parameter(`${UNKNOWN}${unknowns.size}`);
    unknowns.set(flag, place);
    return { kind: "condition", expr: gt(flag, 0) };
  };

  /** Conditions without which the function has no value: they leave out one value of a parameter each. */
  let holes: Expr[] = [];
  let part: string | undefined;
  const jump = (operand: Expr, place: Span): void => {
    if (operand.closed || variables(operand).some((leaf) => leaf === dy || leaf === y)) refuse(place, why.JUMPS);
    holes.push(regionOf(operand));
    part = why.JUMPS.message;
  };
  let promised: { readonly condition: Expr; readonly place: Span }[] = [];
  const promise = (truth: Truth, place: Span, isCertain: boolean): void => {
    if (truth.kind === "truth" || variables(truth.expr).some((leaf) => unknowns.has(leaf))) return;
    if (isCertain && isHole(truth.expr)) return void holes.push(truth.expr);
    if (!isCertain || narrowed([truth.expr]) === undefined) refuse(place, why.RAISES);
    promised.push({ condition: truth.expr, place });
  };

  const run = ({ node, scope: outer, initial }: FunctionValue, args: readonly Passed[], place: Span): Value => {
    return shared.enter(node, node.place, place, () => {
      for (const decorator of node.decorators) checkDecorator(decorator, outer);
      const scope = createScope(outer);
      for (const name of [...node.parameters.map((each) => each.name), ...node.locals])
        scope.cells.set(name, { content: { kind: "refused", reason: why.UNSET } });
      const given = (parameter: FunctionNode["parameters"][number]): Value | undefined => {
        const value = initial.get(parameter);
        return value && evaluator.settle(parameter, typeof value === "function" ? value() : value);
      };
      for (const [name, value] of bindParameters(node, args, place, given, refuse))
        scope.cells.set(name, { content: value });
      const outcome = construction.run(node, scope);
      return outcome === "raises" ? refuse(node.place, why.ALWAYS_RAISES) : outcome.value;
    });
  };

  const runAtHome = (callee: FunctionValue, args: readonly Passed[], place: Span): Value =>
    imports.at(
      callee.node,
      () => run(callee, args, place),
      (reason) => refuse(place, reason),
    );

  const call = (callee: FunctionValue, args: readonly Passed[], place: Span): Value => {
    const { node, scope } = callee;
    const result = runAtHome(callee, args, place);
    // Outside of its own file's checks a function with a custom gradient is the value that it returns.
    return isCustom(node, scope) && result.kind === "tuple" ? (result.items[0] ?? NONE) : result;
  };

  const peek: Peek = (expression, scope) => {
    if (shared.isIdle()) shared.begin();
    return unlessRefused(
      () => evaluator.evaluate(expression, scope),
      (error) => (error.message === TOO_LARGE.message ? again(error)() : undefined),
    );
  };
  const assumptions = createAssumptions({
    refuse,
    peek,
    written,
    isOfOthers: (node) => imports.homeOf(node) !== undefined,
  });
  const { pathOf, checkDecorator, takeForHarmless } = assumptions;
  const isCustom = (node: FunctionNode, scope: Scope): boolean =>
    node.decorators.some((decorator) => isCustomGradient(pathOf(decorator, scope)));
  const construction = createConstruction({
    peek,
    written,
    execute: (body, scope) => executor.run(body, scope),
    call,
    fail: (statement) => module.fail(statement),
    nodes: () => nodes,
  });
  const { construct } = construction;

  const inherited = createInherited(peek, assumptions.assume, written);
  const methods = createMethods({ refuse, peek, call, assume: assumptions.assume });

  const loops = createLoops(refuse, journal, () => flavour === "numpy");
  const calls = createCalls(
    refuse,
    journal,
    () => flavour !== "tensorflow",
    jump,
    () => loops.isInside(),
  );
  const parts = createParts(refuse, (first, second, place) =>
    calls.compute([first, second], place, () => mul(asNumber(first)!, sigmoid(asNumber(second)!))),
  );
  const unknownNumber = (leaf: Expr, place: Span): Value => {
    unknowns.set(leaf, place);
    return { kind: "number", expr: leaf };
  };
  const kernels = createKernels(refuse, () => branches.isCertain(), unknownNumber);
  const arithmetic = createOperators(calls, refuse, unknownTruth, shared.choices);
  const operators: Operators = {
    ...arithmetic,
    binary: (place, operator, left, right) =>
      kernels.shifted(operator, left, right, place) ?? arithmetic.binary(place, operator, left, right),
  };
  const module = createModule(source.statements, source.effects, (name) => imports.namesOf(name));
  const nodes = createNodes({
    module: () => module.scope,
    peek,
    journal,
    written,
    assume: assumptions.assume,
    call,
    binary: operators.binary,
    construct,
  });
  const definitions = createDefinitions({
    evaluate: (expression, scope) => evaluator.evaluate(expression, scope),
    run: (statement, scope) => void executor.run(statement, scope),
    fail: module.fail,
  });
  const evaluator = createEvaluator({
    ...shared,
    calls,
    operators,
    parts,
    kernels,
    loops,
    launch: createLauncher({ refuse, pathOf, call, unknown: unknownNumber, begin: kernels.begin, write: calls.write }),
    read,
    call,
    callOfClass: methods.callOfClass,
    callOfInstance: methods.callOfInstance,
    define: definitions.define,
    isOf: (self, base) => lineage(self, peek).classes.some(({ node }) => node === base.node),
    memberOfEnumeration: (self, name) => memberOfEnumeration(self, name, peek),
    inherited,
    attributeOfClass: (self, name) => memberOf(lineage(self, peek).classes, name),
    callOfContext: (context, name, args, place) => callOfContext(context, name, args, place, journal, refuse),
    starred: module.starred,
    taken: module.taken,
    module: module.scope,
    assume: assumptions.assume,
    follow: (path) => imports.follow(path),
    construct,
    above: construction.above,
    callAbove: construction.callAbove,
    nodes,
    patched: module.patched,
  });
  const executor = createExecutor({
    ...shared,
    ...evaluator,
    define: definitions.define,
    calls,
    operators,
    loops,
    promise,
    isGuarded: ({ of }, name) => of !== undefined && isProperty(lineage(of, peek).classes, name),
    pathOf,
    assume: assumptions.assume,
    inherited,
    takeForHarmless,
  });

  const begin = (next: Flavour, layout?: Layout): void => {
    shared.begin();
    parts.begin(layout);
    nodes.begin(false);
    promised = [];
    holes = [];
    part = undefined;
    assumptions.begin();
    flavour = next;
  };
  const machine = { run: (statement: Statement, scope: Scope) => void executor.run(statement, scope) };
  // Another file is loaded in the middle of something else.
  const imports = createImports(find, { ...machine, begin: () => undefined });
  module.load({ ...machine, begin: () => begin("torch") });

  return {
    choices: shared.choices,
    module: module.scope,
    functionOf: (node, scope) => definitions.find(node, scope) as FunctionValue,
    classOf: (node, scope) => definitions.find(node, scope) as ClassValue,
    peek,
    evaluate: evaluator.evaluate,
    call: (callee, args, byName = new Map()) => {
      const { place } = callee.node;
      return runAtHome(callee, [...passedAt(place, args), ...passedByName(place, byName)], place);
    },
    construct: (of, given) => construct(of, passedByName(of.node.place, given), of.node.place),
    nodes,
    boundTo: (method, self) => methods.boundTo(method, self, method.node.place).map(({ value }) => value),
    checkClass: ({ node, scope }, methods) => {
      for (const base of node.bases) {
        if (isOfOtherFile(pathOf(base, scope))) assumptions.assumeUnchanged(base);
        else if (base.kind === "name") evaluator.evaluate(base, scope);
      }
      module.check(refuse);
      if (node.metaclass !== undefined && pathOf(node.metaclass, scope) !== "abc.ABCMeta")
        refuse(node.metaclass, why.METACLASS);
      for (const decorator of node.decorators) checkDecorator(decorator, scope);
      for (const name of methods) if (module.patched.has(name)) refuse(node.place, why.PATCHED);
    },
    begin: (next, layout) => {
      module.check(refuse);
      begin(next, layout);
    },
    beginKernel: kernels.begin,
    isOfOthers: ({ node }) => imports.homeOf(node) !== undefined,
    isOfClass: methods.isOfClass,
    assume: assumptions.assume,
    assumptions: assumptions.all,
    holes: () => holes,
    part: () => part,
    promises: () => {
      const replacements = narrowed(promised.map(({ condition }) => condition));
      return replacements ?? refuse(promised[0]!.place, why.RAISES);
    },
    requireValues: (...exprs) => {
      const unknown = variables(...exprs).find(
        (leaf) => unknowns.has(leaf) && variableOf(leaf).name.startsWith(UNKNOWN),
      );
      if (unknown !== undefined) refuse(unknowns.get(unknown)!, why.PLUMBING);
    },
    refuse,
  };
}

/** No name of Python begins like this. */
const UNKNOWN = "?";
