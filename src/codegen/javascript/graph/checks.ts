/**
 * Checks that emitted functions of graphs make before anything is written: helpers of the module, and lines that call
 * them.
 */
import { integerText, templateText, type NameOf } from "../integers.js";
import type { FunctionText } from "../../module.js";
import type { GraphDefinition, Requirement, Shaped } from "../../../ir/graph/definition.js";
import { size } from "../../../ir/graph/integer.js";
import { Scope } from "./scope.js";
import { numberText } from "../spelling.js";

const helper = (name: string, parameters: string, documentation: string, body: readonly string[]): FunctionText => ({
  name,
  exported: false,
  parameters: parameters.split(" ").map((parameter) => ({ name: parameter, type: "number" })),
  returns: "void",
  documentation,
  body,
});

export const WHOLE_FUNCTION = helper(
  "whole",
  "name value least most",
  "Refuses what is no whole number in [least, most].",
  [
    "if (Number.isInteger(value) && value >= least && value <= most) return;",
    "const range = most === Infinity ? `of at least ${least}` : `in [${least}, ${most}]`;",
    "throw new RangeError(`${name} must be a whole number ${range}, got ${value}`);",
  ],
);

export const REFUSE_FUNCTION = helper(
  "refuse",
  "name tensor type sizes",
  "Says what is wrong with a tensor that has to have `sizes`, by their names.",
  [
    'if (tensor === undefined || tensor === null) throw new TypeError(`"${name}" is not given`);',
    'if (!(tensor instanceof type)) throw new TypeError(`"${name}" must be a ${type.name}`);',
    "const axes = Object.keys(sizes).map((axis) => `${axis} (${sizes[axis]})`);",
    "const count = Object.values(sizes).reduce((product, size) => product * size, 1);",
    'const why = axes.length === 0 ? "a number has" : `${axes.join(" x ")} ${axes.length === 1 ? "is" : "are"}`;',
    'throw new RangeError(`"${name}" has ${tensor.length} elements; ${why} ${count}`);',
  ],
);

export const PLACES_FUNCTION = helper(
  "checkPlaces",
  "name tensor size except",
  "Refuses places outside of [0, size), but for one that stands for none.",
  [
    "for (let i = 0; i < tensor.length; i++) {",
    "const place = tensor[i];",
    "if ((place >= 0 && place < size) || place === except) continue;",
    "const other = except === undefined ? '' : ` or ${except}`;",
    'throw new RangeError(`"${name}" has ${place} at ${i}; it must be in [0, ${size - 1}]${other}`);',
    "}",
  ],
);

/** Helpers that see a tensor of any shape as what is before an axis, the axis, and what is after it. */
export function shapeFunctions({ ranks: [least, most], parts }: Shaped): readonly FunctionText[] {
  const ranks = least === most ? `a rank of ${least}` : `a rank in [${least}, ${most}]`;
  return [
    helper("axisOf", "shape axis", "Which axis of a shape it is; negative ones count from the last.", [
      `if (!(shape.length >= ${least} && shape.length <= ${most}))`,
      `throw new RangeError(\`the shape has rank \${shape.length}; it must have ${ranks}\`);`,
      'for (const size of shape) whole("each size in the shape", size, 0, Infinity);',
      "if (!(Number.isInteger(axis) && axis >= -shape.length && axis < shape.length))",
      "throw new RangeError(`there is no axis ${axis} in a shape of rank ${shape.length}`);",
      "return axis < 0 ? axis + shape.length : axis;",
    ]),
    helper("sizeBefore", "shape axis", "How many slices there are before an axis.", [
      "return shape.slice(0, axisOf(shape, axis)).reduce((size, along) => size * along, 1);",
    ]),
    helper("sizeAfter", "shape axis", "How many elements there are after an axis.", [
      "return shape.slice(axisOf(shape, axis) + 1).reduce((size, along) => size * along, 1);",
    ]),
    helper(
      "sizeAlong",
      "shape axis",
      parts === 1 ? "The length of an axis." : `The length of one of the ${parts} parts of an axis.`,
      [
        ...(parts === 1
          ? ["return shape[axisOf(shape, axis)];"]
          : [
              "const size = shape[axisOf(shape, axis)];",
              `if (!(size % ${parts} === 0))`,
              `throw new RangeError(\`axis \${axis} has \${size} elements, which do not make ${parts} equal parts\`);`,
              `return size / ${parts};`,
            ]),
      ],
    ),
  ];
}

const NEGATED = { "==": "!==", "<=": ">" } as const;

function requirementLine(
  { left, relation, right, message }: Requirement,
  name: NameOf,
  locals: (name: string) => string | undefined,
): string {
  const test = `${integerText(left, name, 11)} ${NEGATED[relation]} ${integerText(right, name, 11)}`;
  return `if (${test}) throw new RangeError(\`${templateText(message, locals)}\`);`;
}

/** `checkSizes`: what the definition says of its sizes. */
export function checkSizesFunction({ sizes, requirements }: GraphDefinition, names: Iterable<string>): FunctionText {
  const scope = Scope.create(names);
  const locals = new Map(sizes.map(({ name }) => [name, scope.claim(name, `${name}Size`)]));
  for (const [name, local] of locals) scope.bind(size(name), local);
  return {
    ...helper("checkSizes", "", "Refuses sizes that cannot be.", [
      ...sizes.map(
        ({ name, least, most }) =>
          `whole(${JSON.stringify(name)}, ${[locals.get(name)!, numberText(least), numberText(most)].join(", ")});`,
      ),
      ...requirements.map((requirement) => requirementLine(requirement, scope.of, (name) => locals.get(name))),
    ]),
    parameters: [...locals.values()].map((name) => ({ name, type: "number" })),
  };
}
