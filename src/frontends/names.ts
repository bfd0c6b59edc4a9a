/** Which names a formula's parameters may have: those that every target can write as they are. */
import type { Reason } from "./place.js";
import { quote } from "./place.js";

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const JAVASCRIPT = words(`
  arguments async await break case catch class const continue debugger default delete do else enum eval export extends
  false finally for function if implements import in instanceof interface let new null package private protected public
  return static super switch this throw true try typeof undefined var void while with yield`);

const PYTHON = words(`
  False None True and as assert async await break class continue def del elif else except finally for from global if
  import in is lambda nonlocal not or pass raise return try while with yield`);

const WGSL = words(`
  alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let
  loop override requires return struct switch true var while
  NULL Self abstract active alignas alignof as asm asm_fragment async attribute auto await become cast catch class
  co_await co_return co_yield coherent column_major common compile compile_fragment concept const_cast consteval
  constexpr constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast enum explicit export
  extends extern external fallthrough filter final finally friend from fxgroup get goto groupshared highp impl
  implements import inline instanceof interface layout lowp macro macro_rules match mediump meta mod module move mut
  mutable namespace new nil noexcept noinline nointerpolation non_coherent noncoherent noperspective null nullptr of
  operator package packoffset partial pass patch pixelfragment precise precision premerge priv protected pub public
  readonly ref regardless register reinterpret_cast require resource restrict self set shared sizeof smooth snorm
  static static_assert static_cast std subroutine super target template this thread_local throw trait try type typedef
  typeid typename typeof union unless unorm unsafe unsized use using varying virtual volatile wgsl where with writeonly
  yield`);

/** Every object has these, so a parameter of that name could not be told from one that is missing. */
const OBJECT_PROPERTIES: ReadonlySet<string> = new Set(["prototype", ...Object.getOwnPropertyNames(Object.prototype)]);

const RESERVED: readonly (readonly [words: ReadonlySet<string>, meaning: string])[] = [
  [JAVASCRIPT, "a reserved word of JavaScript"],
  [PYTHON, "a reserved word of Python"],
  [WGSL, "a reserved word of WGSL"],
  [OBJECT_PROPERTIES, "a property that every JavaScript object has"],
];

const PATTERN = /^[A-Za-z][A-Za-z0-9_]*$/;
const LONGEST_NAME = 64;

const GREEK: Readonly<Record<string, string>> = Object.fromEntries(
  "α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta κ kappa λ lambd μ mu ν nu π pi ρ rho σ sigma τ tau φ phi χ chi ψ psi ω omega"
    .split(" ")
    .map((letter, i, all) => [letter, all[i + 1]!])
    .filter((_, i) => i % 2 === 0),
);

/** Why a parameter cannot have this name; undefined when it can. */
export function reasonAgainstName(name: string): Reason | undefined {
  if (!PATTERN.test(name))
    return {
      message: `${quote(name)} cannot be a name: names are made of the letters a to z, digits and "_", and begin with a letter`,
      hint: Object.hasOwn(GREEK, name)
        ? `spell it out: ${quote(GREEK[name]!)}`
        : 'choose a name such as "alpha" or "slope_2"',
    };
  if (name.length > LONGEST_NAME)
    return {
      message: `${quote(name)} cannot be a name: it has ${name.length} characters, and ${LONGEST_NAME} are allowed`,
      hint: "choose a shorter name",
    };
  const meaning = RESERVED.find(([reserved]) => reserved.has(name))?.[1];
  if (meaning === undefined) return undefined;
  return {
    message: `${quote(name)} cannot be a name: it is ${meaning}, and parameters keep their names in generated code`,
    hint: name === "lambda" ? 'PyTorch calls it "lambd"' : `add a letter or an underscore, such as "${name}_1"`,
  };
}

const ID = /^[a-z][a-z0-9_]{0,63}$/i;

/** Why an activation cannot have this id; undefined when it can. */
export function reasonAgainstId(id: string): Reason | undefined {
  if (!ID.test(id))
    return {
      message: `${quote(id)} cannot be an id: ids are made of the letters a to z, digits and "_", begin with a letter, and have at most 64 characters`,
      hint: 'choose an id such as "my_activation"',
    };
  if (JAVASCRIPT.has(id) || OBJECT_PROPERTIES.has(id))
    return {
      message: `${quote(id)} cannot be an id: JavaScript reserves the name, and the generated module is exported under it`,
      hint: `choose an id such as "my_${id}"`,
    };
  if (id.toLowerCase() === "index")
    return {
      message: `${quote(id)} cannot be an id: its file would be the index of the generated modules`,
      hint: 'choose an id such as "my_index"',
    };
  return undefined;
}
