/** Names: of variables, of Python, of libraries, and of other files of the project. */
import { lookUp, namesIn, suggestion } from "../interpreter/scopes.js";
import { quote, reason, type Span, type Refuse } from "../place.js";
import { CONSTANTS, builtinCalled, canonical, isKnown } from "./library.js";
import { REASSIGNED, STARS } from "./unreadable.js";
import type { Cell, Scope, Value } from "./values.js";

export interface Names {
  readonly refuse: Refuse;
  readonly read: (cell: Cell, place: Span) => Value;
  readonly module: Scope;
  /** Modules of which all names were imported, where it is not known which these are. */
  readonly starred: readonly string[];
  /** Names that are taken to be what they seem to be, and what is taken for granted of each. */
  readonly taken: ReadonlyMap<string, string>;
  readonly assume: (what: string) => void;
  /** Names of members that the file writes. */
  readonly patched: ReadonlySet<string>;
  /** The value of a full name in another file of the project. */
  readonly follow: (path: string) => Value | undefined;
}

/** Names of Python that are none of a library's that has been imported whole. */
const isHarmlessStar = (path: string, name: string): boolean => {
  if (/^torch$/.test(path)) return !/^(?:all|any|bool|compile|complex|float|int|range|round|sum)$/.test(name);
  return /^(?:math|torch\.nn|torch\.autograd|typing)$/.test(path);
};

export function createNames(machine: Names, settle: (place: Span, value: Value) => Value) {
  const { refuse } = machine;

  const pathValue = (path: string): Value => {
    const full = canonical(path);
    const constant = CONSTANTS.get(full);
    if (constant !== undefined) return { kind: "number", expr: constant };
    return machine.follow(full) ?? { kind: "path", path: full };
  };

  const ofCell = (place: Span, name: string, cell: Cell): Value => {
    const value = settle(place, machine.read(cell, place));
    const assumed = cell === machine.module.cells.get(name) ? machine.taken.get(name) : undefined;
    if (assumed !== undefined) machine.assume(assumed);
    if (value.kind !== "path") return value;
    // `from torch import relu`, and `torch.relu = ...` somewhere.
    if (machine.patched.has(value.path.split(".").at(-1)!)) refuse(place, REASSIGNED);
    return machine.follow(value.path) ?? value;
  };

  const resolve = (place: Span, name: string, scope: Scope): Value => {
    const cell = lookUp(scope, name);
    if (cell !== undefined) return ofCell(place, name, cell);
    const module = machine.starred.find((path) => isKnown(`${path}.${name}`));
    const known = module === undefined ? builtinCalled(name) : pathValue(`${module}.${name}`);
    // A module of which all names were imported may have this one.
    if (module === undefined && machine.starred.some((path) => !isHarmlessStar(path, name))) refuse(place, STARS);
    if (known !== undefined) return machine.patched.has(name) ? refuse(place, REASSIGNED) : known;
    const close = suggestion(name, namesIn(scope));
    return refuse(
      place,
      reason(
        `${quote(name)} is not defined in this file`,
        close === undefined ? "define it in this file, or in one of the project" : `did you mean "${close}"?`,
      ),
    );
  };

  return { resolve, pathValue };
}
