/** Enumerations: classes whose attributes are members, equal to nothing but themselves. */
import { known } from "../interpreter/scopes.js";
import { lineage, type Peek } from "./classes.js";
import type { StatementOf } from "./syntax.js";
import { UNKNOWN } from "./unreadable.js";
import { literalOf, type ClassValue, type Value } from "./values.js";

/** The member of a name; one that has the value of another one before it is that one. */
export function memberOfEnumeration(self: ClassValue, name: string, peek: Peek): Value | undefined {
  const base = lineage(self, peek).libraries.join();
  if (base !== "enum.Enum" && base !== "enum.IntEnum") return undefined;
  const members = self.node.body
    .flatMap((body) => (body.kind === "block" ? body.body : [body]))
    .filter((each): each is StatementOf<"assign"> => each.kind === "assign")
    .flatMap(({ targets, value }) =>
      targets.flatMap((target) => (target.kind === "name" ? [{ name: target.name, value }] : [])),
    );
  const valueIn = (member: string): Value | undefined => known(self.own.get(member));
  const keyOf = (member: string): string | undefined => {
    const value = valueIn(member);
    if (value?.kind === "text") return `'${value.text}'`;
    const number = value && literalOf(value);
    return number && `${number.numerator}/${number.denominator}`;
  };
  if (!members.some((each) => each.name === name)) return undefined;
  // Values of other kinds may be equal without looking so; those of "auto()" differ.
  const isTold = members.every(({ name: each, value }) => keyOf(each) !== undefined || isAuto(value));
  if (!isTold || new Set(members.map((each) => each.name)).size < members.length) return undefined;
  const key = keyOf(name);
  const first = members.find((each) => each.name === name || (key !== undefined && keyOf(each.name) === key))!;
  return {
    kind: "member",
    path: `${self.node.name}.${first.name}`,
    value: () => valueIn(name) ?? { kind: "refused", reason: UNKNOWN },
    ...(base === "enum.IntEnum" && { numberOf: self.node }),
  };
}

const isAuto = (value: StatementOf<"assign">["value"]): boolean =>
  value.kind === "call" &&
  value.args.length === 0 &&
  (value.callee.kind === "name" || value.callee.kind === "member") &&
  value.callee.name === "auto";
