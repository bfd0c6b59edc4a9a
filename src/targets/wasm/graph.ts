/** WebAssembly for graphs: one ES module per definition; functions on typed arrays check them, and loops compute. */
import {
  PLACES_FUNCTION,
  REFUSE_FUNCTION,
  WHOLE_FUNCTION,
  checkSizesFunction,
  shapeFunctions,
} from "../../codegen/javascript/graph/checks.js";
import { extentText } from "../../codegen/javascript/graph/extents.js";
import { graphHeader, savesConstant } from "../../codegen/javascript/graph/heading.js";
import { Signature, arrayType, canBeLeftOut, isSingle } from "../../codegen/javascript/graph/signatures.js";
import { functionDocumentation, interfacesOf, resultType } from "../../codegen/javascript/graph/types.js";
import { workspaceLengthFunction } from "../../codegen/javascript/graph/workspace.js";
import { integerText } from "../../codegen/javascript/integers.js";
import { graphLoop, type GraphLoop } from "../../codegen/loops/graph.js";
import type { Given } from "../../codegen/loops/integers.js";
import { inLanes, type Schedule } from "../../codegen/loops/lanes.js";
import type { ProductSchedule } from "../../codegen/loops/multiply.js";
import { writeModule, type FunctionText } from "../../codegen/module.js";
import type { Artifact, GraphPlan } from "../../codegen/target.js";
import { allBlocks, blockExtent, isPlain, type Buffer, type GraphFunction } from "../../ir/kernel.js";
import type { LoopFunction } from "../../ir/loops/loops.js";
import { COMPILE, compiled } from "./compiled.js";
import { FOR_CALLERS } from "./memory.js";

/** Measured: sums wait for each other, and in short passes four of them take turns. */
const SCHEDULE: Schedule = { unroll: 4, operations: 9 };

/** Measured: eight sums and six numbers stay in registers; with nine sums V8 keeps some of them in memory, at half the speed. */
const PRODUCTS: ProductSchedule = {
  computed: "f32",
  tile: { rows: 2, columns: 4 },
  single: { columns: 4 },
  depth: 256,
  width: 96,
  pitch: 264,
};

/** The loops of a function as they are planned, and as they run. */
export function loopsOf(of: GraphFunction): GraphLoop & { readonly vectors: LoopFunction } {
  const planned = graphLoop(of, (output) => of.outputs.includes(output) && canBeLeftOut(of, output), PRODUCTS);
  return { ...planned, vectors: inLanes(planned.loop, SCHEDULE) };
}

/** Every name that a module of a plan may have at its top. */
const topNames = ({ functions }: GraphPlan): string[] => [
  ...["saves", "workspaceLength", "checkSizes", "whole", "refuse", "checkPlaces"],
  ...["axisOf", "sizeBefore", "sizeAlong", "sizeAfter"],
  ...["inPlaces", "instantiate", "refuseOutgrown", "compiledLoops", "CODE", "RELAXED", "COMPILED", ...FOR_CALLERS],
  ...functions.map(({ name }) => name),
];

export async function emitGraph(plan: GraphPlan): Promise<readonly Artifact[]> {
  const { definition, functions } = plan;
  const single = isSingle(plan);
  const names = topNames(plan);
  const loops = new Map(functions.map((of) => [of, loopsOf(of)] as const));
  const vectors = [...loops.values()].map((each) => each.vectors);
  const { text, constants } = await compiled(definition.id, vectors, graphHeader(plan, ";;"));
  const [code, types] = await writeModule({
    path: `wasm/${definition.id}`,
    header: graphHeader(plan),
    imports: ['import { inPlaces, instantiate, refuseOutgrown } from "./memory.mjs";'],
    reexports: [`export { ${FOR_CALLERS.join(", ")} } from "./memory.mjs";`],
    interfaces: interfacesOf(plan, single),
    constants: [savesConstant(plan, single), ...constants],
    functions: [
      ...functions.map((of) => functionText(new Signature(plan, of, single, names, false), loops.get(of)!)),
      // Loops keep in the memory what they need.
      workspaceLengthFunction(plan, names, () => "0"),
      checkSizesFunction(definition, names),
      ...(definition.shaped === undefined ? [] : shapeFunctions(definition.shaped)),
      COMPILE,
      WHOLE_FUNCTION,
      REFUSE_FUNCTION,
      ...(definition.indices.length === 0 ? [] : [PLACES_FUNCTION]),
    ],
  });
  return [code!, types!, { path: `wasm/${definition.id}.wat`, text }];
}

function functionText(signature: Signature, { arrays, numbers }: GraphLoop): FunctionText {
  const { of, single, locals, scope } = signature;
  const [read, written] = [of.inputs, of.outputs].map((buffers) => arrays.filter((buffer) => buffers.includes(buffer)));
  const scratch = arrays.filter(({ role }) => role === "workspace" || role === "tile");
  const listed = [...of.inputs, ...of.outputs].map((buffer) => nameIn(buffer, locals.get(buffer)!));
  const begin = signature.begin();
  const extents = extentLines(signature);
  const length = (buffer: Buffer): string => integerText(buffer.length, scope.of);
  const places = scope.claim("places");
  const list = (texts: readonly string[]): string => `[${texts.join(", ")}]`;
  const call = `compiledLoops().${of.name}(${[`...${places}`, ...numbers.map((one) => numberText(one, signature))].join(", ")})`;
  return {
    name: of.name,
    exported: true,
    parameters: signature.parameters(),
    returns: resultType(of, single),
    documentation: functionDocumentation(of, false),
    body: [
      `refuseOutgrown({ ${listed.join(", ")} });`,
      ...begin,
      ...extents,
      `inPlaces(${[
        list(read!.map((buffer) => givenText(buffer, signature))),
        list(written!.map((buffer) => `${locals.get(buffer)!}${buffer.optional ? " ?? null" : ""}`)),
        list(scratch.map(length)),
        `(...${places}) => ${call}`,
      ].join(", ")});`,
      signature.end(),
    ],
  };
}

const nameIn = ({ name }: Buffer, local: string): string => (name === local ? name : `${name}: ${local}`);

/** An input, or in its place one of the elements that it has where it is not given. */
function givenText(buffer: Buffer, { locals, flags, scope }: Signature): string {
  const local = locals.get(buffer)!;
  if (buffer.absent === undefined) return local;
  const made = `new ${arrayType(buffer)}(${integerText(buffer.length, scope.of)})`;
  return `${flags.get(buffer)!} ? ${local} : ${buffer.absent === 0 ? made : `${made}.fill(${buffer.absent})`}`;
}

function numberText(given: Given, { scope, flags, scalarNames, key }: Signature): string {
  switch (given.kind) {
    case "size":
      return integerText(given.size, scope.of);
    case "key":
      return key[given.name === "seed" ? 0 : 1];
    case "parameter":
      return scalarNames.get(given.name)!;
    case "wanted":
      return flags.get(given.output)!;
  }
}

/** How many places blocks have. */
function extentLines({ of, scope }: Signature): string[] {
  return of.kernels.flatMap((kernel) => {
    const blocks = allBlocks(kernel);
    return blocks.flatMap((block) => {
      const extent = blockExtent(block.axis);
      if (isPlain(block) || scope.of(extent) !== undefined) return [];
      const name = scope.claim(`${block.axis.name}Block`);
      scope.bind(extent, name);
      return [`const ${name} = ${extentText(block, blocks, scope.of)};`];
    });
  });
}
