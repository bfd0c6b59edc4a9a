/** Where `nonlin verify` runs: pre-commit, a GitHub Action, pytest and ESLint, as docs/integrations.md sets them up. */
import { spawnSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Linter } from "eslint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nonlin, recommended } from "../src/cli/eslint/plugin.js";
import { Project, ROOT, blocksOf, wordOf } from "./helpers/documents.js";
import { readYaml, type Plain } from "./helpers/yaml.js";

const WRONG = "export const sq = (x) => x * x;\nexport const sqPrime = (x) => x;\n";
const RIGHT = "export const sq = (x) => x * x;\nexport const sqPrime = (x) => 2 * x;\n";
const NEARLY = "export const f = (x) => 0.5 * x;\nexport const fPrime = (x) => 0.50000000001;\n";
const UNREAD = "export const f = (x) => x % 2;\nexport const fPrime = (x) => 1;\n";
const NOTHING = "export const one = 1;\n";
const MODEL = `
import torch

def sq(x):
    return x * x

def sq_prime(x):
    return x

def cube(x):
    return x**3

def cube_prime(x):
    return 3 * x**2

def relu(x):
    return torch.relu(x)

def relu_grad(x):
    return (x >= 0).float()

def unread(x):
    return elsewhere(x)

def unread_prime(x):
    return 1

class Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x > 0).float()

    @staticmethod
    def backward(ctx, g):  # nonlin: surrogate
        (x,) = ctx.saved_tensors
        return g * (x.abs() <= 1).float()
`;

let project: Project;
beforeAll(() => {
  project = new Project("module");
  symlinkSync(ROOT, join(project.folder, "node_modules", "nonlin"));
  symlinkSync(join(ROOT, "node_modules", "eslint"), join(project.folder, "node_modules", "eslint"));
  for (const block of blocksOf("docs/integrations.md")) project.write(wordOf(block, "file")!, block.text);
  project.write("wrong folder/wrong.js", WRONG);
  project.write("wrong folder/unread.js", UNREAD);
  project.write("src/right.js", RIGHT);
  project.write("src/nearly.ts", NEARLY);
  project.write("src/unread.js", UNREAD);
  project.write("src/nothing.js", NOTHING);
  project.write("models/activations.py", MODEL);
  project.write("models/nothing.py", "one = 1\n");
});
afterAll(() => project.remove());

interface Outcome {
  readonly status: number | null;
  readonly out: string;
}

function execute(
  command: string,
  words: readonly string[],
  {
    environment = {},
    input = "",
  }: { readonly environment?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Outcome {
  const PATH = `${join(project.folder, "node_modules", ".bin")}:${process.env["PATH"]}`;
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd: project.folder,
    encoding: "utf8",
    input,
    env: { ...process.env, NO_COLOR: "1", LANG: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1", PATH, ...environment },
  });
  return { status, out: stdout + stderr };
}

describe("--allow-unknown", () => {
  const verify = (...words: readonly string[]): Outcome => execute("nonlin", ["verify", ...words]);

  test("says what is unknown, and does not fail for it", () => {
    expect(verify("src/unread.js").status).toBe(2);
    const { status, out } = verify("src/unread.js", "--allow-unknown");
    expect([status, out]).toEqual([0, expect.stringContaining("remainders are not read")]);
  });

  test("skips files without a derivative, and counts them", () => {
    const { status, out } = verify("src/nothing.js", "src/right.js", "models/nothing.py", "--allow-unknown");
    expect(status).toBe(0);
    expect(out).toBe(
      "src/right.js:2:14: sqPrime is the derivative of sq: proved\nskipped: 2 files without a function\n",
    );
  });

  test("allows nothing that is wrong, nor files that are not there", () => {
    expect(verify("wrong folder/wrong.js", "src/unread.js", "--allow-unknown").status).toBe(1);
    expect(verify("src/nowhere.js", "--allow-unknown")).toEqual({
      status: 2,
      out: 'error: there is no file or folder "src/nowhere.js"\n',
    });
  });
});

describe("the hooks of pre-commit", async () => {
  const hooks = (await readYaml(join(ROOT, ".pre-commit-hooks.yaml"))) as readonly Readonly<Record<string, string>>[];

  test("have the id that the documentation names", async () => {
    const { repos } = (await readYaml(join(project.folder, ".pre-commit-config.yaml"))) as {
      readonly repos: readonly [{ readonly hooks: readonly Plain[] }];
    };
    expect(hooks.map(({ id }) => id)).toEqual(["nonlin", "nonlin-npx"]);
    expect(repos[0].hooks).toEqual([{ id: "nonlin" }]);
  });

  test.each(hooks)("$id takes files of source", ({ files, exclude }) => {
    const isTaken = (name: string): boolean => new RegExp(files!).test(name) && !new RegExp(exclude!).test(name);
    expect(["a.js", "a.mjs", "a.cts", "src/a.tsx", "a.jsx", "b/a.py"].filter(isTaken)).toHaveLength(6);
    expect(["a.d.ts", "a.d.mts", "a.min.js", "a.pyc", "a.json", "ajs", "README.md"].filter(isTaken)).toEqual([]);
  });

  test.each(hooks)("$id fails for what is wrong alone", ({ language, entry }) => {
    const [command, ...words] = entry!.split(" ");
    // A script is one of the repository that has the hooks.
    const program = language === "script" ? join(ROOT, command!) : command!;
    const commit = (...files: readonly string[]): Outcome => execute(program, [...words, ...files]);
    expect(commit("src/right.js", "src/unread.js", "src/nothing.js").status).toBe(0);
    const { status, out } = commit("src/right.js", "wrong folder/wrong.js", "models/activations.py");
    expect(status).toBe(1);
    expect(out).toContain("wrong folder/wrong.js:2:14: sqPrime is not the derivative of sq\n  at x = ");
    expect(out).toContain("models/activations.py:7:5: sq_prime is not the derivative of sq\n");
  });
});

describe("the action", async () => {
  const action = (await readYaml(join(ROOT, "action.yml"))) as {
    readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
    readonly runs: {
      readonly using: string;
      readonly steps: readonly [
        { readonly shell: string; readonly env: Readonly<Record<string, string>>; readonly run: string },
      ];
    };
  };
  const [step] = action.runs.steps;

  /** The step as a workflow runs it that gives these inputs. */
  function act(given: Readonly<Record<string, string>>): Outcome {
    const inputs = Object.entries(action.inputs).map(([name, input]) => [name, given[name] ?? input.default] as const);
    const fill = (text: string): string =>
      inputs.reduce((filled, [name, value]) => filled.replaceAll(`\${{ inputs.${name} }}`, value), text);
    const environment = Object.fromEntries(Object.entries(step.env).map(([name, text]) => [name, fill(text)]));
    expect(step.run).not.toContain("${{");
    expect(Object.values(environment).join()).not.toContain("${{");
    return execute("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run], { environment });
  }

  test("is made of one step of bash, and has the inputs that the documentation gives", async () => {
    expect([action.runs.using, action.runs.steps.length, step.shell]).toEqual(["composite", 1, "bash"]);
    const { jobs } = (await readYaml(join(project.folder, ".github/workflows/derivatives.yml"))) as {
      readonly jobs: { readonly derivatives: { readonly steps: readonly Readonly<Record<string, Plain>>[] } };
    };
    const [given] = jobs.derivatives.steps.filter(({ uses }) => uses === "nonlin/nonlin@main");
    expect(given!["with"]).toEqual({ paths: "src\nmodels/activations.py\n", tolerance: "1e-9" });
    expect(Object.keys(given!["with"]!)).toEqual(Object.keys(action.inputs));
  });

  test("annotates what is wrong, and fails", () => {
    const { status, out } = act({ paths: "src\nwrong folder\n" });
    expect(status).toBe(1);
    const lines = out.trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("::error "))).toEqual([
      expect.stringMatching(/^::error file=src\/nearly\.ts,line=2,col=14,/),
      expect.stringMatching(
        /^::error file=wrong folder\/wrong\.js,line=2,col=14,title=nonlin%3A refuted::sqPrime is not/,
      ),
    ]);
    expect(lines.filter((line) => line.startsWith("::warning file="))).toHaveLength(2);
    expect(lines).toHaveLength(4);
  });

  test("takes the whole repository where no paths are given", () => {
    const { status, out } = act({ paths: "" });
    expect(status).toBe(1);
    expect(out).toContain("::error file=models/activations.py,line=7,col=5,");
    expect(out).toContain("::error file=wrong folder/wrong.js,line=2,col=14,");
    expect(act({})).toEqual({ status, out });
  });

  test("accepts what is within the tolerance, and what is unknown", () => {
    const { status, out } = act({ paths: "src", tolerance: "1e-9" });
    expect([status, out]).toEqual([0, expect.stringMatching(/^::warning file=src\/unread\.js,line=1,[^\n]*\n$/)]);
  });

  test("runs nothing that stands in its inputs", () => {
    const refused = (words: string): Outcome => ({ status: 2, out: expect.stringContaining(words) });
    expect(act({ paths: "$(touch made)" })).toEqual(refused('unknown activation "$(touch made)"'));
    expect(act({ paths: "*" })).toEqual(refused('unknown activation "*"'));
    expect(act({ paths: "--json" })).toEqual(refused('unknown activation "--json"'));
    expect(act({ tolerance: '0"; touch made; "' })).toEqual(refused("--tolerance has to be a number"));
    expect(execute("ls", ["made"]).status).not.toBe(0);
  });
});

describe("the plugin of pytest", () => {
  const python = process.env["NONLIN_PYTHON"];

  test.skipIf(python === undefined)("has a test for each derivative", () => {
    const { status, out } = execute(python!, ["-m", "pytest", "-v", "-rs", "-p", "no:cacheprovider"]);
    expect(status, out).toBe(1);
    const tests = [...out.matchAll(/^(models\/\w+\.py)::(\S+) (PASSED|FAILED|SKIPPED)/gm)].map((match) =>
      match.slice(1),
    );
    expect(tests).toEqual([
      ["models/activations.py", "sq_prime", "FAILED"],
      ["models/activations.py", "cube_prime", "PASSED"],
      ["models/activations.py", "relu_grad", "FAILED"],
      ["models/activations.py", "Spike::backward", "PASSED"],
      ["models/activations.py", "unread_prime", "SKIPPED"],
    ]);
    expect(out).toMatch(/^sq_prime is not the derivative of sq\n {2}at x = 1: it gives 1, right is 2\n/m);
    expect(out).toMatch(/^relu_grad is not the derivative of relu\n {2}only at x = 0: it gives 1, right is 0\n/m);
    expect(out).toContain('models/activations.py: "elsewhere" is not defined in this file');
    expect(out).toContain("2 failed, 2 passed, 1 skipped");
  });

  test.skipIf(python === undefined)("passes where all is proved, and verifies nothing unasked", () => {
    const only = (files: string): Outcome =>
      execute(python!, ["-m", "pytest", "-p", "no:cacheprovider", "-o", `nonlin_files=${files}`]);
    project.write("models/right.py", "def sq(x):\n    return x * x\n\ndef sq_prime(x):\n    return 2 * x\n");
    const { status, out } = only("models/r*.py");
    expect([status, out]).toEqual([0, expect.stringContaining("1 passed")]);
    expect(only("").out).toContain("no tests ran");
  });

  test.skipIf(python === undefined)("says that nonlin could not be run", () => {
    const run = (setting: string): Outcome =>
      execute(python!, ["-m", "pytest", "-p", "no:cacheprovider", "-o", setting]);
    expect(run("nonlin_command=no-such-program").out).toContain("no-such-program is not installed");
    expect(run("nonlin_tolerance=much").out).toContain("--tolerance has to be a number");
    expect(run("nonlin_command=node -e 1").out).toContain("nonlin could not be run");
  });
});

describe("the rule of ESLint", () => {
  test("fits the types of ESLint", () => {
    const config: Linter.Config[] = [recommended, { plugins: { nonlin } }];
    expect(config[0]!.rules).toEqual({ "nonlin/derivatives": "error" });
  });

  interface Message {
    readonly ruleId: string;
    readonly line: number;
    readonly column: number;
    readonly message: string;
  }
  const lint = (words: readonly string[], input?: string) => {
    const eslint = join("node_modules", "eslint", "bin", "eslint.js");
    const { status, out } = execute(
      process.execPath,
      [eslint, "--format", "json", ...words],
      input === undefined ? {} : { input },
    );
    const results = JSON.parse(out) as readonly { readonly filePath: string; readonly messages: readonly Message[] }[];
    const of = (name: string): readonly Message[] => results.find(({ filePath }) => filePath.endsWith(name))!.messages;
    return { status, of };
  };

  test("reports what is wrong where it stands, and nothing else", () => {
    const { status, of } = lint(["."]);
    expect(status).toBe(1);
    expect(of("wrong.js")).toMatchObject([{ ruleId: "nonlin/derivatives", line: 2, column: 14 }]);
    expect(of("wrong.js")[0]!.message).toMatch(
      /^sqPrime is not the derivative of sq\n {2}at x = 1: it gives 1, right is 2/,
    );
    for (const name of ["src/right.js", "src/unread.js", "src/nothing.js"]) expect(of(name), name).toEqual([]);
  });

  test("reads what an editor has, not what is on the disk", () => {
    const { status, of } = lint(["--stdin", "--stdin-filename", "src/right.js"], `// Not saved.\n${WRONG}`);
    expect([status, of("right.js")]).toMatchObject([1, [{ line: 3, column: 14 }]]);
  });

  test("has a tolerance, in files of TypeScript too", () => {
    const plain = 'import { recommended } from "nonlin/eslint";\nexport default [{ files: ["**/*.ts"] }, ';
    project.write("exact.config.mjs", `${plain}recommended];\n`);
    const config = readFileSync(join(project.folder, "eslint.config.mjs"), "utf8");
    project.write("near.config.mjs", config.replace("default [", 'default [{ files: ["**/*.ts"] },'));
    const exact = lint(["-c", "exact.config.mjs", "src"]);
    expect([exact.status, exact.of("nearly.ts")]).toMatchObject([1, [{ line: 2, column: 14 }]]);
    expect(exact.of("right.js")).toEqual([]);
    const near = lint(["-c", "near.config.mjs", "src"]);
    expect([near.status, near.of("nearly.ts")]).toEqual([0, []]);
  });
});
