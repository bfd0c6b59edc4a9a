/** A target that writes Python: modules in several styles, of activations and of graphs around them. */
import { generated } from "../header.js";
import { x } from "../../ir/build.js";
import type { Definition } from "../../ir/definition.js";
import type { Expr } from "../../ir/expr.js";
import type { GraphDefinition } from "../../ir/graph/definition.js";
import { Diagnostic } from "../../diagnostic.js";
import type { ActivationPlan, Artifact, Target, Wishes } from "../target.js";
import { isProved } from "../documentation.js";
import { formatPython } from "./format.js";
import { packageFiles } from "./package.js";
import { checkPythonName, type Reserved } from "./parameters.js";
import { documentation } from "./text.js";

const STYLES = { explicit: { folder: "" }, native: { folder: "native/" }, kernel: { folder: "kernel/" } };
export type Style = keyof typeof STYLES;

/** The origin of a module's gradients, in the explicit style. */
const originOf = (explicit: ActivationBody | undefined): Gradients =>
  explicit?.isFrameworks === true ? "framework's" : "own";

type Gradients = "own" | "framework's" | "own, for want of the framework's";

/** A sentence on the gradients of a module, alone or with the activation that is in a layer. */
function gradientsText(gradients: Gradients, plan: ActivationPlan | undefined, isLayer: boolean): string {
  if (gradients === "framework's" || plan === undefined) return "With the framework's own functions.";
  const { derivative, backward } = plan.proofs;
  const { gradient } = plan.definition;
  const proved = gradient === undefined ? "the proved derivative" : `the derivative of ${gradient.of} as a surrogate`;
  const word = [derivative, backward].every((proof) => proof === undefined || isProved(proof))
    ? proved
    : "a derivative that is not proved";
  const of = isLayer ? ` of ${plan.definition.id} in the framework's own layer` : "";
  const why = gradients === "own" ? "" : ", for want of functions of the framework that have it";
  return `With ${word}${of}${why}.`;
}

/** The text of a module, but for its head, with the names that it offers. */
export interface Body {
  readonly text: string;
  readonly exported: readonly string[];
  /** Where the framework's own function is not what the definition says. */
  readonly notes?: readonly string[];
}

export interface ActivationBody extends Body {
  /** Set if the module is only an alias of a framework activation: its spelling in layers, and its caveats. */
  readonly same?: { readonly written: string; readonly notes: readonly string[] };
  /** Whether the gradients are the framework's, in the explicit style too. */
  readonly isFrameworks?: boolean;
}

export interface GraphBody {
  readonly text: string;
  /** The functions and layers of the framework that it is made of. */
  readonly uses: readonly string[];
}

/** The parts of a Python target that differ between frameworks. */
export interface PythonFramework {
  readonly name: string;
  /** In documentation: `PyTorch 2.13`. */
  readonly title: string;
  readonly folder: string;
  readonly version: NonNullable<Target["version"]>;
  readonly keeps: Target["keeps"];
  readonly operations: Target["operations"];
  readonly reserved: Reserved;
  /** A module of an activation; without a native one, the explicit one stands for both. */
  readonly activation: (
    plan: ActivationPlan,
    expand: (expr: Expr) => Expr,
  ) => {
    readonly explicit: ActivationBody;
    readonly native: ActivationBody | undefined;
    /** The explicit one with loops of its own, where they gain something. */
    readonly kernel?: (planFor: Wishes["planFor"]) => ActivationBody | undefined;
  };
  /** The functions of the explicit style that are expressions. */
  readonly computations: NonNullable<Target["computations"]>;
  readonly styles: readonly Style[];
  /** A graph, to stand behind the module of the activation in it; `same` is the framework's own. */
  readonly graph: (
    definition: GraphDefinition,
    activation: ActivationPlan | undefined,
    same: string | undefined,
  ) => GraphBody;
  /** The class of a layer. */
  readonly layerClass: (definition: GraphDefinition) => string;
  readonly imports: (text: string) => string;
  /** The last touch to the text of a module. */
  readonly finish?: (text: string, id: string, style: Style) => string;
  /** A further remark on a module. */
  readonly remark?: (text: string) => string | undefined;
}

const isDefinedIn = (text: string, name: string): boolean => new RegExp(`^(class |def )?${name}\\b`, "m").test(text);

type Named = Pick<Definition, "id" | "title" | "reference">;

interface Written extends Body {
  /** The origin of the gradients, as a sentence. */
  readonly by: string;
}

export function pythonTarget(framework: PythonFramework): Target {
  const { name, title, folder, version, keeps, operations, imports, styles, computations } = framework;
  const { finish = (text) => text, remark = () => undefined } = framework;

  const write = async (named: Named, formula: string, style: Style, body: Written): Promise<Artifact> => {
    const { id, reference } = named;
    const { text, exported, notes = [], by } = body;
    const remarks = [remark(text)].filter((one) => one !== undefined);
    const parts = [
      documentation([
        `${named.title}: ${formula}`,
        ...(reference === "" ? [] : [reference]),
        ...notes,
        ...remarks,
        `${by} ${generated(` for ${title}`)}`,
      ]),
      imports(text),
      `__all__ = [${[...exported]
        .sort()
        .map((word) => `"${word}"`)
        .join(", ")}]`,
      finish(text, id, style),
    ];
    const path = `${folder}/${STYLES[style].folder}${id}.py`;
    return { path, text: await formatPython(parts.join("\n\n")), style };
  };

  const emit: Target["emit"] = (plan, expand, { style: wanted, planFor }) => {
    const { explicit, native, kernel } = framework.activation(plan, expand);
    const by = (gradients: Gradients): string => gradientsText(gradients, plan, false);
    const own = { ...explicit, by: by(originOf(explicit)) };
    const bodies: Readonly<Record<Style, () => Written | undefined>> = {
      explicit: () => own,
      native: () =>
        native === undefined
          ? { ...explicit, by: by("own, for want of the framework's") }
          : { ...native, by: by("framework's") },
      kernel: () => {
        const made = kernel?.(planFor);
        return made && { ...own, ...made };
      },
    };
    const written = styles
      .filter((style) => wanted === undefined || style === wanted)
      .flatMap((style) => {
        const body = bodies[style]();
        return body === undefined ? [] : [write(plan.definition, `f(x) = ${plan.texts.value}`, style, body)];
      });
    if (written.length === 0)
      throw new Diagnostic(`${plan.definition.id} has no ${wanted} style: loops would gain nothing there`, {
        hint: `leave out --style: what ${title} has is as fast`,
      });
    return Promise.all(written);
  };

  const emitGraph = async (
    definition: GraphDefinition,
    [plan]: readonly ActivationPlan[],
    expand: (expr: Expr) => Expr,
  ): Promise<{ readonly artifacts: readonly Artifact[]; readonly uses: readonly string[] }> => {
    // A layer without activation is one with the identity.
    const activation = plan === undefined || plan.definition.formula === x ? undefined : plan;
    const inner = activation && framework.activation(activation, expand);
    checkPythonName(definition.id, framework.reserved);
    const names = [framework.layerClass(definition), definition.id];
    const twice = inner?.explicit.exported.find((name) => names.includes(name));
    if (twice !== undefined)
      throw new Diagnostic(`"${twice}" would be both the layer ${definition.id} and the activation in it`, {
        hint: "give the layer another id",
      });
    const around = (own: ActivationBody | undefined): GraphBody & Body => {
      const { text, uses } = framework.graph(definition, activation, own?.same?.written);
      const exported = names.filter((name) => isDefinedIn(text, name));
      if (own?.same !== undefined) return { text, uses, exported, notes: own.same.notes };
      return { uses, exported, text: [...(own === undefined ? [] : [own.text]), text].join("\n\n\n") };
    };
    const native = around(inner?.native ?? inner?.explicit);
    const lacking = inner !== undefined && inner.native === undefined;
    const by = (gradients: Gradients): string => gradientsText(gradients, activation, true);
    const artifacts = await Promise.all([
      write(definition, definition.formula, "explicit", {
        ...around(inner?.explicit),
        by: by(originOf(inner?.explicit)),
      }),
      write(definition, definition.formula, "native", {
        ...native,
        by: by(lacking ? "own, for want of the framework's" : "framework's"),
      }),
    ]);
    return { artifacts, uses: native.uses };
  };

  return {
    name,
    styles,
    version,
    computed: "float32",
    findsNaN: "by comparison",
    keeps,
    operations,
    loopLowerings: {},
    emit,
    computations,
    graphs: { of: "tensors", emit: emitGraph },
    index: (ids) => packageFiles(folder, title.split(" ")[0]!, ids),
  };
}
