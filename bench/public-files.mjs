// `node bench/public-files.mjs --checkouts DIR [--execute] [--unread] [--write]`: what `nonlin verify` says of the public
// files in bench/public-files.json, of which DIR holds checkouts as DIR/owner/name. With --execute what is decided is also
// run, by bench/public-files.py ($PYTHON: NumPy, PyTorch, JAX) and in Node, and the reasons of what is not are counted: run
// it where nothing can be reached, since files do what they do when they are imported. --unread prints what is not read;
// with --write the verdicts are kept.
//
// "subjects" are judged by hand, from the source: `true` for a function of one tensor, or a gated unit, that works element
// by element and has a gradient of its own in the file; else why it is none. "fresh" files are of repositories at which
// nobody had looked when the readers were made for the others: docs/proving.md says what was read of them then.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { executed } from "./public-files-node.mjs";

const { values } = parseArgs({
  options: {
    checkouts: { type: "string" },
    execute: { type: "boolean" },
    unread: { type: "boolean" },
    write: { type: "boolean" },
  },
});
const RECORD = new URL("public-files.json", import.meta.url);
const rows = JSON.parse(readFileSync(RECORD, "utf8"));
const pathOf = ({ repository, path }) => join(values.checkouts, repository, path);
const present = rows.filter((row) => existsSync(pathOf(row)));

/** What is said of files, whatever the exit code is. */
const verdictsOn = (files) => {
  const program = fileURLToPath(new URL("../bin/nonlin.mjs", import.meta.url));
  const args = [program, "verify", "--json", "--allow-unknown", ...files];
  return JSON.parse(spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 1 << 28 }).stdout);
};
const { claims, problems } = verdictsOn(present.map(pathOf));

const countOf = (list) => {
  const counts = {};
  for (const each of list) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
};
/** Whether a name, such as `Activations.TANH.output`, is of a subject, such as `TANH`. */
const isOf = (name, subject) => `.${name.replaceAll(/[[\]]+/g, ".")}.`.includes(`.${subject}.`);

/** The elementwise subjects of a file, each with why it is not read; nothing for one that is. */
function subjectsOf({ subjects }, decided, refused) {
  const found = new Map();
  const listed = Object.keys(subjects).filter((subject) => subjects[subject] === true);
  const messageOf = (subject) => refused.find(({ function: name }) => isOf(name ?? "", subject))?.message;
  for (const subject of listed) {
    const isRead = decided.some(({ function: f, derivative }) => isOf(f, subject) || isOf(derivative, subject));
    found.set(subject, isRead ? undefined : (messageOf(subject) ?? "no pair is found"));
  }
  for (const { function: f, derivative } of decided)
    if (![...listed].some((subject) => isOf(f, subject) || isOf(derivative, subject)))
      found.set(`${f} | ${derivative}`, undefined);
  // What nobody has judged counts as elementwise.
  for (const { function: name, message } of refused)
    if (!listed.some((subject) => isOf(name ?? "", subject)) && subjects[name ?? ""] === undefined)
      found.set(`${name ?? ""} (not judged)`, message);
  return found;
}

for (const row of present) {
  const file = pathOf(row);
  const decided = claims.filter((claim) => claim.file === file);
  const subjects = subjectsOf(
    row,
    decided,
    problems.filter((problem) => problem.file === file),
  );
  const unread = [...subjects].filter(([, message]) => message !== undefined);
  row.verdicts = countOf(decided.map(({ verdict }) => verdict));
  row.read = subjects.size - unread.length;
  row.unread = Object.fromEntries(unread);
}

/** The share of the elementwise subjects that is read. */
function report(title, rows) {
  const read = rows.reduce((sum, row) => sum + row.read, 0);
  const unread = rows.reduce((sum, row) => sum + Object.keys(row.unread).length, 0);
  const share = ((100 * read) / (read + unread)).toFixed(1);
  const repositories = new Set(rows.map(({ repository }) => repository)).size;
  console.log(
    `${title}: ${rows.length} files of ${repositories} repositories, ${read} of ${read + unread} read: ${share} %`,
  );
}
report(
  "tuned for",
  present.filter(({ fresh }) => !fresh),
);
report(
  "fresh",
  present.filter(({ fresh }) => fresh),
);
report("all", present);
console.log("claims", claims.length, countOf(claims.map(({ verdict }) => verdict)));
console.log(
  "not elementwise",
  countOf(present.flatMap(({ subjects }) => Object.values(subjects).filter((why) => why !== true))),
);
if (values.unread)
  for (const { repository, path, unread } of present)
    for (const [subject, message] of Object.entries(unread))
      console.log(`${repository}/${path}: ${subject}: ${message}`);

if (values.execute) {
  const [python, node] = [
    claims.filter(({ file }) => file.endsWith(".py")),
    claims.filter(({ file }) => !file.endsWith(".py")),
  ];
  const answers = execFileSync(
    process.env.PYTHON ?? "python3",
    [fileURLToPath(new URL("public-files.py", import.meta.url)), values.checkouts],
    {
      input: python.map((claim) => `${JSON.stringify(claim)}\n`).join(""),
      encoding: "utf8",
      maxBuffer: 1 << 26,
      stdio: ["pipe", "pipe", "ignore"],
    },
  );
  const lines = answers.split("\n");
  const results = python.map((claim, i) => [claim, lines[i]]);
  for (const claim of node)
    try {
      results.push([claim, executed(claim)]);
    } catch (error) {
      results.push([claim, `not run: Error: ${error.message}`]);
    }
  const agreed = results.filter(([, answer]) => answer === "agrees").length;
  console.log(`executed: ${agreed} of ${claims.length} decided claims agree at a few hundred points`);
  // An error of the file's own is a kind; which one it is, is said with its claim.
  const kindOf = (answer) =>
    answer.replace(/^not run: (\w*Error): .*/, "not run: $1").replace(/^(contradicts).*/, "$1");
  console.log("others", countOf(results.map(([, answer]) => kindOf(answer)).filter((kind) => kind !== "agrees")));
  for (const [claim, answer] of results)
    if (answer !== "agrees")
      console.log(claim.file.slice(values.checkouts.length), claim.function, claim.verdict, answer);
  for (const row of present)
    row.executed = results.filter(([{ file }, answer]) => file === pathOf(row) && answer === "agrees").length;
}
if (values.write) writeFileSync(RECORD, `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`);
