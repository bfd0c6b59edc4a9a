/** Members from classes of other files: taken for granted, and said, as far as their names tell enough. */
import { known } from "../interpreter/scopes.js";
import type { Truth } from "../interpreter/truth.js";
import type { Span } from "../place.js";
import { isOfOtherFile } from "./assumptions.js";
import { lineage, memberOf, type Peek } from "./classes.js";
import { FALSE, TRUE, type Context } from "./values.js";

export interface Inherited {
  /** `self.training`: gradients are for calls that want them. */
  readonly member: (context: Context, name: string, place: Span) => Truth | undefined;
  /** Whether a call for what it does alone is one that keeps or checks its arguments: `self._save(x)`. */
  readonly isKept: (context: Context, name: string, place: Span) => boolean;
}

const LEARNS = /^_?(?:is_?)?(?:train|training|train_?mode|training_?mode)$/i;
const LOOKS = /^_?(?:is_?)?(?:valid|validating|validation|eval|evaluating|eval_?mode|test|testing|inference)$/i;
const KEEPS = /^_*(?:save|store|cache|keep|remember|record|log|check|assert|validate)(?![a-z])/;

export function createInherited(
  peek: Peek,
  assume: (what: string) => void,
  written: (place: Span) => string,
): Inherited {
  /** Nothing in the file gives it this name, and a class of another file may have. */
  const isOpen = ({ of, attributes }: Context, name: string): boolean => {
    if (of === undefined || known(attributes.get(name)) !== undefined) return false;
    const { classes, libraries } = lineage(of, peek);
    return libraries.some(isOfOtherFile) && memberOf(classes, name) === undefined;
  };
  return {
    member: (context, name, place) => {
      const truth = LEARNS.test(name) ? TRUE : LOOKS.test(name) ? FALSE : undefined;
      if (truth === undefined || !isOpen(context, name)) return undefined;
      assume(`${written(place)} taken to be ${truth === TRUE ? "True" : "False"}`);
      return truth;
    },
    isKept: (context, name, place) => {
      if (!KEEPS.test(name) || !isOpen(context, name)) return false;
      assume(`${written(place)} taken to change nothing`);
      return true;
    },
  };
}
