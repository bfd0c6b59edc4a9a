/** The table of commands. Each one's code is loaded when it is called, so that none pays for another. */
import type { Arguments, OptionTable } from "./shell/arguments.js";
import type { Terminal } from "./shell/terminal.js";

/** 0: done. 1: found something wrong. 2: bad usage, or cannot tell. */
export type ExitCode = 0 | 1 | 2;
export type Run = (given: Arguments, terminal: Terminal) => Promise<ExitCode>;

export interface Command {
  readonly summary: string;
  readonly usage: string;
  /** The text of the help below the usage. */
  readonly about: string;
  readonly positionals: readonly [least: number, most: number];
  readonly options: OptionTable;
  readonly load: () => Promise<{ readonly run: Run }>;
}

const json = { json: { summary: "machine-readable output" } };
const parameters = {
  param: { value: "name=value", multiple: true, summary: "set a parameter; may be repeated" },
};
const save = { save: { value: "auto|input|output", summary: "what backward keeps of forward (default auto)" } };
const layer = {
  with: { value: "layer,...", multiple: true, summary: "the layer that the activation is in, such as dense" },
};
const acceptInaccurate = {
  "accept-inaccurate": { summary: "write code that is known to be wrong somewhere, too, and say so" },
};
const explain = { explain: { summary: "also say which rules led to the emitted form" } };

export const commands: Readonly<Record<string, Command>> = {
  build: {
    summary: "generate everything: the main job",
    usage: "nonlin build [options]",
    about:
      "Compiles each activation and layer for each target and writes what changed. Files appear whole or not at all,\n" +
      "a definition that did not change is not compiled again, and only files that nonlin generated are ever removed.\n" +
      "Reads nonlin.config.ts, .js or .mjs in the current folder when there is one.\n" +
      "What is wrong somewhere by its measured accuracy is not written and makes the exit code 1; the rest is built.",
    positionals: [0, 0],
    options: {
      config: { value: "file", summary: "the configuration (default nonlin.config.ts, .js or .mjs here)" },
      out: { value: "folder", summary: "where the files go (default generated)" },
      target: { value: "name,...", multiple: true, summary: "only these targets" },
      only: { value: "id,...", multiple: true, summary: "only these ids; files of others stay as they are" },
      ...save,
      check: { summary: "write nothing; exit with 1 when what is on disk differs" },
      watch: { summary: "build again whenever the configuration changes" },
      force: { summary: "compile even what did not change" },
      ...acceptInaccurate,
      quiet: { summary: "print errors only" },
      ...json,
    },
    load: () => import("./build/build.js"),
  },
  list: {
    summary: "the catalogue of activations and layers",
    usage: "nonlin list [--json]",
    about:
      "Prints the id, title, sizes and parameters with their defaults, and the names that frameworks give it,\n" +
      "of each activation and layer.",
    positionals: [0, 0],
    options: json,
    load: () => import("./list/list.js"),
  },
  show: {
    summary: "formula, derivatives, kinks, accuracy and a plot",
    usage: "nonlin show <id or formula> [options]",
    about:
      'An id or a name that a framework uses (gelu, nn.SiLU), else a formula such as "x > 0 ? x : a*(exp(x) - 1)".\n' +
      "In a formula, x is the input and any other name is a parameter.\n" +
      "Of a row-wise activation (softmax), and of a layer, alone (dense) or with an activation in it (--with dense):\n" +
      "the formula, tensors, sizes, and what backward needs; with --plan also the kernels, passes and operations.",
    positionals: [1, 1],
    options: {
      ...parameters,
      ...layer,
      target: { value: "name", summary: "whose forms and accuracy to show (default js)" },
      plan: { summary: "also show the kernels of a row-wise activation or a layer" },
      ...save,
      ...explain,
      ascii: { summary: "draw the plot with plain characters" },
      ...json,
    },
    load: () => import("./show/show.js"),
  },
  export: {
    summary: "one module, to the terminal or to a file",
    usage: "nonlin export <id or formula> --target <name> [options]",
    about:
      "Prints the module, or writes it with --output; further files, such as type declarations, go beside it.\n" +
      "--param sets a parameter's default in the module. --with dense exports the dense layer with the activation in it,\n" +
      "forward and backward fused; --with dense,conv2d both.\n" +
      "Where a function is wrong by its measured accuracy, says at which input, writes nothing and exits with 1.",
    positionals: [1, 1],
    options: {
      target: { value: "name", summary: "which language and framework, such as js or pytorch" },
      "framework-version": { value: "v", summary: "for which version of the framework, such as 1.7 for pytorch" },
      style: {
        value: "name",
        summary: "explicit: the proved derivative; kernel: with loops in C; native: the framework's own",
      },
      ...layer,
      ...parameters,
      ...save,
      name: { value: "id", summary: "the id to use instead of the activation's own; behind that of a layer" },
      output: { value: "file", summary: "write to this file instead of the terminal" },
      ...acceptInaccurate,
      trace: { summary: "print each step of the compiler and its expressions to stderr" },
      ...explain,
      ...json,
    },
    load: () => import("./export/export.js"),
  },
  bench: {
    summary: "how fast and how right the loops are here, beside the formula as it is typed",
    usage: "nonlin bench <id or formula> [--length n]",
    about:
      "Times forward and backward of an elementwise activation as JavaScript and as WebAssembly, in turn with plain loops\n" +
      "of the formula and its derivative, and looks for the largest error of forward among float32 numbers of every size.",
    positionals: [1, 1],
    options: {
      ...parameters,
      length: { value: "n", summary: "how many numbers the arrays have (default 1000000)" },
      ...json,
    },
    load: () => import("./bench/bench.js"),
  },
  verify: {
    summary: "prove that derivatives are right, or show where they are wrong",
    usage: "nonlin verify [id, file or folder ...] [--formula F --derivative D] [--batch file.jsonl] [options]",
    about:
      "Proves over the reals, at every input and all values of the parameters; a refutation comes with an input.\n" +
      "An id: the derivatives that nonlin makes of it; without any argument, those of all elementwise activations.\n" +
      "A layer or a row-wise activation, or an activation --with layers: the gradients of all inputs where sizes are 1 to 4\n" +
      "(the outermost 1 or 2), with its own scalars at their defaults, as far as it has at most 100 elements.\n" +
      "A file: the pairs of functions in it, such as gelu and geluPrime, or /** @derivativeOf gelu */ above the second,\n" +
      "and what else people write (docs/readers.md); in a .py file also classes of torch.autograd.Function and the like.\n" +
      "A folder: its files, on all cores; each claim ends within 5 s, and what is skipped is counted by its reasons.\n" +
      "A formula: x is the input; in its derivative y is the output and dy the gradient from above.\n" +
      'A batch: one object such as {"id": "a", "formula": "tanh(x)", "derivative": "1 - y^2", "order": 1, "positive": []}\n' +
      "per line, one answer per line; the id of a line without one is its number.\n\n" +
      "Exit codes: 1 when anything is refuted or differs at single inputs (other than kinks of the catalogue, and but for\n" +
      "what --tolerance accepts: claims without parameters whose largest gap, as far as it is measured, is no larger),\n" +
      "else 2 when anything is unknown or cannot be read (0 with --allow-unknown), else 0: everything is proved, or declared\n" +
      'to be a surrogate by a comment "nonlin: surrogate" on its line or above it, which says that it is no derivative, on\n' +
      "purpose.",
    positionals: [0, Infinity],
    options: {
      formula: { value: "F", summary: 'the function, such as "x*sigmoid(b*x)"' },
      derivative: { value: "D", summary: "what is claimed to be its derivative" },
      order: { value: "n", summary: "how often it is differentiated, up to 9 (default 1); 0: are F and D equal?" },
      positive: { value: "name,...", multiple: true, summary: "parameters, or x, that are promised to be above 0" },
      with: { ...layer.with, summary: "the gradients of layers with the activation in them, such as dense" },
      batch: { value: "file.jsonl", summary: "claims as lines of JSON; - reads them from stdin" },
      tolerance: { value: "t", summary: "do not count as wrong what differs by at most t, as far as it is measured" },
      "allow-unknown": {
        summary: "do not fail for what is unknown or unreadable, and skip files without a derivative",
      },
      explain: { summary: "also print each step of the proof" },
      certificate: { value: "file", summary: "write what the proofs used, for integrations/check_certificate.py" },
      format: { value: "name", summary: "text, json, github (annotations of a workflow) or sarif" },
      ...json,
    },
    load: () => import("./verify/verify.js"),
  },
  compare: {
    summary: "whether two frameworks mean the same by a name",
    usage: "nonlin compare <name> <framework@version> <framework@version> [options]",
    about:
      "The name as one of them writes it (hard_sigmoid, nn.Hardtanh, layers.LeakyReLU), or an id of the catalogue.\n" +
      "A framework and its version such as torch@1.7, torch@2.13, keras@2.4, keras@3.15-jax; transformers, vllm and ggml,\n" +
      "whose versions are not told apart.\n" +
      "Says whether it is the same function, the largest gap, which defaults and which gradients at kinks differ,\n" +
      "and what to write in each to have the other's. How gradients are known: confirmed by running that version,\n" +
      "bracketed by an older and a newer one with the same result, or read in its source.\n\n" +
      "Exit codes: 0 when function, defaults and gradients at kinks are the same, 1 when anything differs,\n" +
      "2 when it cannot tell.",
    positionals: [0, 3],
    options: {
      ...parameters,
      all: { summary: "every activation in several versions, beside the definition of the catalogue" },
      markdown: { summary: "with --all: as a table in Markdown" },
      ...json,
    },
    load: () => import("./compare/compare.js"),
  },
};
