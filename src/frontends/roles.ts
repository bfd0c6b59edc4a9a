/** Words that say what an argument of a derivative is, in whatever language. */
import { squash } from "./pairing.js";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** The incoming gradient, and the output. */
const GRADIENTS = words(
  "dy grad grads gradient gradoutput outputgrad gradout dout doutput dloss dldy upstream upstreamgrad upstreamgradient outputgradient outgrad dgrad gy",
);
const OUTPUTS = words("y out output result fx activation activated");
/** Words that are also names of inputs and parameters: they say what they are in what is called a backward only. */
const OF_BACKWARD = words("g delta error err gx");
/** Such as dA, da_curr, dL_da, dvalues, delta_in, grad_input. */
const LIKE_GRADIENTS = /^(?:d(?:[A-Z]|[a-z]?_|values$|inputs?$|outputs?$)|delta_|grad_|gradient_|upstream_)\w*$/;
const BACKWARD = /back|bwd|grad|vjp|measure/i;

export const isGradientName = (name: string, ofDerivative: string): boolean =>
  GRADIENTS.has(squash(name)) ||
  (BACKWARD.test(ofDerivative) && (OF_BACKWARD.has(squash(name)) || LIKE_GRADIENTS.test(name)));
export const isOutputName = (name: string, ofDerivative = ""): boolean =>
  OUTPUTS.has(squash(name)) || (BACKWARD.test(ofDerivative) && squash(name) === "a");
