/** Runs the programs in test/python, whose every line of output is the outcome of one check. */
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";

const PROGRAMS = resolve(import.meta.dirname, "..", "python");

export interface Outcome {
  readonly id: string;
  readonly check: string;
  readonly ok: boolean;
  /** What is wrong, or what was measured. */
  readonly detail: string;
}

/** Quiet frameworks that compute on the processor. */
const ENVIRONMENT = { TF_CPP_MIN_LOG_LEVEL: "3", TF_USE_LEGACY_KERAS: "1", CUDA_VISIBLE_DEVICES: "-1" };

export interface Outcomes {
  readonly of: (check: string, id: string) => Outcome | undefined;
  readonly all: readonly Outcome[];
  /** What the program said beside its outcomes: the reason when it ended early. */
  readonly errors: string;
}

/** Runs a program; what it printed before it failed counts. */
export async function runChecks(
  python: string,
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcomes> {
  const child = spawn(python, ["-B", join(PROGRAMS, program), ...args], {
    env: { ...process.env, ...ENVIRONMENT, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const code = await new Promise<number | null>((settle) => {
    if (child.exitCode !== null || child.signalCode !== null) settle(child.exitCode);
    else child.once("close", settle);
  });
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  const outcomes = new Map(
    lines.map((line) => {
      const outcome = JSON.parse(line) as Outcome;
      return [`${outcome.check} ${outcome.id}`, outcome] as const;
    }),
  );
  return {
    of: (check, id) => outcomes.get(`${check} ${id}`),
    all: [...outcomes.values()],
    errors: code === 0 ? "" : `${program} ended with ${code}: ${stderr.slice(-3000)}`,
  };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: string[] = [];
  stream.setEncoding("utf8");
  for await (const chunk of stream) chunks.push(String(chunk));
  return chunks.join("");
}

/** The line that says that a check went well, or what to look at. */
export function verdict(outcomes: Outcomes, check: string, id: string): string {
  const outcome = outcomes.of(check, id);
  if (outcome === undefined) return `no outcome. ${outcomes.errors}`;
  return outcome.ok ? "ok" : outcome.detail;
}
