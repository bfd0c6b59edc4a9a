/** Timing that is fair to its candidates: interleaved rounds, medians, and a fixed seed for the data; and tables. */
export { interleaved, median, uniform } from "../dist/cli/bench/timing.js";

/** Columns as wide as their widest cell, the first to the left and the others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join("  "),
    )
    .join("\n");
}

export const markdownTable = ([head, ...rows]) =>
  [head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

export const verdict = (holds) => (holds ? "holds" : "DOES NOT HOLD");
