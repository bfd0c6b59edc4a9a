/** Markdown: answers side by side, how many are wrong, and times. */
import { ACCEPTED_ULPS, judge } from "../browser/exact.mjs";
import { markdownTable, median } from "../measure.mjs";

/** Names of what float32 has at its ends, and otherwise six digits. */
export function numberText(value) {
  if (value === undefined) return "any";
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const magnitude = Math.abs(value);
  if (magnitude === Infinity) return `${sign}Inf`;
  if (magnitude === 3.4028234663852886e38) return `${sign}max`;
  if (magnitude === 0) return `${sign}0`;
  if (magnitude === Math.fround(1e-45)) return `${sign}1e-45`;
  const short = Number(magnitude.toPrecision(6));
  return sign + (short >= 1e5 || short < 1e-3 ? short.toExponential().replace("e+", "e") : String(short));
}

function ulpText(ulps) {
  if (ulps === 0) return "";
  if (ulps < 100) return ` (${ulps.toFixed(1)})`;
  return ` (${ulps.toExponential(0).replace("e+", "e")})`;
}

/** A cell: the answer, bold with its error in ULP or "wrong" where it is not accepted. */
function cellText(got, exact, isLimit) {
  if (got === undefined) return "-";
  const verdict = judge(got, exact, isLimit);
  if (verdict === "wrong") return `**${numberText(got)} wrong**`;
  const text = numberText(got) + ulpText(verdict);
  return verdict > ACCEPTED_ULPS ? `**${text}**` : text;
}

/** `questions` have a title, the exact numbers, names of the numbers, and answers by library. */
export function answersTable({ title, points, exact, answers }, libraries) {
  const rows = points.map(({ name, isLimit }, i) => [
    name,
    numberText(exact[i] === undefined ? undefined : Math.fround(exact[i])),
    ...libraries.map((library) => cellText(answers[library].numbers?.[i], exact[i], isLimit)),
  ]);
  return `### ${title}\n\n${markdownTable([["x", "exact", ...libraries], ...rows])}`;
}

/** Of each library: answers, those that are wrong, and those that are off by more than is accepted. */
export function summaryTable(questions, libraries) {
  const count = (kinds, library) => {
    const verdicts = questions
      .filter(({ kind, answers }) => kinds.includes(kind) && answers[library].numbers !== undefined)
      .flatMap(({ exact, points, answers }) =>
        answers[library].numbers.map((number, i) => judge(number, exact[i], points[i].isLimit)),
      );
    if (verdicts.length === 0) return "-";
    const wrong = verdicts.filter((verdict) => verdict === "wrong").length;
    const off = verdicts.filter((verdict) => verdict > ACCEPTED_ULPS).length;
    return `${verdicts.length} / ${wrong} / ${off}`;
  };
  const rows = [
    ["values", ["value"]],
    ["derivatives", ["slope"]],
    ["rows of softmax and log-softmax", ["row"]],
    ["all", ["value", "slope", "row"]],
  ];
  return markdownTable([
    ["", ...libraries],
    ...rows.map(([title, kinds]) => [title, ...libraries.map((each) => count(kinds, each))]),
  ]);
}

export function footnotes(questions, libraries) {
  const reasons = new Map();
  for (const { title, answers } of questions)
    for (const library of libraries) {
      const { reason } = answers[library];
      if (reason === undefined) continue;
      const key = `${library}: ${reason}`;
      reasons.set(key, [...(reasons.get(key) ?? []), title]);
    }
  return [...reasons].map(([reason, titles]) => `- ${titles.join(", ")}: ${reason}`).join("\n");
}

const milliseconds = (time) => (time < 100 ? time.toFixed(1) : time.toFixed(0));

export function timesTable(results, titles, libraries) {
  const cell = ({ times }) =>
    times === undefined ? "-" : `${milliseconds(Math.min(...times))} / ${milliseconds(median(times))}`;
  const rows = Object.entries(results).map(([task, result]) => [
    titles[task],
    ...libraries.map((library) => cell(result[library])),
  ]);
  const reasons = Object.entries(results).flatMap(([task, result]) =>
    libraries.flatMap((each) =>
      result[each].reason === undefined ? [] : [`- ${titles[task]}: ${each}: ${result[each].reason}`],
    ),
  );
  return [markdownTable([["best / median, ms", ...libraries], ...rows]), ...reasons].join("\n\n");
}
