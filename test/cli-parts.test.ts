import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { catalogue } from "../src/catalogue.js";
import { commands } from "../src/cli/commands.js";
import { readArguments } from "../src/cli/shell/arguments.js";
import { renderDiagnostic } from "../src/cli/shell/failure.js";
import { serialise } from "../src/cli/build/fingerprint.js";
import { plot } from "../src/cli/show/plot.js";
import { readConfig } from "../src/cli/build/read-config.js";
import { columns, table, toJson } from "../src/cli/shell/text.js";
import { Diagnostic } from "../src/diagnostic.js";

const onlyDiagnostics = (action: () => unknown): void => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(Diagnostic);
  }
};

describe("the place of a mistake", () => {
  const render = (source: string, start: number, end: number): string[] =>
    renderDiagnostic(new Diagnostic("m", { source, start, end })).split("\n").slice(1, 3);

  test("is underlined, at least by one caret", () => {
    expect(render("x + tahn(x)", 4, 8)).toEqual(["  x + tahn(x)", "      ^^^^"]);
    expect(render("x +", 3, 3)).toEqual(["  x +", "     ^"]);
  });
  test("may be in any line, behind wide or joined characters, or in a long line", () => {
    expect(render("a\nbcd\ne", 3, 4)).toEqual(["  bcd", "   ^"]);
    expect(render("\t漢e\u0301 q", 5, 6)).toEqual(["   漢e\u0301 q", "       ^"]);
    const [line, caret] = render(`${"1+".repeat(300)}?${"+1".repeat(300)}`, 600, 601);
    expect(line!.length).toBeLessThan(120);
    expect(line![caret!.indexOf("^")]).toBe("?");
  });
  test("never makes the rendering fail", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer(), fc.integer(), (source, start, end) => {
        expect(renderDiagnostic(new Diagnostic("m", { source, start, end }))).toMatch(/\^\n$/);
      }),
    );
  });
});

test("tables align by what a terminal shows", () => {
  expect(
    table([
      ["a", "b"],
      ["漢字", "c"],
    ]),
  ).toBe("a     b\n漢字  c\n");
  expect(columns("e\u0301漢")).toBe(3);
});

test("numbers that JSON lacks become strings", () => {
  expect(JSON.parse(toJson({ a: Infinity, b: [NaN, 1] }))).toEqual({ a: "Infinity", b: ["NaN", 1] });
});

test("a plot has its size, whatever the curves", () => {
  const heights = fc.array(fc.double(), { minLength: 2, maxLength: 50 });
  fc.assert(
    fc.property(heights, fc.boolean(), (full, unicode) => {
      const points = full.map((_, i) => i - 3);
      const text = plot({ points, full, broken: full, breaks: [] }, { unicode, width: 60, height: 16 });
      const lines = text.split("\n");
      expect(lines).toHaveLength(18);
      for (const line of lines) expect(line.length).toBeLessThan(90);
      if (!unicode) expect(text).toMatch(/^[ -~\n]*$/);
    }),
  );
});

test("a plot shows a line and does not bridge a jump", () => {
  const curves = { points: [-1, 0, 1], full: [-1, 0, 1], broken: [0, 1, 1], breaks: [0] };
  expect(plot(curves, { unicode: false, width: 5, height: 3 }).split("\n")).toEqual([
    " 1   . *",
    " 0 .-*--",
    "-1 * |",
    "   -1  1",
    "",
  ]);
});

describe("arguments and configurations from anyone", () => {
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("--json", "--only", "--param", "-", "--", "--__proto__", "--constructor=1"),
  );
  test("arguments are read or refused", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(commands)), fc.array(word), (command, words) =>
        onlyDiagnostics(() => readArguments(words, command.options, command.positionals, command.usage)),
      ),
      { numRuns: 2000 },
    );
  });

  const keys = [
    "activations",
    "layers",
    "layer",
    "activation",
    "targets",
    "out",
    "only",
    "catalogue",
    "save",
    "id",
    "formula",
    "parameters",
    "default",
    "range",
    "__proto__",
  ];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, fc.anything(), fc.array(tie("value"), { maxLength: 3 }), tie("object")),
    object: fc.dictionary(fc.constantFrom(...keys), tie("value"), { maxKeys: 4 }),
  }));
  test("configurations are read or refused", () => {
    fc.assert(
      fc.property(value, (config) => onlyDiagnostics(() => readConfig(config))),
      { numRuns: 3000 },
    );
  });

  test.each([
    [{ activation: [] }, 'unknown key in the configuration: "activation"', "did you mean activations?"],
    [{ activations: {} }, "activations has to be a list, not an object"],
    [{ activations: [{ id: "a" }] }, "activations[0] needs the key formula"],
    [{ activations: [{ id: "a b", formula: "x" }] }, "activations[0].id: "],
    [{ activations: [{ id: "class", formula: "x" }] }, "activations[0].id: "],
    [{ activations: [{ id: "index", formula: "x" }] }, "activations[0].id: "],
    [
      {
        activations: [
          { id: "a", formula: "x" },
          { id: "A", formula: "x" },
        ],
      },
      'activations[1].id "A" is that of activations[0]',
    ],
    [
      { activations: [{ id: "a", formula: "x*b", parameters: { b: {} } }] },
      "activations[0].parameters.b needs the key default",
    ],
    [
      { activations: [{ id: "a", formula: "x*b", parameters: { b: { default: 3, range: [0, 1] } } }] },
      "activations[0].parameters.b.default is 3",
    ],
    [
      { activations: [{ id: "a", formula: "x", samples: [{ b: "1" }] }] },
      "activations[0].samples[0].b has to be a number",
    ],
    [{ activations: [{ id: "a", formula: "x", title: "a\nevil()" }] }, "activations[0].title has to be a single line"],
    [{ targets: ["jss"] }, 'unknown target in targets[0]: "jss"'],
    [{ save: "no" }, 'unknown value in save: "no"'],
    [{ catalogue: 1 }, "catalogue has to be true or false, not 1"],
    [null, "the configuration has to be an object, not null"],
  ])("%j", (config, message, hint?) => {
    expect(() => readConfig(config)).toThrow(message);
    if (hint !== undefined) expect(() => readConfig(config)).toThrow(expect.objectContaining({ hint }));
  });
});

test("definitions have different serialisations, their parts count", () => {
  expect(new Set(catalogue.map(serialise)).size).toBe(catalogue.length);
  const [first] = catalogue.filter(({ parameters }) => parameters.length > 0);
  const [parameter] = first!.parameters;
  const changed = { ...first!, parameters: [{ ...parameter!, default: -0 }, ...first!.parameters.slice(1)] };
  const again = { ...first!, parameters: [{ ...parameter!, default: 0 }, ...first!.parameters.slice(1)] };
  expect(serialise(changed)).not.toBe(serialise(again));
});

test("only src/cli touches files, the process, threads or the clock", () => {
  const root = new URL("../src", import.meta.url).pathname;
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.startsWith("cli"))
    .map((path) => join(root, path));
  const impure =
    /"(node:)?(fs|fs\/promises|process|child_process|worker_threads|os|perf_hooks|timers|net|http)"|\bprocess\.|\bDate\b|performance\.now|Math\.random/;
  expect(
    files.filter((path) => impure.test(readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""))),
  ).toEqual([]);
});
