/** How many instructions of each kind a WGSL module compiles to: a measure that no machine's load disturbs. */
import { parseWgsl, validate, writeSpirv } from "naga-wasm";
import { forNaga } from "./check.js";

/** The instructions that naga writes into functions, by their numbers in SPIR-V. */
const NAMES: Readonly<Record<number, string>> = {
  12: "ExtInst",
  57: "FunctionCall",
  59: "Variable",
  61: "Load",
  62: "Store",
  65: "AccessChain",
  68: "ArrayLength",
  77: "VectorExtractDynamic",
  78: "VectorInsertDynamic",
  79: "VectorShuffle",
  80: "CompositeConstruct",
  81: "CompositeExtract",
  82: "CompositeInsert",
  83: "CopyObject",
  84: "Transpose",
  109: "ConvertFToU",
  110: "ConvertFToS",
  111: "ConvertSToF",
  112: "ConvertUToF",
  113: "UConvert",
  114: "SConvert",
  115: "FConvert",
  124: "Bitcast",
  126: "SNegate",
  127: "FNegate",
  128: "IAdd",
  129: "FAdd",
  130: "ISub",
  131: "FSub",
  132: "IMul",
  133: "FMul",
  134: "UDiv",
  135: "SDiv",
  136: "FDiv",
  137: "UMod",
  138: "SRem",
  139: "SMod",
  140: "FRem",
  141: "FMod",
  142: "VectorTimesScalar",
  148: "Dot",
  154: "Any",
  155: "All",
  156: "IsNan",
  157: "IsInf",
  164: "LogicalEqual",
  165: "LogicalNotEqual",
  166: "LogicalOr",
  167: "LogicalAnd",
  168: "LogicalNot",
  169: "Select",
  170: "IEqual",
  171: "INotEqual",
  172: "UGreaterThan",
  173: "SGreaterThan",
  174: "UGreaterThanEqual",
  175: "SGreaterThanEqual",
  176: "ULessThan",
  177: "SLessThan",
  178: "ULessThanEqual",
  179: "SLessThanEqual",
  180: "FOrdEqual",
  182: "FOrdNotEqual",
  183: "FUnordNotEqual",
  184: "FOrdLessThan",
  186: "FOrdGreaterThan",
  188: "FOrdLessThanEqual",
  190: "FOrdGreaterThanEqual",
  194: "ShiftRightLogical",
  195: "ShiftRightArithmetic",
  196: "ShiftLeftLogical",
  197: "BitwiseOr",
  198: "BitwiseXor",
  199: "BitwiseAnd",
  200: "Not",
  202: "BitFieldSExtract",
  203: "BitFieldUExtract",
  224: "ControlBarrier",
  225: "MemoryBarrier",
  245: "Phi",
  246: "LoopMerge",
  247: "SelectionMerge",
  249: "Branch",
  250: "BranchConditional",
  251: "Switch",
  253: "Return",
  254: "ReturnValue",
  255: "Unreachable",
};
const [ENTRY_POINT, FUNCTION, FUNCTION_END, FUNCTION_CALL] = [15, 54, 56, 57] as const;
/** Parameters, labels and the lines of a debugger do nothing. */
const SILENT: ReadonlySet<number> = new Set([8, 55, 248, 317]);

type Counts = Map<string, number>;

interface Body {
  readonly counts: Counts;
  readonly calls: number[];
}

/**
 * The instructions of an entry point, those of every function it calls counted each time that it is called; without an
 * entry, of every function of the module once. Overrides have their own values where no others are given.
 */
export function operationCounts(
  code: string,
  entry?: string,
  constants: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const { bodies, entries } = readModule(spirvOf(withoutOverrides(code, constants)));
  const total: Counts = new Map();
  if (entry === undefined) {
    for (const { counts } of bodies.values()) add(total, counts);
  } else {
    const start = entries.get(entry);
    if (start === undefined)
      throw new Error(`There is no entry point ${entry}, only ${[...entries.keys()].join(", ")}`);
    add(total, expanded(start, bodies, new Map()));
  }
  return Object.fromEntries([...total].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** SPIR-V from naga has no overrides: they become the constants that they would be in a pipeline. */
function withoutOverrides(code: string, constants: Readonly<Record<string, number>>): string {
  return code.replace(
    /^\s*(?:@id\(\d+\)\s*)?override\s+(\w+)([^=;]*)(=[^;]*)?;/gm,
    (_, name: string, type: string, value: string | undefined) => {
      const given = constants[name] === undefined ? value : `= ${constants[name]}`;
      if (given === undefined) throw new Error(`The override ${name} has no value`);
      return `const ${name}${type}${given};`;
    },
  );
}

function spirvOf(code: string): Uint32Array {
  const module = parseWgsl(forNaga(code));
  const info = validate(module);
  try {
    return writeSpirv(module, info);
  } finally {
    info.free();
    module.free();
  }
}

function readModule(words: Uint32Array): { bodies: Map<number, Body>; entries: Map<string, number> } {
  const bodies = new Map<number, Body>();
  const entries = new Map<string, number>();
  let body: Body | undefined;
  // Behind a header of five words, each instruction says in its first word its length and its kind.
  for (let at = 5; at < words.length; at += words[at]! >>> 16) {
    const kind = words[at]! & 0xffff;
    if (kind === ENTRY_POINT) entries.set(textAt(words, at + 3), words[at + 2]!);
    else if (kind === FUNCTION) bodies.set(words[at + 2]!, (body = { counts: new Map(), calls: [] }));
    else if (kind === FUNCTION_END) body = undefined;
    else if (body !== undefined && !SILENT.has(kind)) {
      if (kind === FUNCTION_CALL) body.calls.push(words[at + 3]!);
      add(body.counts, new Map([[NAMES[kind] ?? `Op${kind}`, 1]]));
    }
  }
  return { bodies, entries };
}

function textAt(words: Uint32Array, start: number): string {
  const bytes = new Uint8Array(words.buffer, words.byteOffset + 4 * start);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

function expanded(id: number, bodies: ReadonlyMap<number, Body>, known: Map<number, Counts>): Counts {
  const found = known.get(id);
  if (found !== undefined) return found;
  const body = bodies.get(id)!;
  const total: Counts = new Map(body.counts);
  for (const call of body.calls) add(total, expanded(call, bodies, known));
  known.set(id, total);
  return total;
}

function add(total: Counts, counts: ReadonlyMap<string, number>): void {
  for (const [name, count] of counts) total.set(name, (total.get(name) ?? 0) + count);
}
