/**
 * Kernels of matrix products: a workgroup of T × T lanes computes a tile of 4T × 4T elements, 4 × 4 in the registers of each
 * lane, from tiles of the operands in workgroup memory; then what is elementwise in the products, element by element. Rows,
 * columns and what is summed over may each be several axes, of which one number says where along all of them a place is.
 */
import { floorDiv, minus, plus, size, times, type Integer } from "../../../ir/graph/integer.js";
import type { Axis } from "../../../ir/graph/tensor.js";
import { plainSteps, type Matrix } from "../../../ir/kernel.js";
import { comment } from "../text.js";
import { countOf } from "./elements.js";
import type { KernelText } from "./kernel-text.js";
import type { Locals } from "./names.js";
import { epilogueFunction, isInnermost, operandFunction, type Contract, type PlaceFunction } from "./operands.js";
import { countText, decomposition, newLocals, type KernelScope } from "./scope.js";

/** Rows and columns of a lane. */
const BLOCK = 4;
const DEFAULT_TILE = 16;
const COMPONENTS = ["x", "y", "z", "w"] as const;
const STEPS = "vec4<u32>(0u, 1u, 2u, 3u) * product_tile";

type Dimension = "outer" | "rows" | "columns" | "inner";

/** An operand: what fills tiles of it. */
interface Operand {
  readonly matrix: Matrix;
  readonly side: "left" | "right";
  readonly element: PlaceFunction;
  /** Neighbours in memory are along the axes that are summed over. */
  readonly isInner: boolean;
  readonly isComputed: boolean;
  /** The workgroup variable of its tile. */
  readonly tile: string;
}

export function productsKernel(scope: KernelScope, documentation: string): KernelText {
  const { module, kernel, entry } = scope;
  const steps = plainSteps(kernel.steps);
  const contracts = steps.filter((step): step is Contract => step.kind === "contract");
  const [dimensions] = contracts as [Contract];
  const tiles = new Set(contracts.flatMap(({ left, right }) => [left.buffer, right.buffer]));
  const stores = steps.flatMap((step) => (step.kind === "store" ? step.stores : []));
  const made = new Map(stores.filter(({ to }) => tiles.has(to.buffer)).map((store) => [store.to.buffer, store]));
  const epilogue = stores.filter((store) => !made.has(store.to.buffer));

  module.taken.add("product_tile");
  module.overrides.set("product_tile", {
    name: "product_tile",
    type: "u32",
    default: DEFAULT_TILE,
    choices: [4, 8, 16],
    // By what small adapters have, not measured on one.
    modest: 8,
    documentation:
      "Workgroups of product_tile × product_tile lanes compute products in tiles of 4 · product_tile rows and columns: 4, 8 or 16.",
  });
  const operands: Operand[] = [];
  const key = ({ buffer, at }: Matrix): string => [buffer.name, ...at.map(({ text }) => text)].join();
  const operandOf = (matrix: Matrix, side: Operand["side"]): Operand => {
    const known = operands.find((one) => one.side === side && key(one.matrix) === key(matrix));
    if (known !== undefined) return known;
    const { outer, inner } = dimensions;
    const store = made.get(matrix.buffer);
    const along = side === "left" ? dimensions.rows : dimensions.columns;
    const operand: Operand = {
      matrix,
      side,
      element: operandFunction(matrix, store, [...outer, ...along, ...inner], side, scope),
      isComputed: store !== undefined,
      isInner: isInnermost(matrix, store, inner, scope),
      tile: tileVariable(operands.length + 1, module),
    };
    operands.push(operand);
    return operand;
  };
  const pairs = contracts.map(({ left, right }) => [operandOf(left, "left"), operandOf(right, "right")] as const);
  const write = epilogueFunction(
    contracts,
    epilogue,
    [...dimensions.outer, ...dimensions.rows, ...dimensions.columns],
    scope,
  );
  const lines = new Entry(scope, dimensions, operands, pairs, write).lines();
  module.items.push([
    ...comment(documentation),
    "@compute @workgroup_size(product_tile, product_tile)",
    `fn ${entry}(`,
    ...lines,
  ]);

  const lanes = times(size("product_tile"), size("product_tile"));
  const extent = times(BLOCK, size("product_tile"));
  const tilesOf = (axes: readonly Axis[]): Integer => floorDiv(plus(countOf(axes), minus(extent, 1)), extent);
  return {
    workgroups: times(times(countOf(dimensions.outer), tilesOf(dimensions.rows)), tilesOf(dimensions.columns)),
    workgroupBytes: times(16 * operands.length, lanes),
    invocations: lanes,
  };
}

function tileVariable(number: number, { taken, items }: KernelScope["module"]): string {
  const name = `tile${number}`;
  if (!taken.has(name)) {
    taken.add(name);
    items.push([`var<workgroup> ${name}: array<vec4<f32>, product_tile * product_tile>;`]);
  }
  return name;
}

/** Writes the entry point. */
class Entry {
  private readonly locals: Locals;
  private readonly counts: Readonly<Record<Dimension, string>>;
  private readonly names: Readonly<Record<"tile" | "firstRow" | "firstColumn" | "outer" | "k", string>>;

  constructor(
    private readonly scope: KernelScope,
    private readonly dimensions: Pick<Contract, Dimension>,
    private readonly operands: readonly Operand[],
    private readonly pairs: readonly (readonly [Operand, Operand])[],
    private readonly write: PlaceFunction,
  ) {
    this.locals = newLocals(scope.module);
    const fresh = (name: string): string => this.locals.fresh(name);
    this.counts = {
      outer: fresh("outer_count"),
      rows: fresh("row_count"),
      columns: fresh("column_count"),
      inner: fresh("inner_count"),
    };
    this.names = {
      tile: fresh("tile"),
      firstRow: fresh("first_row"),
      firstColumn: fresh("first_column"),
      outer: fresh("outer"),
      k: fresh("k"),
    };
  }

  lines(): string[] {
    const { dimensions, counts, names, scope } = this;
    const count = (of: Dimension): string => `let ${counts[of]} = ${countText(dimensions[of], scope.module)};`;
    const hasOuter = dimensions.outer.length > 0;
    const outer = decomposition({ axes: dimensions.outer, text: names.outer }, scope.module, this.locals);
    const accumulators = this.pairs.map((_, i) => COMPONENTS.map((__, row) => this.locals.fresh(`sum${i + 1}_${row}`)));
    const operands = this.operands.map((operand) => this.filling(operand, outer.position));
    const epilogue = this.epilogue(accumulators, outer.position);
    return [
      "@builtin(workgroup_id) workgroup: vec3<u32>,",
      "@builtin(num_workgroups) workgroups: vec3<u32>,",
      "@builtin(local_invocation_id) local: vec3<u32>,",
      ") {",
      ...(["rows", "columns", "inner"] as const).map(count),
      ...(hasOuter ? [count("outer")] : []),
      `let row_tiles = (${counts.rows} + 4u * product_tile - 1u) / (4u * product_tile);`,
      `let column_tiles = (${counts.columns} + 4u * product_tile - 1u) / (4u * product_tile);`,
      `let tiles = ${hasOuter ? `${counts.outer} * ` : ""}row_tiles * column_tiles;`,
      `for (var ${names.tile} = workgroup.x; ${names.tile} < tiles; ${names.tile} += workgroups.x) {`,
      `let ${names.firstColumn} = ${names.tile} % column_tiles * 4u * product_tile;`,
      `let ${names.firstRow} = ${names.tile} / column_tiles % row_tiles * 4u * product_tile;`,
      ...(hasOuter ? [`let ${names.outer} = ${names.tile} / (column_tiles * row_tiles);`] : []),
      ...outer.lines(),
      ...operands.flatMap(({ before }) => before),
      ...accumulators.flat().map((name) => `var ${name} = vec4<f32>();`),
      `for (var ${names.k} = 0u; ${names.k} < ${counts.inner}; ${names.k} += product_tile) {`,
      ...operands.flatMap(({ fill }) => fill),
      "workgroupBarrier();",
      "for (var i = 0u; i < product_tile; i++) {",
      ...this.operands.map(
        ({ tile, side }, i) =>
          `let operand${i + 1} = ${tile}[i * product_tile + local.${side === "left" ? "y" : "x"}];`,
      ),
      ...this.pairs.flatMap(([left, right], i) =>
        COMPONENTS.map(
          (component, row) =>
            `${accumulators[i]![row]!} += operand${this.operands.indexOf(left) + 1}.${component} * operand${this.operands.indexOf(right) + 1};`,
        ),
      ),
      "}",
      "workgroupBarrier();",
      "}",
      ...epilogue,
      "}",
      "}",
    ];
  }

  /** How lanes fill a tile: neighbouring lanes load what is next to each other in memory. */
  private filling(
    { side, isInner, isComputed, element, tile }: Operand,
    outer: (axis: string) => string | undefined,
  ): { readonly before: readonly string[]; readonly fill: readonly string[] } {
    const { dimensions, counts, names, locals, scope } = this;
    const dimension = side === "left" ? "rows" : "columns";
    const [fixed, summed] = isInner ? ["local.y", "local.x"] : ["local.x", "local.y"];
    const first = side === "left" ? names.firstRow : names.firstColumn;
    const [all, at] = [locals.fresh(`${side}_${dimension}`), locals.fresh(`${side}_at`)];
    const along = decomposition({ axes: dimensions[dimension], text: all }, scope.module, locals);
    const inner = decomposition({ axes: dimensions.inner, text: at }, scope.module, locals);
    const places = element.axes.map(({ name }): readonly [text: string, isVector: boolean] => {
      const own = along.position(name);
      return own === undefined ? [(inner.position(name) ?? outer(name))!, false] : [own, true];
    });
    const is = locals.fresh(`is_${side}`);
    const call = (component: string): string =>
      `${element.name}(${places.map(([text, isVector]) => (isVector ? `${text}${component}` : text)).join(", ")})`;
    const [value, j] = [locals.fresh(`${side}_values`), locals.fresh("j")];
    /** A loop has the text of a computed element once; a plain load is short enough to be written four times. */
    const loads = isComputed
      ? [
          `for (var ${j} = 0u; ${j} < 4u; ${j}++) {`,
          `if (${is}[${j}]) {`,
          `${value}[${j}] = ${call(`[${j}]`)};`,
          "}",
          "}",
        ]
      : COMPONENTS.flatMap((component) => [
          `if (${is}.${component}) {`,
          `${value}.${component} = ${call(`.${component}`)};`,
          "}",
        ]);
    return {
      before: [`let ${all} = ${first} + ${fixed} + ${STEPS};`, ...along.lines()],
      fill: [
        `let ${at} = ${names.k} + ${summed};`,
        ...inner.lines(),
        `let ${is} = vec4<bool>(${at} < ${counts.inner}) & (${all} < vec4<u32>(${counts[dimension]}));`,
        `var ${value} = vec4<f32>();`,
        ...loads,
        `${tile}[${summed} * product_tile + ${fixed}] = ${value};`,
      ],
    };
  }

  /** Element by element: what is done for one may be long, so it stands there once. */
  private epilogue(
    accumulators: readonly (readonly string[])[],
    outer: (axis: string) => string | undefined,
  ): string[] {
    const { dimensions, counts, names, locals, scope, write } = this;
    const [row, column, r, c] = ["row", "column", "r", "c"].map((name) => locals.fresh(name)) as [
      string,
      string,
      string,
      string,
    ];
    const alongRows = decomposition({ axes: dimensions.rows, text: row }, scope.module, locals);
    const alongColumns = decomposition({ axes: dimensions.columns, text: column }, scope.module, locals);
    const places = write.axes.map(
      ({ name }) => (alongRows.position(name) ?? alongColumns.position(name) ?? outer(name))!,
    );
    const blocks = accumulators.map((_, i) => locals.fresh(`block${i + 1}`));
    const sums = blocks.map((block) => `${block}[${r}][${c}]`);
    return [
      ...blocks.map((block, i) => `var ${block} = array<vec4<f32>, 4>(${accumulators[i]!.join(", ")});`),
      `for (var ${r} = 0u; ${r} < 4u; ${r}++) {`,
      `let ${row} = ${names.firstRow} + local.y + ${r} * product_tile;`,
      `if (${row} >= ${counts.rows}) {`,
      "break;",
      "}",
      ...alongRows.lines(),
      `for (var ${c} = 0u; ${c} < 4u; ${c}++) {`,
      `let ${column} = ${names.firstColumn} + local.x + ${c} * product_tile;`,
      `if (${column} >= ${counts.columns}) {`,
      "break;",
      "}",
      ...alongColumns.lines(),
      `${write.name}(${[...places, ...sums].join(", ")});`,
      "}",
      "}",
    ];
  }
}
