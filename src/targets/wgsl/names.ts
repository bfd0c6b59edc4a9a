/** Names that WGSL or the modules written in it have taken. */
import { FUNCTIONS } from "./functions.js";
import { createNames, type Names } from "../../codegen/names.js";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Keywords and reserved words (WGSL, sections 16.1 and 16.2). */
const KEYWORDS = new Set(
  words(`
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
    typeid typename typeof union unless unorm unsafe unsized use using varying virtual volatile wgsl where with
    writeonly yield`),
);

/** Predeclared types and functions that modules use, or that a reader would take a name for. */
const PREDECLARED = new Set(
  words(`
    bool f16 f32 i32 u32 vec2 vec3 vec4 mat2x2 mat2x3 mat2x4 mat3x2 mat3x3 mat3x4 mat4x2 mat4x3 mat4x4 array atomic ptr
    sampler texture vec2f vec3f vec4f vec2h vec3h vec4h vec2i vec3i vec4i vec2u vec3u vec4u
    abs acos acosh all any asin asinh atan atan2 atanh bitcast ceil clamp cos cosh cross degrees determinant distance
    dot exp exp2 faceForward floor fma fract frexp inverseSqrt ldexp length log log2 max min mix modf normalize
    pow quantizeToF16 radians reflect refract reverseBits round saturate select sign sin sinh smoothstep sqrt step
    storageBarrier tan tanh transpose trunc workgroupBarrier workgroupUniformLoad read write read_write function private
    workgroup uniform storage`),
);

/** Whether a name belongs neither to the language nor to a function of the library. */
export const isFree = (name: string): boolean => !KEYWORDS.has(name) && !PREDECLARED.has(name) && !LIBRARY.has(name);
const LIBRARY = new Set(FUNCTIONS.map((helper) => helper.name));

/** Names that modules of activations use, beside those of their buffers and sums. */
const MODULE = new Set(
  words(`x y dy dx sizes Sizes Stored forward backward forward_scalar backward_scalar gradients total partials lane id
    groups group i quads stride result reach inside v g r`),
);
const BUFFERS = /_values?(_scalar)?$|^sums?\d+$/;

/** A name in a module of an activation: as it is, unless the language or the module needs it. */
export const shaderName = (name: string): string =>
  isFree(name) && !MODULE.has(name) && !BUFFERS.test(name) && !name.includes("__")
    ? name
    : `${name.replaceAll("__", "_")}_`;

/** A member of a structure stands apart from everything but the words of the language. */
export const memberName = (name: string): string =>
  KEYWORDS.has(name) || name.includes("__") ? `${name.replaceAll("__", "_")}_` : name;

/** Names for the lines of a function: none that the language, the module or a variable has. */
export function functionNames(variables: readonly string[]): Names {
  const names = createNames([...KEYWORDS, ...PREDECLARED, ...LIBRARY, ...MODULE, ...variables.map(shaderName)], []);
  for (const variable of variables) names.bind(variable, shaderName(variable));
  return names;
}
