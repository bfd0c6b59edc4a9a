/** A function of the shader library, and the text of its polynomials. */

export interface HelperFunction {
  readonly name: string;
  /** WGSL text of the function with its comment: formula, largest error in ULP as measured, what it does at the ends. */
  readonly text: string;
  /** Names of the helpers that it calls. */
  readonly uses: readonly string[];
}

export function helper(name: string, uses: readonly string[], text: string): HelperFunction {
  return { name, uses, text: text.trim() };
}

/** The shortest decimal that WGSL reads as this float32, always with a point or an exponent. */
export function literal(value: number): string {
  let text = String(value);
  for (let digits = 9; digits > 0; digits -= 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === Math.fround(value)) text = String(shorter);
  }
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Statements that leave the polynomial of `argument` in the variable `name`, by Horner's rule. */
export function horner(name: string, coefficients: readonly number[], argument: string): string {
  const [last, ...rest] = [...coefficients].reverse();
  return [
    `  var ${name} = ${literal(last!)};`,
    ...rest.map((coefficient) => {
      const sign = coefficient < 0 ? "-" : "+";
      return `  ${name} = ${name} * ${argument} ${sign} ${literal(Math.abs(coefficient))};`;
    }),
  ].join("\n");
}
