/** Numbers that keep their gradients, as small engines have them: what is known of one, whether or not its class can be read. */
import { constant } from "../../ir/build.js";
import { known } from "../interpreter/scopes.js";
import { ifRead } from "../interpreter/refusals.js";
import { attempt, type Journal } from "../interpreter/journal.js";
import type { Span } from "../place.js";
import { isOfOtherFile } from "./assumptions.js";
import type { Passed } from "./calls.js";
import { lineage, methodOf, type Peek } from "./classes.js";
import { createContext, setAttribute } from "./context.js";
import { isStandIn } from "./module.js";
import {
  NONE,
  PLUMBING,
  TRUE,
  asNumber,
  tensor,
  type ClassValue,
  type FunctionValue,
  type Scope,
  type Value,
} from "./values.js";

export type Instance = Extract<Value, { readonly kind: "context" }>;

/** The attributes of such a number: its value, its gradient, what passes that on, and whether anybody wants it. */
export const NUMBER = /^_?(?:data|value|val|valor)$/i;
export const GRADIENT = /^_?(?:grad|gradient)$/i;
export const BACKWARD = /^_?(?:backwards?|backward_?(?:fn|func|function)|grad_?fn|gradient_?fn)$/i;
const WANTED = /^_?requires?_?grad$/i;
/** They may be written from everywhere: between a result and its gradient nobody does. */
export const isOfNode = (name: string): boolean =>
  [NUMBER, GRADIENT, BACKWARD, WANTED].some((pattern) => pattern.test(name));

/** Methods that set what passes the gradient on. */
export const SETS = /^_?set_?(?:backward(?:_?fn)?|grad_?fn)$/i;
/** Methods that add to the gradient, by their names. */
const ACCUMULATES = /^_?(?:apply|acc|accum|accumulate|add|update)_?(?:to_?)?grad(?:ient)?$/i;
/** Functions that add a gradient up to a shape, by their names. */
const FITS = /^_*(?:(?:match|fit|reduce|sum|un|reverse|restore)_?\w*(?:shape|broadcast|like|to)|broadcast)/i;
/** Attributes that numbers of other files have besides. */
const SHAPES = /^(?:shape|ndim|size|dtype|device|T)$/;

export interface Nodes {
  /** `areArrays`: their values are arrays, and no numbers of Python. */
  readonly begin: (isOn: boolean, areArrays?: boolean) => void;
  /** A number of a class of another file, by its place in the arguments. */
  readonly make: (path: string, args: readonly Passed[], place: Span) => Value | undefined;
  /** A number of its class with this value: of a class of the file, or of one that is taken for granted. */
  readonly numberOf: (value: Value, of: ClassValue | undefined, place: Span) => Instance;
  /** An attribute that a number of another file has. */
  readonly member: (self: Instance, name: string) => Value | undefined;
  /** A call that adds to the gradient, where its method is not read. */
  readonly call: (self: Instance, name: string, args: readonly Passed[], place: Span, run: () => Value) => Value;
  /** A call of a function that brings a gradient to a shape, where it is not read: of one number all shapes agree. */
  readonly shaped: (callee: FunctionValue, args: readonly Passed[], run: () => Value) => Value;
  /** A base of another file is given what `__init__` has. */
  readonly initialise: (self: Instance, args: readonly Passed[]) => void;
  readonly isOn: () => boolean;
  /** Whether the value of a number is of one of these types, as far as that is known. */
  readonly isInstance: (value: Value, types: Value) => boolean | undefined;
}

interface Parts {
  readonly module: () => Scope;
  readonly peek: Peek;
  readonly journal: Journal<Value>;
  readonly written: (place: Span) => string;
  readonly assume: (what: string) => void;
  readonly call: (callee: FunctionValue, args: readonly Passed[], place: Span) => Value;
  readonly binary: (place: Span, operator: string, left: Value, right: Value) => Value;
  readonly construct: (of: ClassValue, args: readonly Passed[], place: Span) => Instance;
}

const PLAIN =
  /^builtins\.(?:int|float|bool|complex|list|tuple|str|dict|set)$|^numpy\.(?:number|floating|float32|float64|integer)$/;

const OPEN = ["data", "value", "val", "_value", "_data"];
const ZERO = (): Value => tensor(constant(0));

export function createNodes({ module, peek, journal, written, assume, call, binary, construct }: Parts): Nodes {
  let [isOn, areArrays] = [false, false];

  /** Whatever its class does besides, this is its value, and its gradient is wanted. */
  const settle = (self: Instance, value: Value): Instance => {
    const { attributes } = self.context;
    const known = [...attributes.keys()];
    const set = (pattern: RegExp, names: readonly string[], content: () => Value): void => {
      const found = known.filter((name) => pattern.test(name));
      for (const name of found.length > 0 ? found : names) attributes.set(name, { content: content() });
    };
    set(NUMBER, OPEN, () => value);
    set(GRADIENT, ["grad", "_grad", "gradient"], ZERO);
    set(WANTED, ["requires_grad", "_requires_grad"], () => TRUE);
    return self;
  };

  const opened = (value: Value, name: string, place: Span): Instance => {
    const node = { name, place, bases: [], decorators: [], body: [], ...place };
    const of: ClassValue = { kind: "class", node, scope: module(), own: new Map() };
    const self: Instance = { kind: "context", context: { ...createContext(0, { of }), isOpen: true } };
    return settle(self, value);
  };

  const valueIn = (args: readonly Passed[]): Value | undefined =>
    (args.find(({ name }) => name !== undefined && NUMBER.test(name)) ?? args.find(({ name }) => name === undefined))
      ?.value;

  const keeps = (what: string): void => assume(`${what} taken to keep its first argument as its value`);
  const add = (self: Instance, given: Value, place: Span): void => {
    const amount = given.kind === "function" ? call(given, [], place) : given;
    for (const [name, cell] of self.context.attributes) {
      const value = GRADIENT.test(name) ? known(cell) : undefined;
      if (value !== undefined && asNumber(value) !== undefined)
        setAttribute(self.context, name, binary(place, "+", value, amount), journal);
    }
  };

  return {
    isOn: () => isOn,
    isInstance: (value, types) => {
      const names = (types.kind === "tuple" ? types.items : [types]).map((type) =>
        type.kind === "path" ? type.path : "",
      );
      if (!areArrays || value.kind !== "tensor") return undefined;
      if (names.includes("numpy.ndarray")) return true;
      return names.every((name) => PLAIN.test(name)) ? false : undefined;
    },
    begin: (next, arrays = false) => void ([isOn, areArrays] = [next, next && arrays]),
    make: (path, args, place) => {
      const name = path.split(".").at(-1)!;
      const value = valueIn(args);
      if (!isOn || !isOfOtherFile(path) || !/^_?[A-Z]/.test(name) || value === undefined) return undefined;
      keeps(name);
      return withGiven(opened(value, name, place), args);
    },
    numberOf: (value, of, place) =>
      of === undefined ? opened(value, "", place) : settle(construct(of, [{ value, place }], place), value),
    member: (self, name) => {
      if (self.context.isOpen !== true) return undefined;
      if (SHAPES.test(name)) return PLUMBING;
      if (ACCUMULATES.test(name) || SETS.test(name)) return { kind: "method", self, name };
      if (!isStandIn(name)) return undefined;
      assume(`its ${name} taken to be NumPy`);
      return { kind: "path", path: "numpy" };
    },
    call: (self, name, args, place, run) => {
      const [given, ...others] = args;
      if (!isOn || given === undefined || others.length > 0) return run();
      if (self.context.isOpen === true && SETS.test(name)) {
        setAttribute(self.context, "_backward", given.value, journal);
        return NONE;
      }
      if (!ACCUMULATES.test(name)) return run();
      if (methodOf(lineage(self.context.of!, peek).classes, name) !== undefined) {
        const done = ifRead(() => attempt(journal, run));
        if (done !== undefined) journal.keep(done.changes);
        if (done !== undefined) return done.result;
      }
      assume(`${name} taken to add to the gradient`);
      add(self, given.value, place);
      return NONE;
    },
    shaped: ({ node }, args, run) => {
      const [first, ...others] = args;
      const isShape = ({ value }: Passed): boolean => value.kind === "plumbing";
      const areShapes = first?.value.kind === "tensor" && others.length > 0 && others.every(isShape);
      const [made] = others.slice(-1);
      // A function of the gradient, brought to the shape of what is given first.
      const isFunction = first !== undefined && others.length === 1 && made!.value.kind === "function";
      if (!isOn || !(areShapes || isFunction) || !FITS.test(node.name)) return run();
      assume(`${node.name} taken to change nothing where shapes agree`);
      return isFunction ? made!.value : first!.value;
    },
    initialise: (self, args) => {
      const value = valueIn(args);
      if (!isOn || value === undefined) return;
      keeps(written(self.context.of!.node.bases[0] ?? self.context.of!.node.place));
      for (const name of OPEN)
        if (!self.context.attributes.has(name)) self.context.attributes.set(name, { content: value });
      withGiven(self, args);
    },
  };
}

/** Lists that it is made with are what its gradient is passed on to. */
function withGiven(self: Instance, args: readonly Passed[]): Instance {
  for (const { value } of args)
    if (value.kind === "tuple" && !self.context.attributes.has("args"))
      self.context.attributes.set("args", { content: value });
  return self;
}
