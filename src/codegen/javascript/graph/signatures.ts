/** Arguments of emitted functions of graphs: names, defaults, checks, and what is made when it is not given. */
import { size, type Integer } from "../../../ir/graph/integer.js";
import type { Axis } from "../../../ir/graph/tensor.js";
import { plainSteps, type Buffer, type GraphFunction } from "../../../ir/kernel.js";
import { ZERO } from "../../loops/places.js";
import type { ParameterText } from "../../module.js";
import type { GraphPlan } from "../../target.js";
import { integerText } from "../integers.js";
import { checks } from "../parameters.js";
import { numberText } from "../spelling.js";
import { Scope } from "./scope.js";

const ARRAYS = { float32: "Float32Array", float64: "Float64Array", int32: "Int32Array", uint8: "Uint8Array" } as const;
export const arrayType = (buffer: Buffer): string => ARRAYS[buffer.type];

const LARGEST_WORD = 2 ** 32 - 1;

/** Whether it is written only when it is wanted. */
export const canBeLeftOut = (of: GraphFunction, { optional }: Buffer): boolean => optional || of.outputs.length > 1;

/** One tensor in, one tensor out: they are arguments of their own. */
export function isSingle({ functions, saves }: GraphPlan): boolean {
  const [forward, backward] = ["forward", "backward"].map((name) => functions.find((one) => one.name === name));
  const only = (buffers: readonly Buffer[] | undefined, name: string): boolean =>
    buffers?.length === 1 && buffers[0]!.name === name && !buffers[0]!.optional;
  return (
    only(forward?.inputs, "x") &&
    only(forward?.outputs, "y") &&
    saves.length <= 1 &&
    (backward === undefined || only(backward.outputs, "dx")) &&
    functions.every((one) => one === backward || (one.inputs.length === 1 && one.outputs.length === 1))
  );
}

/** A property of an object that is taken apart, under the name that it has inside. */
export const property = (name: string, local: string, initial?: string): string => {
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  return `${key === local ? key : `${key}: ${local}`}${initial === undefined ? "" : ` = ${initial}`}`;
};

/** Stands for the array of the workspace among the integers that have names. */
export const WORKSPACE: Integer = size("the workspace");

export const needsWorkspace = ({ kernels, workspace }: GraphFunction): boolean =>
  workspace.length > 0 || kernels.some(({ tiles }) => tiles.some(({ axes }) => axes.length > 0));

/** Where a buffer of the workspace begins, and where all of them end. */
export const workspaceBase = ({ name }: Buffer): Integer => size(`${name} in the workspace`);
const KEPT = size("what is kept in the workspace");

export class Signature {
  readonly scope: Scope;
  /** The names of tensors, sizes and scalars inside. */
  readonly locals = new Map<Buffer, string>();
  readonly sizeNames: readonly string[];
  readonly scalarNames: ReadonlyMap<string, string>;
  private readonly shapeNames: readonly string[];
  /** For inputs that may be left out, the variable that says whether they are given; for outputs, whether to write them. */
  readonly flags = new Map<Buffer, string>();
  readonly key: readonly [string, string];
  readonly workspaceName: string;

  constructor(
    readonly plan: GraphPlan,
    readonly of: GraphFunction,
    readonly single: boolean,
    taken: Iterable<string>,
    /** Whether callers may give an array for what is kept between kernels. */
    readonly hasWorkspace: boolean,
  ) {
    const { sizes, shaped } = plan.definition;
    this.scope = Scope.create(taken);
    for (const buffer of [...of.inputs, ...of.outputs])
      this.locals.set(buffer, this.scope.claim(buffer.name, `${buffer.name}Tensor`));
    this.sizeNames = sizes.map(({ name }) => this.scope.claim(name, `${name}Size`));
    sizes.forEach(({ name }, i) => this.scope.bind(size(name), this.sizeNames[i]!));
    const scalar = (name: string): [string, string] => [name, this.scope.claim(name, `${name}Value`)];
    this.scalarNames = new Map(plan.definition.parameters.map(({ name }) => scalar(name)));
    for (const { name, symbol } of plan.definition.parameters) this.scope.bind(symbol, this.scalarNames.get(name)!);
    this.key = plan.draws ? [scalar("seed")[1], scalar("counter")[1]] : ["0", "0"];
    this.shapeNames =
      shaped === undefined ? [] : ["shape", "axis"].map((name) => this.scope.claim(name, `${name}Value`));
    this.workspaceName = this.hasWorkspace ? this.scope.claim("workspace", "scratch") : "";
    if (this.hasWorkspace) this.scope.bind(WORKSPACE, this.workspaceName);
    for (const buffer of [...of.inputs, ...of.outputs]) {
      const [verb, isFlagged] = of.inputs.includes(buffer)
        ? ["has", buffer.absent !== undefined]
        : ["writes", canBeLeftOut(of, buffer)];
      const word = `${verb}${buffer.name.charAt(0).toUpperCase()}${buffer.name.slice(1)}`;
      if (isFlagged) this.flags.set(buffer, this.scope.claim(word));
    }
  }

  /** How much of the workspace is kept between kernels. */
  get kept(): Integer {
    return this.of.workspace.length === 0 ? ZERO : KEPT;
  }

  /** Where each buffer of the workspace begins, and where the last one ends. */
  nameWorkspace(): string[] {
    let before: readonly Integer[] = [];
    return this.of.workspace.flatMap(({ length }, i) => {
      const next = this.of.workspace[i + 1];
      const base = next === undefined ? KEPT : workspaceBase(next);
      const text = [...before, length].map((part) => integerText(part, this.scope.of, 12)).join(" + ");
      const name = this.scope.claim(next === undefined ? "kept" : `${next.name}Workspace`);
      this.scope.bind(base, name);
      before = [base];
      return [`const ${name} = ${text};`];
    });
  }

  /** The arguments as they are written. */
  parameters(): ParameterText[] {
    const { of, single } = this;
    const name = (buffer: Buffer): string => this.locals.get(buffer)!;
    const object = (buffers: readonly Buffer[]): string =>
      `{ ${buffers.map((buffer) => property(buffer.name, name(buffer))).join(", ")} }`;
    const type = of.name.charAt(0).toUpperCase() + of.name.slice(1);
    const mayOmit = this.sizesMayBeOmitted();
    const orNothing = mayOmit ? "" : " | undefined";
    const tensors: ParameterText[] = single
      ? [
          ...of.inputs.map((buffer) => ({ name: name(buffer), type: arrayType(buffer) })),
          ...of.outputs.map((buffer) => ({
            name: name(buffer),
            type: `${arrayType(buffer)}${orNothing}`,
            optional: mayOmit,
          })),
        ]
      : [
          { name: object(of.inputs), type: `${type}Inputs`, declaredAs: "inputs", optional: false },
          {
            name: object(of.outputs),
            type: `${type}Outputs${orNothing}`,
            initial: "{}",
            declaredAs: "outputs",
            optional: mayOmit,
          },
        ];
    return [
      ...tensors,
      { ...this.sizesParameter(), optional: mayOmit },
      ...(this.hasWorkspace ? [{ name: this.workspaceName, type: "Float64Array", optional: true }] : []),
    ];
  }

  private sizesMayBeOmitted(): boolean {
    const { shaped, sizes } = this.plan.definition;
    return shaped === undefined && sizes.every((one) => one.default !== undefined);
  }

  /** Sizes and scalars, with their defaults. */
  sizesParameter(): ParameterText {
    const { definition, draws } = this.plan;
    const { shaped, sizes, parameters } = definition;
    const [shape, axis] = this.shapeNames;
    const ways = new Map(
      shaped === undefined
        ? []
        : [
            [shaped.rows, "sizeBefore"],
            [shaped.along, "sizeAlong"],
            [shaped.inner, "sizeAfter"],
          ],
    );
    const initial = (name: string, otherwise: Integer | undefined): string | undefined => {
      const given = otherwise === undefined ? undefined : integerText(otherwise, this.scope.of);
      const way = ways.get(name);
      return way === undefined ? given : `${shape} === undefined ? ${given} : ${way}(${shape}, ${axis})`;
    };
    const properties = [
      ...(shaped === undefined ? [] : [property("shape", shape!), property("axis", axis!, String(shaped.axis))]),
      ...sizes.map((one, i) => property(one.name, this.sizeNames[i]!, initial(one.name, one.default))),
      ...parameters.map((one) => property(one.name, this.scalarNames.get(one.name)!, numberText(one.default))),
      ...(draws ? [property("seed", this.key[0], "0"), property("counter", this.key[1], "0")] : []),
    ];
    return { name: `{ ${properties.join(", ")} }`, type: "Parameters", initial: "{}" };
  }

  /** Checks of everything, and outputs and the workspace made where they are not given. */
  begin(): string[] {
    const { plan, of } = this;
    const [seed, counter] = this.key;
    return [
      `checkSizes(${this.sizeNames.join(", ")});`,
      ...checks(plan.definition.parameters, (name) => this.scalarNames.get(name)!),
      ...(plan.draws
        ? [`whole("seed", ${seed}, 0, ${LARGEST_WORD});`, `whole("counter", ${counter}, 0, ${LARGEST_WORD});`]
        : []),
      ...this.nameExtents(),
      ...of.inputs.flatMap((buffer) => this.checkInput(buffer)),
      ...plan.definition.indices.flatMap((index) => {
        const buffer = of.inputs.find(({ name }) => name === index.tensor);
        if (buffer === undefined) return [];
        const except = index.except === undefined ? [] : [this.scalarNames.get(index.except)!];
        const flag = this.flags.get(buffer);
        const places = [JSON.stringify(buffer.name), this.locals.get(buffer)!, integerText(index.size, this.scope.of)];
        return [`${flag === undefined ? "" : `if (${flag}) `}checkPlaces(${[...places, ...except].join(", ")});`];
      }),
      ...of.outputs.flatMap((buffer) => this.makeOutput(buffer)),
      ...this.makeWorkspace(),
      ...this.nameWorkspace(),
    ];
  }

  /** The sizes of axes that are computed from those that callers give. */
  nameExtents(): string[] {
    const { inputs, outputs, workspace, kernels } = this.of;
    const axes = [...inputs, ...outputs, ...workspace].flatMap((buffer) => buffer.axes);
    const loops = kernels.flatMap(({ steps, tiles, blocks }) => [
      ...blocks.map(({ axis }) => axis),
      ...tiles.flatMap((tile) => tile.axes),
      ...plainSteps(steps).flatMap((step) =>
        step.kind === "contract"
          ? [...step.outer, ...step.rows, ...step.columns, ...step.inner]
          : step.kind === "fold"
            ? [...step.axes, ...step.over]
            : step.axes,
      ),
    ]);
    return [...axes, ...loops].flatMap((axis: Axis) => {
      if (axis.size.args.length === 0 || this.scope.of(axis.size) !== undefined) return [];
      const text = integerText(axis.size, this.scope.of);
      const name = this.scope.claim(axis.name, `${axis.name}Size`);
      this.scope.bind(axis.size, name);
      return [`const ${name} = ${text};`];
    });
  }

  private count(buffer: Buffer): string {
    return integerText(buffer.length, this.scope.of, 11);
  }

  /** Whether it is not what it should be, and what to say then. */
  private wrong(buffer: Buffer): readonly [test: string, refusal: string] {
    const local = this.locals.get(buffer)!;
    const type = arrayType(buffer);
    const sizes = buffer.axes.map(({ name, size: extent }) => property(name, integerText(extent, this.scope.of)));
    return [
      `!(${local} instanceof ${type}) || ${local}.length !== ${this.count(buffer)}`,
      `refuse(${JSON.stringify(buffer.name)}, ${local}, ${type}, { ${sizes.join(", ")} });`,
    ];
  }

  private checkInput(buffer: Buffer): string[] {
    const flag = this.flags.get(buffer);
    const local = this.locals.get(buffer)!;
    const [test, refusal] = this.wrong(buffer);
    if (flag === undefined) return [`if (${test}) ${refusal}`];
    return [`const ${flag} = ${local} !== undefined && ${local} !== null;`, `if (${flag} && (${test})) ${refusal}`];
  }

  private makeOutput(buffer: Buffer): string[] {
    const flag = this.flags.get(buffer);
    const local = this.locals.get(buffer)!;
    const [test, refusal] = this.wrong(buffer);
    const made = `${local} = new ${arrayType(buffer)}(${this.count(buffer)});`;
    if (flag === undefined) return [`if (${local} === undefined) ${made}`, `else if (${test}) ${refusal}`];
    const source = this.of.inputs.find(({ name }) => buffer.name === `d${name}`);
    const given = source === undefined ? undefined : (this.flags.get(source) ?? "true");
    const makes = !buffer.optional
      ? `${local} === undefined`
      : given === undefined
        ? ""
        : `${local} === undefined && ${given}`;
    return [
      ...(makes === "" ? [] : [`if (${makes.replace(" && true", "")}) ${made}`]),
      `const ${flag} = ${buffer.optional ? `${local} !== undefined && ` : ""}${local} !== null;`,
      `if (${flag} && (${test})) ${refusal}`,
    ];
  }

  private makeWorkspace(): string[] {
    if (!this.hasWorkspace) return [];
    const name = this.workspaceName;
    const needed = this.scope.claim("needed");
    return [
      `const ${needed} = ${workspaceFunction(this.of)}(${this.sizeNames.join(", ")});`,
      `if (${name} === undefined) ${name} = new Float64Array(${needed});`,
      `else if (!(${name} instanceof Float64Array)) throw new TypeError('"workspace" must be a Float64Array');`,
      `else if (${name}.length < ${needed})`,
      `throw new RangeError(\`"workspace" has \${${name}.length} elements; it needs \${${needed}}\`);`,
    ];
  }

  /** The return statement. */
  end(): string {
    const outputs = this.of.outputs.map((buffer) => [buffer.name, this.locals.get(buffer)!] as const);
    return this.single
      ? `return ${outputs[0]![1]};`
      : `return { ${outputs.map(([name, local]) => property(name, local)).join(", ")} };`;
  }
}

export const workspaceFunction = ({ name }: GraphFunction): string => `${name}Workspace`;
