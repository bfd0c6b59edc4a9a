/** Words that say what an argument of a derivative is, in whatever language. */
import { squash } from "./pairing.js";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** The incoming gradient, and the output. */
const GRADIENTS = words(
  "dy grad grads gradient gradoutput outputgrad gradout dout doutput dloss dldy upstream upstreamgrad upstreamgradient",
);
const OUTPUTS = words("y out output result fx activation activated");
/** Words that are also names of inputs and parameters: they are gradients in what is called a backward only. */
const OF_BACKWARD = words("g delta error err");
const BACKWARD = /back|grad|vjp|measure/i;

export const isGradientName = (name: string, ofDerivative: string): boolean =>
  GRADIENTS.has(squash(name)) || (BACKWARD.test(ofDerivative) && OF_BACKWARD.has(squash(name)));
export const isOutputName = (name: string): boolean => OUTPUTS.has(squash(name));
