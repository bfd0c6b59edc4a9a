/** The role of an argument of a derivative, in whatever language: by its name, and by how the result depends on it. */
import { constant } from "../ir/build.js";
import { topological, type Expr } from "../ir/expr.js";
import { piecesOf } from "./interpreter/syntax.js";
import { snake, squash } from "./pairing.js";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** The incoming gradient, and the output. */
const GRADIENTS = words(
  "dy grad grads gradient gradoutput outputgrad gradout dout doutput dloss dldy upstream upstreamgrad upstreamgradient outputgradient outgrad dgrad gy",
);
const OUTPUTS = words("y out output result fx activation activated");
/** Words that are also names of inputs and parameters: they say what they are in what is called a backward only. */
const OF_BACKWARD = words("g delta error err gx");
/** Such as dA, dz, da_curr, dL_da, dvalues, delta_in, grad_input. */
const LIKE_GRADIENTS = /^(?:d(?:[A-Z]|[a-z]?_|[a-z]$|values$|inputs?$|outputs?$)|delta_|grad_|gradient_|upstream_)\w*$/;
/** Such as mul_grad, gradFromAbove. */
const WITH_GRADIENT = /(?:^|_)(?:grads?|gradients?)(?:_|$)/;
const BACKWARD = /back|bwd|grad|vjp|measure/i;

export const isGradientName = (name: string, ofDerivative: string): boolean =>
  GRADIENTS.has(squash(name)) ||
  (BACKWARD.test(ofDerivative) &&
    (OF_BACKWARD.has(squash(name)) || LIKE_GRADIENTS.test(name) || WITH_GRADIENT.test(snake(name))));
export const isOutputName = (name: string, ofDerivative = ""): boolean =>
  OUTPUTS.has(squash(name)) || (BACKWARD.test(ofDerivative) && squash(name) === "a");
/** A derivative of this name takes the incoming gradient. */
export const isBackwardName = (name: string): boolean => BACKWARD.test(name);

/** A backward that reads what its forward has left in the object takes the gradient, by whatever name, and not the input. */
export const isHandedOver = (left: ReadonlySet<string>, name: string, body: unknown): boolean =>
  isBackwardName(name) &&
  [...piecesOf(body)].some((piece) => piece["kind"] === "member" && left.has(String(piece["name"])));

/** The members that a piece of syntax assigns to. */
export function membersLeftBy(body: unknown): ReadonlySet<string> {
  const targets = [...piecesOf(body)].flatMap(({ kind, target, targets = [target] }) =>
    kind === "assign" ? (targets as readonly { readonly kind?: unknown; readonly name?: unknown }[]) : [],
  );
  return new Set(targets.flatMap((each) => (each.kind === "member" ? [String(each.name)] : [])));
}

/** The arguments of losses: what is predicted, which is the input, and what is wanted. */
const PREDICTED = words("ypred predy yhat yp pred preds prediction predictions predicted output outputs");
const WANTED = words("y ytrue truey truth true target targets label labels actual expected wanted");

/** Which of these arguments is what is predicted, where another one is what is wanted. */
export function predictedAmong(names: readonly string[]): number | undefined {
  const at = names.findIndex((name) => PREDICTED.has(squash(name)));
  return at >= 0 && names.some((name) => WANTED.has(squash(name))) ? at : undefined;
}

/** Whether an expression is surely a variable times something without it, as it is written. */
export function isProportional(expr: Expr, variable: Expr): boolean {
  const found = new Map<Expr, "free" | "proportional" | "other">();
  for (const node of topological([expr])) {
    const [u, v, w] = node.args.map((arg) => (arg === ZERO ? "zero" : found.get(arg)!));
    const both = (p: typeof u, q: typeof u): boolean =>
      (p === "proportional" || p === "zero") && (q === "proportional" || q === "zero");
    const isFree = node.args.every((arg) => found.get(arg) === "free");
    const isSo =
      node === variable ||
      (node.op === "neg" && u === "proportional") ||
      ((node.op === "add" || node.op === "sub") && both(u, v)) ||
      (node.op === "mul" && ((u === "proportional" && v === "free") || (u === "free" && v === "proportional"))) ||
      (node.op === "div" && u === "proportional" && v === "free") ||
      (node.op === "select" && u === "free" && both(v, w));
    found.set(node, isSo ? "proportional" : isFree ? "free" : "other");
  }
  return found.get(expr) === "proportional";
}
const ZERO = constant(0);
