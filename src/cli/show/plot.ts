/** A plot of two curves in characters: the first a full line, the second a broken one. */

export interface PlotCurves {
  readonly points: readonly number[];
  readonly full: readonly number[];
  readonly broken: readonly number[];
  /** Where a curve may jump: no line is drawn across. */
  readonly breaks: readonly number[];
}

export interface PlotStyle {
  readonly unicode: boolean;
  readonly width: number;
  readonly height: number;
}

type Mark = "full" | "broken";

/** Dots per character cell, and the bit of each in a braille pattern. */
const BRAILLE = {
  across: 2,
  down: 4,
  bits: [
    [0x01, 0x02, 0x04, 0x40],
    [0x08, 0x10, 0x20, 0x80],
  ],
} as const;
const PLAIN = { across: 1, down: 1 } as const;

/** The plot's lines, the axes labelled. */
export function plot(curves: PlotCurves, style: PlotStyle): string {
  const heights = [...curves.full, ...curves.broken].filter(Number.isFinite);
  const [left, right] = [curves.points[0] ?? -1, curves.points.at(-1) ?? 1];
  let [low, high] = heights.reduce(([a, b], y) => [Math.min(a, y), Math.max(b, y)], [0, 0]);
  if (low === high) [low, high] = [low - 1, high + 1];

  const dots = style.unicode ? BRAILLE : PLAIN;
  const [across, down] = [style.width * dots.across, style.height * dots.down];
  const toColumn = (x: number): number => Math.round(((x - left) / (right - left)) * (across - 1));
  // Halved first: the whole height of the largest floats would be infinite.
  const toRow = (y: number): number => Math.round(((high / 2 - y / 2) / (high / 2 - low / 2)) * (down - 1));
  const grid = new Map<number, Mark>();
  const put = (column: number, row: number, mark: Mark): void => {
    if (column < 0 || column >= across || row < 0 || row >= down) return;
    if (mark === "broken" && (grid.has(row * across + column) || isGap(column, row, style.unicode))) return;
    grid.set(row * across + column, mark);
  };
  draw(curves.points, curves.full, curves.breaks, toColumn, toRow, (column, row) => put(column, row, "full"));
  draw(curves.points, curves.broken, curves.breaks, toColumn, toRow, (column, row) => put(column, row, "broken"));

  const axisRow = Math.floor(toRow(0) / dots.down);
  const axisColumn = left <= 0 && right >= 0 ? Math.floor(toColumn(0) / dots.across) : -1;
  const cell = style.unicode ? brailleCell(grid, across) : plainCell(grid, across);
  const axes = style.unicode ? ["│", "─", "┼"] : ["|", "-", "+"];
  const lines = Array.from({ length: style.height }, (_, row) =>
    Array.from({ length: style.width }, (_, column) => {
      const axis = (row === axisRow ? 2 : 0) + (column === axisColumn ? 1 : 0);
      return cell(column, row) ?? ["", axes[0], axes[1], axes[2]][axis] ?? "";
    }).map((character) => character || " "),
  ).map((characters) => characters.join("").trimEnd());
  return label(lines, { left, right, low, high, axisRow, axisColumn, width: style.width });
}

/** Which dots of a broken line stay empty. */
const isGap = (column: number, row: number, unicode: boolean): boolean => (unicode ? (column + row) % 3 === 0 : false);

function draw(
  points: readonly number[],
  heights: readonly number[],
  breaks: readonly number[],
  toColumn: (x: number) => number,
  toRow: (y: number) => number,
  put: (column: number, row: number) => void,
): void {
  for (let i = 0; i < points.length; i++) {
    const [x, y] = [points[i]!, heights[i]!];
    if (!Number.isFinite(y)) continue;
    put(toColumn(x), toRow(y));
    const [nextX, nextY] = [points[i + 1], heights[i + 1]];
    if (nextX === undefined || nextY === undefined || !Number.isFinite(nextY)) continue;
    if (breaks.some((at) => at >= x && at <= nextX)) continue;
    const [column, row, toX, toY] = [toColumn(x), toRow(y), toColumn(nextX), toRow(nextY)];
    const steps = Math.max(Math.abs(toX - column), Math.abs(toY - row));
    for (let step = 1; step < steps; step++)
      put(Math.round(column + ((toX - column) * step) / steps), Math.round(row + ((toY - row) * step) / steps));
  }
}

const brailleCell = (grid: ReadonlyMap<number, Mark>, across: number) => (column: number, row: number) => {
  let pattern = 0;
  BRAILLE.bits.forEach((bits, i) =>
    bits.forEach((bit, j) => {
      if (grid.has((row * BRAILLE.down + j) * across + column * BRAILLE.across + i)) pattern |= bit;
    }),
  );
  return pattern === 0 ? undefined : String.fromCharCode(0x2800 + pattern);
};

const plainCell = (grid: ReadonlyMap<number, Mark>, across: number) => (column: number, row: number) => {
  const mark = grid.get(row * across + column);
  return mark === undefined ? undefined : { full: "*", broken: "." }[mark];
};

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly low: number;
  readonly high: number;
  readonly axisRow: number;
  readonly axisColumn: number;
  readonly width: number;
}

function label(lines: readonly string[], frame: Frame): string {
  const names = new Map([
    [0, short(frame.high)],
    [lines.length - 1, short(frame.low)],
    [frame.axisRow, "0"],
  ]);
  const margin = Math.max(...[...names.values()].map((name) => name.length));
  const rows = lines.map((line, row) => `${(names.get(row) ?? "").padStart(margin)} ${line}`.trimEnd());
  const below = [...short(frame.left).padEnd(frame.width)];
  const end = short(frame.right);
  below.splice(frame.width - end.length, end.length, ...end);
  if (frame.axisColumn > 4 && frame.axisColumn < frame.width - 6) below[frame.axisColumn] = "0";
  return [...rows, `${" ".repeat(margin + 1)}${below.join("")}`, ""].join("\n");
}

/** A number to a few digits. */
export const short = (value: number, digits = 4): string => String(Number(value.toPrecision(digits)));
