/** exp, expm1 and the hyperbolic functions in float32. */
import { COSH_TAIL, EXP_TAIL, SINH_NEAR, SINH_TAIL } from "../../../math/coefficients.js";
import { helper, horner } from "./helper.js";

export const EXPONENTIAL = [
  helper(
    "reduce_by_ln2",
    ["keep"],
    `
// (h, l, n) with x + correction = n ln 2 + h - l, |h - l| <= 0.3468. n times the first 16 bits of ln 2 is exact, and so is h.
fn reduce_by_ln2(x: f32, correction: f32) -> vec3<f32> {
  let n = floor((x + correction) * 1.44269504 + 0.5);
  return vec3<f32>(keep(x - n * 0.693145751953125, n), n * 1.42860677e-6 - correction, n);
}`,
  ),
  helper(
    "exp_parts",
    ["reduce_by_ln2", "leading_bits", "keep"],
    `
// (head, tail, n, q) with e^(x + correction) = (head + tail) 2^n: head has 12 bits and lies in [0.7, 1.42], |tail| < 0.07.
// With r = h - l: head is 1 + h rounded, tail the rest of it, -l and q = e^r - 1 - r = r²/2 + r³ P(r). 26 float operations.
fn exp_parts(x: f32, correction: f32) -> vec4<f32> {
  let reduced = reduce_by_ln2(x, correction);
  let r = reduced.x - reduced.y;
  let head = leading_bits(1.0 + reduced.x);
${horner("p", EXP_TAIL, "r")}
  let square = r * r;
  let q = keep(0.5 * square, reduced.z) + square * r * p;
  let tail = ((reduced.x - keep(head - 1.0, reduced.z)) - reduced.y) + q;
  return vec4<f32>(head, tail, reduced.z, q);
}`,
  ),
  helper(
    "precise_exp",
    ["exp_parts", "scale_by_power_of_two", "infinity", "is_nan"],
    `
// e^x within 0.66 ULP. Infinity above 88.72283, 0 below -104 (below -87.3 the results are subnormal). 29 float operations.
fn precise_exp(x: f32) -> f32 {
  let low = select(x, -104.0, x < -104.0);
  let parts = exp_parts(select(low, 88.72283, x > 88.72283), 0.0);
  let scaled = scale_by_power_of_two(parts.x + parts.y, i32(parts.z));
  return select(select(scaled, infinity(), x > 88.72283), x, is_nan(x));
}`,
  ),
  helper(
    "expm1_parts",
    ["exp_parts", "power_of_two"],
    `
// (a, b) with (e^x - 1) / 2 = a + b for -18 <= x <= 88.72283, |b| small beside a. Of (head + tail) 2^n - 1 the two are added
// first that lose nothing; x itself is a where n = 0.
fn expm1_parts(x: f32) -> vec2<f32> {
  let parts = exp_parts(x, 0.0);
  let scale = power_of_two(i32(parts.z) - 1);
  let head = parts.x * scale;
  let tail = parts.y * scale;
  let far = select(vec2<f32>(-0.5, head + tail), vec2<f32>(head, tail - 0.5), parts.z > 0.0);
  let near = select(far, vec2<f32>(head - 0.5, tail), abs(parts.z) <= 12.0);
  return select(near, vec2<f32>(0.5 * x, 0.5 * parts.w), parts.z == 0.0);
}`,
  ),
  helper(
    "precise_expm1",
    ["expm1_parts", "infinity"],
    `
// e^x - 1 within 0.93 ULP. Infinity above 88.72283, -1 at -Infinity; x itself near 0. 35 float operations.
fn precise_expm1(x: f32) -> f32 {
  let low = select(x, -18.0, x < -18.0);
  let parts = expm1_parts(select(low, 88.72283, x > 88.72283));
  let value = select(2.0 * (parts.x + parts.y), infinity(), x > 88.72283);
  let magnitude = bitcast<u32>(x) & 0x7fffffffu;
  return select(value, x, (magnitude < 0x33000000u) | (magnitude > 0x7f800000u));
}`,
  ),
  helper(
    "precise_tanh",
    ["expm1_parts", "leading_bits", "reciprocal_estimate", "copy_sign"],
    `
// tanh(x) = m / (m + 1), m = (e^(2|x|) - 1) / 2, within 0.80 ULP: a quotient of 12 bits and the exact rest of its division.
// 1 and -1 at the infinities, x itself near 0. 57 float operations.
fn precise_tanh(x: f32) -> f32 {
  let size = select(abs(x), 9.2, abs(x) > 9.2);
  let m = expm1_parts(2.0 * size);
  let divisor = (m.x + 1.0) + m.y;
  let divisor_head = leading_bits(divisor);
  let small_tail = (m.x - (divisor_head - 1.0)) + m.y;
  let divisor_tail = select(small_tail, (m.x - divisor_head) + (m.y + 1.0), m.x > 1.0);
  let reciprocal = reciprocal_estimate(divisor);
  let quotient = leading_bits((m.x + m.y) * reciprocal);
  let rest = ((m.x - quotient * divisor_head) + m.y) - quotient * divisor_tail;
  let magnitude = bitcast<u32>(x) & 0x7fffffffu;
  let value = copy_sign(quotient + rest * reciprocal, x);
  return select(value, x, (magnitude < 0x33000000u) | (magnitude > 0x7f800000u));
}`,
  ),
  helper(
    "hyperbolic_parts",
    ["reduce_by_ln2", "leading_bits", "keep", "power_of_two"],
    `
// (head, tail, mirrored, n) with e^x = (head + tail) 2^n and e^-x = mirrored 2^n, for 0 <= x < 90: of x = n ln 2 + r as in
// exp_parts, where e^r = 1 + r + r² (c + r s), sinh(r) = r + r³ s and cosh(r) = 1 + r² c. Where n = 0 only their sum is
// right, 2 + 2 r² c.
// 33 float operations.
fn hyperbolic_parts(x: f32) -> vec4<f32> {
  let reduced = reduce_by_ln2(x, 0.0);
  let r = reduced.x - reduced.y;
  let z = r * r;
${horner("s", SINH_TAIL, "z")}
${horner("c", COSH_TAIL, "z")}
  let head = leading_bits(1.0 + reduced.x);
  let tail = ((reduced.x - keep(head - 1.0, reduced.z)) - reduced.y) + z * (c + r * s);
  let mirrored = (1.0 - r) + z * (c - r * s);
  let parts = vec3<f32>(head, tail, mirrored * power_of_two(-2 * i32(reduced.z)));
  return vec4<f32>(select(parts, vec3<f32>(2.0, 2.0 * z * c, 0.0), reduced.z == 0.0), reduced.z);
}`,
  ),
  helper(
    "precise_sinh",
    ["hyperbolic_parts", "power_of_two", "infinity", "copy_sign"],
    `
// sinh(x) within 0.79 ULP: x + x³ P(x²) up to 1, else (e^|x| - e^-|x|) / 2. Infinite from 89.416 on. 49 float operations.
fn precise_sinh(x: f32) -> f32 {
  let size = select(abs(x), 89.415985, abs(x) > 89.415985);
  let z = size * size;
${horner("p", SINH_NEAR, "z")}
  let near = size + size * z * p;
  let parts = hyperbolic_parts(size);
  let far = (parts.x + (parts.y - parts.z)) * power_of_two(i32(parts.w) - 2) * 2.0;
  let value = select(select(far, near, size < 1.0), infinity(), abs(x) > 89.415985);
  let magnitude = bitcast<u32>(x) & 0x7fffffffu;
  return select(copy_sign(value, x), x, (magnitude < 0x33000000u) | (magnitude > 0x7f800000u));
}`,
  ),
  helper(
    "precise_cosh",
    ["hyperbolic_parts", "power_of_two", "infinity", "is_nan"],
    `
// cosh(x) within 0.96 ULP: 1 + x² P(x²) up to ln(2)/2, else (e^|x| + e^-|x|) / 2. Infinity from 89.416 on. 37 float operations.
fn precise_cosh(x: f32) -> f32 {
  let parts = hyperbolic_parts(select(abs(x), 89.415985, abs(x) > 89.415985));
  let value = (parts.x + (parts.y + parts.z)) * power_of_two(i32(parts.w) - 2) * 2.0;
  return select(select(value, infinity(), abs(x) > 89.415985), x, is_nan(x));
}`,
  ),
];
