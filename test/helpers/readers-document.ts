/** docs/readers.md, printed from the tables that the readers and their tests have. */
import type { Group } from "../../src/frontends/constructs.js";
import { CONSTRUCTS as OF_PYTHON } from "../../src/frontends/python/constructs.js";
import { ROWS } from "../../src/frontends/python/library.js";
import { HABITS } from "../../src/frontends/habits.js";
import { CONSTRUCTS as OF_JAVASCRIPT } from "../../src/frontends/source/constructs.js";

const HEAD = `# What the readers model

\`nonlin verify file.ts\` and \`nonlin verify file.py\` read people's code; nothing of it is run. A reader knows what each
construct means, or it says what it does not know: then the verdict is *unknown*, with the place, one sentence and a hint. This
page is printed from the tables of the readers (\`src/frontends/source/constructs.ts\`, \`src/frontends/python/constructs.ts\`);
a test runs every example in Node and in PyTorch and compares (\`test/source-constructs.test.ts\`), and
\`node bench/fuzz-sources.mjs\` does the same with generated files.

## What holds for both languages

- **A file runs from its first line to its last**, as far as it can be read, before a function of it is looked at. Objects,
  lists, tensors and defaults are what they were when they were made, and several names can stand for one of them.
- **State that anything in the file may change is no constant.** A variable that is assigned to elsewhere, a member that some
  function writes, a list or a tensor that is given to what is not read: reading it is refused. What cannot be read may change
  everything that it mentions. A number of a Python object that neither the function nor its derivative writes is a parameter.
- **Values are real numbers.** Nothing is rounded and nothing overflows, but for whole numbers of tensors, which have a type
  and its ends. Where a formula has no value a program has NaN: comparisons answer as they do with NaN. Where a program may
  have an infinity (log(0), 1 / 0) and asks for it, it is refused; so is a power of a negative number whose exponent is not known.
- **Both ways of a condition are read**, and what they leave behind becomes a choice between its values.
- **Arguments mean what evidence says they mean**: their names in the function, a tag in the comment, the usual words for the
  output and for the gradient from above. Defaults of a function and of its derivative have to agree.
- **Functions and numbers of other files of the project are read** where a file imports them by a path of its own; classes,
  decorators and managers of other files are taken to change nothing, and that is said with the verdict. Other files are taken
  to leave the language's own objects, and those of libraries, as they are.
`;

const FOUND = `## What is taken for a function and its derivative

Each of these is found and proved (\`test/habits.test.ts\`), and many more that look alike are refuted or refused there. A
derivative that is wrong as a function of the input but right as one of the output is proved as the latter, and that is said; so
is one whose argument is called as outputs are, and is the input. Where two operands of a maximum or minimum that both have the
input are equal, [semantics.md](semantics.md) says whose slope counts; a derivative with that of the other operand is proved
as well, and that is said (\`"ties": "other slope"\` in JSON).
`;

const SURROGATES = `## Gradients that are no derivatives, on purpose

A step has the derivative 0, so who trains through one gives it another gradient. Declare that in a comment on the line of the
gradient, of its function or of its class, or directly above: \`nonlin: surrogate\`, or the tag \`@surrogate\`. The verdict is then
\`surrogate\`, which is not counted as wrong (exit code 0), nor as proved; where the gradient is the derivative after all, that is
proved. Without the declaration it stays refuted (exit code 1), and what it looks like is said: a straight-through gradient of a
step, of rounding or of a clamp; a boxcar, a triangle, a Gaussian or the slope of a sigmoid, of an arctangent or of a fast sigmoid
for that of a step; a scaled, reversed or clipped gradient of what passes its input on. In JSON:
\`"verdict": "surrogate", "surrogate": {"declared": true, "looks": "boxcar for the derivative of a step"}\`. Rounding is read where
its argument is between 0.1 and 0.4: what is wrong there is wrong, and nothing is proved by it. Of what is clamped to 0 and 1 it
is a step, and read everywhere.

\`\`\`py surrogate
import torch


class Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x > 0).float()

    @staticmethod
    def backward(ctx, g):  # nonlin: surrogate
        (x,) = ctx.saved_tensors
        return g * (x.abs() <= 1).float()
\`\`\`
`;

const cell = (text: string): string =>
  `\`${text.trim().replaceAll("\n---\n", " ⏎ ").replaceAll("\n", " ⏎ ").replaceAll("|", "\\|")}\``;

const tableOf = ({ title, constructs }: Group): string => {
  const rows = constructs.map(
    ({ name, example, reading }) => `| ${name.replaceAll("|", "\\|")} | ${reading} | ${cell(example)} |`,
  );
  return `### ${title}\n\n| construct | | example |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
};

/** The functions of each module, in the order of the alphabet. */
function functionsOf(): string {
  const modules = new Map<string, string[]>();
  for (const path of ROWS.keys()) {
    const at = path.lastIndexOf(".");
    const names = modules.get(path.slice(0, at)) ?? [];
    modules.set(path.slice(0, at), names);
    names.push(path.slice(at + 1));
  }
  const shown = (module: string): string => (module === "Tensor" ? "methods of tensors" : module);
  return [...modules]
    .filter(([module]) => !/^(?:torch\.Tensor|builtins|elsewhere)$/.test(module))
    .map(([module, names]) => `- **${shown(module)}**: ${[...names].sort().join(", ")}`)
    .join("\n");
}

export const readersDocument = (): string =>
  [
    HEAD,
    SURROGATES,
    FOUND,
    ...HABITS.map(
      ({ name, file, example }) => `### ${name}\n\n\`\`\`${file.split(".")[1]!} habit\n${example}\n\`\`\`\n`,
    ),
    "## JavaScript and TypeScript\n",
    ...OF_JAVASCRIPT.map(tableOf),
    "## Python\n",
    ...OF_PYTHON.map(tableOf),
    "### Functions of libraries\n",
    "A name with `_` behind it is the same in place.\n",
    `${functionsOf()}\n`,
  ].join("\n");
