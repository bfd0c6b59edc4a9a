/** Functions that make a number with a backward of its own, as small engines have them: found by that, and run on symbols. */
import { add, constant, dy, mul, x } from "../../ir/build.js";
import { variableOf, variables, type Expr } from "../../ir/expr.js";
import { known } from "../interpreter/scopes.js";
import { reason } from "../place.js";
import { isGradientName } from "../roles.js";
import { lineage, type Peek } from "./classes.js";
import { partsOf } from "./convert.js";
import { within, type Gradient, type Reading } from "./gradients.js";
import { inputsOf } from "./inputs.js";
import { instanceOf, writtenIn } from "./instances.js";
import { flavourOf, type NamedFunction } from "./named.js";
import { BACKWARD, GRADIENT, NUMBER, SETS, type Instance } from "./nodes.js";
import { alongParents, tellsParents } from "./parents.js";
import type { Expression, FunctionNode, Parameter, Statement } from "./syntax.js";
import { INPUT, PLUMBING as SHAPED, REDUCTION } from "./unreadable.js";
import { asNumber, tensor, type ClassValue, type FunctionValue, type Value } from "./values.js";

/** `made`: the class of the number, which is made of another one; else a function or a method makes it. */
export interface NodeMaker {
  readonly kind: "node";
  readonly path: string;
  readonly maker: NamedFunction;
  readonly made?: ClassValue;
}

const NO_NODE = reason(
  "this makes no new number of its class with a backward of its own",
  "let it return a new instance, and set the backward of that",
);
const NO_ADDITION = reason(
  "its backward adds nothing to the gradient of the number that it is made of",
  "add the gradient there",
);

/** A backward of a class of its own for each operation. */
const OF_CLASS = /^_?(?:backward|propagate\w*|compute_grad(?:ient)?s?)$/i;
/** They say along what elements are moved or mixed. */
const ALONG = /^(?:axis|axes|dims?|dim\d|keep_?dims?|\w*shape|index|indices|idx\w*|slices?|perm\w*)$/i;

/** Names that Python has for other things than operations on one number. */
const SPECIAL = /^__(?!(?:neg|pos|abs|call)__$)/;

const isRequired = ({ kind, initial }: Parameter): boolean => kind === "plain" && initial === undefined;

/** Statements of a function, but for those of functions inside it. */
function* inside(statements: readonly Statement[]): Generator<Statement> {
  for (const statement of statements) {
    yield statement;
    yield* inside(partsOf(statement));
  }
}

/** `out._backward = f` and `out.set_backward(f)`, of something else than the object itself unless `self` is what is looked for. */
const setsBackward = ({ body }: FunctionNode, isOfSelf: boolean): boolean =>
  [...inside([body])].some(
    (statement) =>
      (!isOfSelf && statement.kind === "expression" && isSetter(statement.value)) ||
      (statement.kind === "assign" &&
        (statement.value.kind === "name" || (statement.value.kind === "function" && !isOfSelf)) &&
        statement.targets.some(
          (target) =>
            target.kind === "member" &&
            BACKWARD.test(target.name) &&
            target.object.kind === "name" &&
            (target.object.name === "self") === isOfSelf,
        )),
  );

const isSetter = (value: Expression): boolean =>
  value.kind === "call" && value.callee.kind === "member" && SETS.test(value.callee.name) && value.args.length === 1;

const initOf = ({ own }: ClassValue): FunctionNode | undefined => {
  const value = known(own.get("__init__"));
  return value?.kind === "function" ? value.node : undefined;
};

/** Its `__init__` gives it a value and a gradient; so does that of a class above it. */
const isEngine = (of: ClassValue, peek: Peek): boolean => {
  const names = lineage(of, peek).classes.flatMap(({ node }) => writtenIn(node.body, true).map(({ name }) => name));
  return [NUMBER, GRADIENT].every((pattern) => names.some((name) => pattern.test(name)));
};

export function nodesOf(functions: readonly NamedFunction[], peek: Peek, text: string): readonly NodeMaker[] {
  const classes = new Map(functions.flatMap(({ of }) => (of === undefined ? [] : [[of.node, of] as const])));
  const own = [...classes.values()].filter(initSets);
  const makes =
    own.length === 0 ? undefined : new RegExp(`\\b(?:${own.map(({ node }) => node.name).join("|")})\\s*\\(`);
  const found: NodeMaker[] = [];
  for (const maker of functions) {
    const { node, of, path, name } = maker;
    if (maker.isOfOthers === true || SPECIAL.test(name) || node.parameters.some((each) => ALONG.test(each.name)))
      continue;
    const required = node.parameters.filter(isRequired).length;
    const isStatic = node.parameters[0]?.name !== "self";
    const engine = of !== undefined && isEngine(of, peek);
    const isMaker =
      setsBackward(node, false) ||
      (makes?.test(text.slice(node.body.start, node.body.end)) ?? false) ||
      ((engine || of === undefined) && tellsParents(node));
    if (isMaker && required === (of === undefined || isStatic || engine ? 1 : 2))
      found.push({ kind: "node", path, maker });
  }
  for (const of of classes.values()) {
    const [init, back] = [initOf(of), functions.find((each) => each.of?.node === of.node && OF_CLASS.test(each.name))];
    const isAbove = lineage(of, peek).classes.length > 1 && isEngine(of, peek);
    if (init === undefined || back === undefined || !isAbove) continue;
    const given = init.parameters.slice(1);
    if (given.filter(isRequired).filter(({ type = "" }) => !/^(?:float|int)\b/.test(type)).length !== 1) continue;
    if (given.some(({ name }) => ALONG.test(name))) continue;
    found.push({ kind: "node", path: of.node.name, maker: back, made: of });
  }
  return found;
}

export function readNode({ path, maker, made }: NodeMaker, reading: Reading): readonly Gradient[] {
  const { reader, symbols, text } = reading;
  const flavour = flavourOf(text);
  reader.begin(flavour);
  reader.nodes.begin(true, /\b(?:numpy|cupy)\b/.test(text));
  const { of, node } = maker;
  const { place } = node;
  if (of !== undefined) reader.checkClass(of, [maker.name]);
  const isEngineMethod = made === undefined && of !== undefined && isEngine(of, reader.peek);
  const init = made && initOf(made);
  const holder =
    of === undefined || isEngineMethod || made !== undefined ? undefined : instanceOf(of, [maker], reading);
  const bound = holder === undefined ? 0 : reader.boundTo(maker.value, holder.self).length;
  const parameters = (init === undefined ? node.parameters.slice(bound) : init.parameters.slice(1)).filter(
    ({ kind }) => kind !== "list" && kind !== "table",
  );
  const written = ({ start, end }: { readonly start: number; readonly end: number }): string => text.slice(start, end);
  const inputs = inputsOf(parameters, symbols, written, reader.refuse, reader.choices);
  const main = inputs.find(({ variable }) => variable === x)!;
  const self = reader.nodes.numberOf(
    tensor(x, { single: true, guard: INPUT }),
    classOf(main.parameter, of, made, reading),
    place,
  );

  const given = new Map(inputs.map((input) => [input.parameter.name, input === main ? self : input.value]));
  const result: Value =
    made === undefined
      ? reader.call(maker.value, holder === undefined ? [] : reader.boundTo(maker.value, holder.self), given)
      : reader.construct(made, given);
  if (result.kind !== "context" || result.context === self.context) return reader.refuse(place, NO_NODE);
  const formula = numberIn(result, NUMBER, reading) ?? reader.refuse(place, NO_NODE);
  put(result, GRADIENT, gradient());
  put(self, GRADIENT, tensor(ZERO));
  const back = made === undefined ? backwardOf(result, self) : { name: maker.name, value: maker.value };
  const told = back === undefined ? alongParents(result, self, reading) : undefined;
  const passed = told?.name ?? back?.name ?? reader.refuse(place, NO_NODE);
  const at = back?.value.node.place ?? place;
  if (back !== undefined) reader.call(back.value, argumentsOf(back.value, result, self, made !== undefined), new Map());
  const claim = told?.claim ?? numberIn(self, GRADIENT, reading) ?? reader.refuse(at, NO_ADDITION);
  if (claim === ZERO && formula !== ZERO) return reader.refuse(at, NO_ADDITION);
  reader.requireValues(formula, claim);
  const owner = result.context.isOpen === true ? undefined : result.context.of;
  const isOfOwner = owner !== undefined && made === undefined && !isEngineMethod && initSets(owner);
  const number = [...self.context.attributes.keys()].find((name) => NUMBER.test(name)) ?? "data";
  return [
    {
      name: path,
      derivativeName: `${isOfOwner ? owner.node.name : path}.${passed}`,
      place: at,
      // A gradient without the one from above is wrong but where both are 0.
      ...within(reader, formula, variables(claim).includes(dy) ? claim : add(claim, mul(0, dy))),
      notes: [...inputs.flatMap(({ note }) => note ?? []), ...(holder?.notes ?? []), ...reader.assumptions()],
      names: new Map([
        ["x", `${main.parameter.name}.${number}`],
        ["dy", "grad"],
        ...inputs.flatMap(({ variable, parameter }) =>
          variable === undefined || variable === x ? [] : [[variableOf(variable).name, parameter.name] as const],
        ),
        ...(holder?.names ?? []),
      ]),
      flavour,
    },
  ];
}
const ZERO = constant(0);
const gradient = (): Value => tensor(dy, { single: true, guard: INPUT });

const initSets = (of: ClassValue): boolean => {
  const init = initOf(of);
  return init !== undefined && setsBackward(init, true);
};

/** The class of the number that is given: that of the method, or the one that its type names. */
function classOf(
  { type }: Parameter,
  of: ClassValue | undefined,
  made: ClassValue | undefined,
  { reader }: Reading,
): ClassValue | undefined {
  if (made !== undefined) return lineage(made, reader.peek).classes.at(-1);
  if (of !== undefined && isEngine(of, reader.peek)) return of;
  const name = /^['"]?(\w+)['"]?$/.exec(type ?? "")?.[1];
  const value = name === undefined ? undefined : known(reader.module.cells.get(name));
  return value?.kind === "class" ? value : undefined;
}

function put({ context }: Instance, pattern: RegExp, value: Value): void {
  for (const name of context.attributes.keys())
    if (pattern.test(name)) context.attributes.set(name, { content: value });
  if (![...context.attributes.keys()].some((name) => pattern.test(name)))
    context.attributes.set("grad", { content: value });
}

/** The number that an attribute is, or that the number has which the attribute is. */
function numberIn(self: Instance, pattern: RegExp, { reader }: Reading): Expr | undefined {
  const found = new Set<Expr>();
  for (const [name, cell] of self.context.attributes) {
    const held = pattern.test(name) ? known(cell) : undefined;
    const value = held?.kind === "context" ? innerOf(held) : held;
    if (value?.kind === "sum") return reader.refuse(value.place, REDUCTION);
    if (value?.kind === "plumbing") return reader.refuse(self.context.of!.node.place, SHAPED);
    if (value?.kind === "refused") return reader.refuse(self.context.of!.node.place, value.reason);
    const expr = value && asNumber(value);
    if (expr !== undefined) found.add(expr);
  }
  // Of several names for a gradient one is written.
  if (found.size > 1) found.delete(ZERO);
  return found.size === 1 ? [...found][0] : undefined;
}

const innerOf = ({ context }: Instance): Value | undefined =>
  known([...context.attributes].find(([name]) => NUMBER.test(name))?.[1]);

interface Back {
  readonly name: string;
  readonly value: FunctionValue;
}

/** Another function than every number of its class has from the start. */
function backwardOf(out: Instance, self: Instance): Back | undefined {
  const functionIn = ({ context }: Instance, name: string): FunctionValue | undefined => {
    const value = known(context.attributes.get(name));
    return value?.kind === "function" ? value : undefined;
  };
  for (const name of out.context.attributes.keys()) {
    const value = BACKWARD.test(name) ? functionIn(out, name) : undefined;
    if (value !== undefined && value.node !== functionIn(self, name)?.node) return { name, value };
  }
  return undefined;
}

/** Nothing; the gradient; the number itself; or what it was made of, and the gradient behind that. */
function argumentsOf({ node }: FunctionValue, out: Instance, self: Instance, isMethod: boolean): readonly Value[] {
  const isWanted = (each: Parameter): boolean => isRequired(each) || isGradientName(each.name, node.name);
  const wanted = node.parameters.slice(isMethod ? 1 : 0).filter(isWanted);
  const own: readonly Value[] = isMethod ? [out] : [];
  const [last] = wanted.slice(-1);
  if (last === undefined) return own;
  if (wanted.length === 1)
    return [...own, isGradientName(last.name, node.name) || last.name === "grad" ? gradient() : out];
  const lists = [...out.context.attributes.values()].flatMap((cell) => {
    const value = known(cell);
    return value?.kind === "tuple" && value.items.length === wanted.length - 1 ? [value] : [];
  });
  return [...own, ...(lists[0]?.items ?? [self]), gradient()];
}
