/** Formulas out of the shapes that people use, from a seed, as they would type them. */
import { randomFrom, type Random } from "./claims.js";

/** Numbers as people type them. */
const NUMBERS = ["0.5", "2", "3", "0.1", "0.25", "1.5", "1.702", "0.7", "10", "0.01", "4", "1.1"];
/** Shapes are chosen with equal chances; `u` is what is between a shape's brackets. */
const LINES = ["x", "x", "x", "-x", "$n*x", "$n*x", "x/$n", "x+$n", "x-$n", "$n*x+$n", "-$n*x"];
const BOUNDED = [
  "tanh($u)",
  "sigmoid($u)",
  "erf($u)",
  "sin($u)",
  "cos($u)",
  "exp(-($u)^2)",
  "exp(-abs($u))",
  "1/(1+exp(-($u)))",
  "1-exp(-exp($u))",
  "exp(-exp(-($u)))",
  "1/cosh($u)",
  "1/(1+($u)^2)",
  "($u)/(1+abs($u))",
  "($u)/sqrt(1+($u)^2)",
  "min(max($u,0),1)",
];
const GROWING = [
  "softplus($u)",
  "log(1+exp($u))",
  "exp($u)",
  "exp($u)-1",
  "max($u,0)",
  "abs($u)",
  "($u)^2",
  "($u)^3",
  "max($u,0)^2",
  "sqrt(($u)^2+1)",
  "sqrt(($u)^2+$n)-$n",
  "log(1+($u)^2)",
  "log(1+abs($u))",
  "log(cosh($u))",
  "sign($u)*log(1+abs($u))",
  "log($u+sqrt(($u)^2+1))",
  "sign($u)*sqrt(abs($u))",
];
/** Sums of exponentials: numerators, denominators, arguments of logarithms. */
const SUMS = [
  "exp($u)+$n",
  "$n*exp($u)+$n",
  "1+exp($u)",
  "exp(x)+exp(-x)",
  "exp($n*x)+exp(-x)",
  "(1+exp($u))^2+1",
  "1+exp(x)+exp(2*x)",
  "exp(2*x)+$n",
];
const DIFFERENCES = ["exp($u)-1", "1-exp($u)", "exp(x)-exp(-x)", "(1+exp(x))^2-1", "exp(2*x)-1", "exp($n*x)-exp(x)"];
/** Formulas as a whole: $b is bounded, $g grows, $i is either of them at a line, $s is a sum of exponentials, $d a difference. */
const SHAPES = [
  "x*$b",
  "x*$b",
  "x*$b",
  "$n*x*(1+$b)",
  "($n+$b)*x",
  "(x+$n)*$b-$n",
  "$g",
  "$b",
  "$i+$n*$i",
  "$i-$i",
  "$i*$b",
  "($i)/$n+x",
  "($d)/($s)",
  "x*($d)/($s)",
  "x*exp($u)/($s)",
  "x/($s)",
  "log($s)",
  "log(($s)/($s))",
  "x*log($s)",
  "log($s)-$n*x",
  "x-log($s)",
  "sqrt($s)",
  "(x+sqrt(x^2+$n))/2",
  "x/sqrt($n+x^2)",
  "x/(1+abs($i))",
  "x>0 ? $i : $i",
  "x>0 ? x : $n*(exp(x)-1)",
  "x>=0 ? x : $n*($d)/($s)",
  "x<0 ? $n*$b : x",
  "abs(x)<=$n ? $i : x",
  "max($i,$i)",
  "max(0,x)+min(0,$i)",
  "min(max($i,-$n),$n)",
  "sign(x)*$g",
  "max(x,0)*$b",
  "log(1+$b^2)",
  "log(2+$b)",
  "exp($b)",
  "exp(-$g)",
  "x*exp(-$g)",
  "$n-$b",
];

const HOLES = /\$[nubgisd]/;

class Writer {
  constructor(private readonly random: Random) {}

  private of(rows: readonly string[]): string {
    return rows[Math.floor(this.random() * rows.length)]!;
  }

  /** What goes into a hole; deeper down lines are more often what it is. */
  private filling(hole: string, depth: number): string {
    const either = this.random() < 0.5 ? BOUNDED : GROWING;
    const tables: Readonly<Record<string, readonly string[]>> = {
      $n: NUMBERS,
      $u: this.random() < 0.25 / depth ? either : LINES,
      $b: BOUNDED,
      $g: GROWING,
      $i: this.random() < 0.3 ? LINES : either,
      $s: SUMS,
      $d: DIFFERENCES,
    };
    return this.of(tables[hole]!);
  }

  write(): string {
    let text = this.of(SHAPES);
    for (let depth = 1; HOLES.test(text); depth++)
      text = text.replace(new RegExp(HOLES, "g"), (hole) => this.filling(hole, depth));
    // Nobody types (x)^2, nor ((x)).
    return text.replace(/(?<![\w)])\((\w+)\)/g, "$1");
  }
}

/** The formula of this number: the same one always. */
export const randomFormula = (index: number): string => new Writer(randomFrom(0x5eed + index * 0x9e3779b1)).write();
