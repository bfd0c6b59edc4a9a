/** WGSL modules as their readers see them: functions, who calls whom, and how entry points use each buffer. */

export interface ShaderFunctionText {
  readonly name: string;
  readonly isEntry: boolean;
  /** Without comments. */
  readonly body: string;
  /** What stands before a parenthesis in it. */
  readonly calls: ReadonlySet<string>;
}

export interface BufferVariable {
  readonly name: string;
  readonly number: number;
  readonly access: "read" | "read_write";
}

export interface ShaderText {
  /** The comment above everything, as one text. */
  readonly header: string;
  /** All but comments. */
  readonly code: string;
  readonly functions: readonly ShaderFunctionText[];
  readonly buffers: readonly BufferVariable[];
}

/** A module, with the lines for devices with subgroups. */
export function readShader(text: string): ShaderText {
  const lines = text.split("\n");
  const above = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith("//")),
  );
  const code = text.replaceAll("//+ ", "").replace(/\/\/.*/g, "");
  return {
    header: above
      .map((line) => line.replace(/^\/\/ ?/, ""))
      .join("\n")
      // What was broken between words goes on.
      .replace(/\n(?=[^-\n])/g, " "),
    code,
    functions: [...code.matchAll(/(@compute[^{;]*?)?\bfn (\w+)\(/g)].map((match) => {
      const body = bracketed(code, code.indexOf("{", match.index), "{", "}");
      const calls = new Set([...body.matchAll(/\b(\w+)\(/g)].map(([, called]) => called!));
      return { name: match[2]!, isEntry: match[1] !== undefined, body, calls };
    }),
    buffers: [...code.matchAll(/@binding\((\d+)\) var<storage, (read|read_write)> (\w+)/g)].map((match) => ({
      number: Number(match[1]),
      access: match[2] as BufferVariable["access"],
      name: match[3]!,
    })),
  };
}

/** From one bracket to the one that closes it. */
function bracketed(text: string, from: number, open: string, close: string): string {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === open) depth += 1;
    if (text[i] === close) depth -= 1;
    if (depth === 0) return text.slice(from, i + 1);
  }
  throw new RangeError("a bracket is never closed");
}

/** A function and all that it calls, directly or not. */
export function reachedFrom(name: string, { functions }: ShaderText): readonly ShaderFunctionText[] {
  const reached = new Set(functions.filter((one) => one.name === name));
  for (const { calls } of reached) for (const other of functions) if (calls.has(other.name)) reached.add(other);
  return [...reached];
}

export interface Use {
  readonly reads: boolean;
  readonly writes: boolean;
}

/** How code uses what it takes elements of: one that is assigned to is written, any other is read. */
function usesIn(code: string): ReadonlyMap<string, Use> {
  const uses = new Map<string, Use>();
  for (const match of code.matchAll(/\b(\w+)(?=\[)/g)) {
    const [open, name] = [match.index + match[0].length, match[1]!];
    const end = open + bracketed(code, open, "[", "]").length;
    const assigned = /^\s*([-+*/]?)=(?!=)/.exec(code.slice(end, end + 8));
    const known = uses.get(name);
    uses.set(name, {
      reads: known?.reads === true || assigned === null || assigned[1] !== "",
      writes: known?.writes === true || assigned !== null,
    });
  }
  return uses;
}

/** The entry points, and how each with all that it calls uses the buffers that it touches. */
export function entryPoints(
  shader: ShaderText,
): readonly { readonly name: string; readonly uses: ReadonlyMap<string, Use> }[] {
  return shader.functions
    .filter(({ isEntry }) => isEntry)
    .map(({ name }) => {
      const uses = usesIn(
        reachedFrom(name, shader)
          .map(({ body }) => body)
          .join("\n"),
      );
      return {
        name,
        uses: new Map([...uses].filter(([used]) => shader.buffers.some((buffer) => buffer.name === used))),
      };
    });
}
