/** Powers in float32. */
import { ATANH_TAIL } from "../../../math/coefficients.js";
import { helper, horner } from "./helper.js";

export const POWER = [
  helper(
    "log_in_two",
    ["reciprocal_estimate", "leading_bits", "keep"],
    `
// (head, tail) with log|x| = head + tail within 2^-33 of itself, for finite x other than 0: |x| = 2^k (1 + f), -1/4 <= f < 1/2,
// and log(1 + f) = 2 s + 2/3 s³ + s⁵ P(s²), s = f / (2 + f). s is a quotient of 12 bits and a rest, 2/3 s³ is in parts too.
// 65 float operations.
fn log_in_two(x: f32) -> vec2<f32> {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  // A subnormal x is shifted until its leading bit is where that of a normal number is implied.
  let shift = select(0u, countLeadingZeros(bits) - 8u, bits < 0x00800000u);
  let normal = bits << shift;
  let exponent = (bitcast<i32>(normal) - 0x3f400000) >> 23u;
  let f = bitcast<f32>(normal - (bitcast<u32>(exponent) << 23u)) - 1.0;
  let k = f32(exponent - i32(shift));
  let divisor = 2.0 + f;
  let divisor_head = leading_bits(divisor);
  let divisor_tail = f - keep(divisor_head - 2.0, k);
  let estimate = reciprocal_estimate(divisor);
  let reciprocal = estimate * (2.0 - divisor * estimate);
  let s = leading_bits(f * reciprocal);
  let s_tail = (keep(f - s * divisor_head, k) - s * divisor_tail) * reciprocal;
  let z = s * s;
  let z_head = leading_bits(z);
  let cube = s * z_head;
  let cube_head = leading_bits(cube);
${horner("p", ATANH_TAIL, "z")}
  // 2/3 is 0.66650390625, of 12 bits, and 1.62760422e-4.
  let cube_term = 0.66650390625 * cube_head;
  let cube_rest = 0.66650390625 * (cube - cube_head) + (1.62760422e-4 * cube + 0.6666667 * s * (z - z_head));
  let whole = keep(k * 0.693145751953125, k);
  let head = leading_bits((whole + 2.0 * s) + cube_term);
  let head_rest = keep(keep(whole - head, k) + 2.0 * s, k) + cube_term;
  // The contribution of s_tail: its product with the derivative 2 / (1 - s²) = 2 + 2 z + ...
  let slope = 2.0 * z * (1.0 + z * (1.0 + z * (1.0 + z)));
  let small = cube_rest + ((slope + 2.0 * s * s_tail) * s_tail + s * z * z * p);
  return vec2<f32>(head, head_rest + (k * 1.42860677e-6 + (2.0 * s_tail + small)));
}`,
  ),
  helper(
    "precise_pow",
    ["log_in_two", "exp_parts", "scale_by_power_of_two", "last_bits", "is_infinite", "is_nan", "not_a_number"],
    `
// a^b = exp(b log|a|) within 0.77 ULP, with the logarithm and the product in two parts. As JavaScript has it: 1 where b is 0, NaN for
// a negative a and a b that is no integer, and for |a| = 1 and an infinite b. 104 float operations.
fn precise_pow(a: f32, b: f32) -> f32 {
  let logarithm = log_in_two(a);
  let estimate = b * (logarithm.x + logarithm.y);
  let large = estimate > 89.0;
  let small = estimate < -105.0;
  let usual = !(large | small);
  let b_head = bitcast<f32>(bitcast<u32>(b) & 0xfffff000u);
  let correction = last_bits(b) * logarithm.x + b * logarithm.y;
  let parts = exp_parts(select(0.0, b_head * logarithm.x, usual), select(0.0, correction, usual));
  let value = parts.x + parts.y;
  let n = i32(parts.z);
  let overflows = large | (i32(bitcast<u32>(value) >> 23u) + n > 254);
  let scaled = bitcast<u32>(scale_by_power_of_two(value, n));
  let a_bits = bitcast<u32>(a) & 0x7fffffffu;
  let b_bits = bitcast<u32>(b) & 0x7fffffffu;
  let grows = (a_bits > 0x3f800000u) == (bitcast<u32>(b) < 0x80000000u);
  let at_end = (a_bits == 0u) | (a_bits == 0x7f800000u) | (b_bits == 0x7f800000u);
  let size = select(select(scaled, 0x7f800000u, overflows), 0u, small);
  let ends = select(size, select(0u, 0x7f800000u, grows), at_end);
  let integer = (floor(b) == b) | (b_bits >= 0x4b800000u);
  let odd = integer & (b_bits < 0x4b800000u) & (2.0 * floor(0.5 * b) != b);
  let below = bitcast<u32>(a) >= 0x80000000u;
  let outside = below & !integer & (a_bits != 0u) & (a_bits != 0x7f800000u);
  let invalid = is_nan(a) | is_nan(b) | outside | ((a_bits == 0x3f800000u) & is_infinite(b));
  let result = bitcast<f32>(select(ends, ends | 0x80000000u, below & odd));
  return select(select(result, not_a_number(), invalid), 1.0, b_bits == 0u);
}`,
  ),
];
