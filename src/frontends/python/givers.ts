/** Functions that give functions for a kind: `get("relu")` is a function, or a function and its derivative. */
import { parameter } from "../../ir/build.js";
import { ifRead } from "../interpreter/refusals.js";
import { piecesOf } from "../interpreter/syntax.js";
import { isFlag } from "../pairing.js";
import { known } from "../interpreter/scopes.js";
import { flavourOf, type NamedFunction, type NamedPair } from "./named.js";
import type { Reader } from "./reading.js";
import { functionOfLibrary } from "./registries.js";
import type { FunctionNode } from "./syntax.js";
import { FALSE, TRUE, tensor, type FunctionValue, type Value } from "./values.js";

interface Found {
  readonly named: readonly NamedFunction[];
  readonly pairs: readonly NamedPair[];
}
interface Given extends Found {
  /** The functions that give them, which compute nothing themselves. */
  readonly givers: ReadonlySet<NamedFunction>;
}

const KIND = parameter("kind");

/** The results of functions for each kind that they ask for. */
export function givenBy(givers: readonly NamedFunction[], reader: Reader, text: string): Given {
  const found = givers
    .filter(({ node, of }) => of === undefined && mayGive(node))
    .flatMap((giver) => {
      const flag = giver.node.parameters.find(({ name }) => isFlag(name, giver.node.body))?.name;
      const result = (kind: Value, asked: Value): Value | undefined =>
        ifRead(() => {
          reader.begin(flavourOf(text));
          return reader.call(giver.value, [kind], flag === undefined ? new Map() : new Map([[flag, asked]]));
        });
      const choices = reader.choices.askedBy(KIND, () => result(tensor(KIND, { single: true }), FALSE));
      return choices.map(({ name, value }): Found & { readonly giver: NamedFunction } => {
        const path = `${giver.path}(${name})`;
        if (flag === undefined) return { giver, ...within(giver, path, result(value, FALSE)) };
        const [base, derivative] = [
          functionIn(giver, path, result(value, FALSE)),
          functionIn(giver, `${giver.path}(${name}, ${flag}=True)`, result(value, TRUE)),
        ];
        const isPair = base !== undefined && derivative !== undefined && base.node.start !== derivative.node.start;
        return { giver, named: [], pairs: isPair ? [{ kind: "pair", path: derivative.path, base, derivative }] : [] };
      });
    });
  const told = found.filter(({ named, pairs }) => named.length + pairs.length > 0);
  return {
    givers: new Set(told.map(({ giver }) => giver)),
    named: told.flatMap(({ named }) => named),
    pairs: told.flatMap(({ pairs }) => pairs),
  };
}

/** It takes nothing but a kind, and returns something else than a number. */
const mayGive = ({ parameters, body }: FunctionNode): boolean =>
  parameters.length > 0 &&
  parameters.slice(1).every(({ initial }) => initial !== undefined) &&
  [...piecesOf(body)].some(({ kind }) => kind === "text");

function within(giver: NamedFunction, path: string, result: Value | undefined): Found {
  if (result?.kind === "table")
    return {
      named: [...result.cells].flatMap(([name, cell]) => {
        const found = functionIn(giver, `${path}.${name}`, known(cell));
        return found === undefined ? [] : [{ ...found, name, group: path }];
      }),
      pairs: [],
    };
  if (result?.kind !== "tuple") {
    const found = functionIn(giver, path, result);
    return { named: found === undefined ? [] : [{ ...found, group: path.slice(giver.path.length) }], pairs: [] };
  }
  const [base, derivative, ...more] = result.items.map((item, i) => functionIn(giver, `${path}.${i}`, item));
  return base === undefined || derivative === undefined || more.length > 0
    ? { named: [], pairs: [] }
    : { named: [], pairs: [{ kind: "pair", path: derivative.path, base, derivative, guess: giver.path }] };
}

function functionIn(giver: NamedFunction, path: string, result: Value | undefined): NamedFunction | undefined {
  const value: FunctionValue | undefined =
    result?.kind === "path"
      ? functionOfLibrary(result.path, giver.node.place)
      : result?.kind === "function"
        ? result
        : undefined;
  return value && { name: giver.name, path, group: "", node: value.node, value };
}
