/** Division and square root in float32, from multiplications alone. */
import { RECIPROCAL_START } from "../../../math/coefficients.js";
import { helper, horner } from "./helper.js";

export const ALGEBRAIC = [
  helper(
    "reciprocal_estimate",
    [],
    `
// 1 / x with a relative error below 2^-17 for 2^-125 <= x <= 2^125: the bits of x subtracted from a constant, which is right
// within 5.1 %, and two steps of Newton's iteration. 6 float operations.
fn reciprocal_estimate(x: f32) -> f32 {
  let start = bitcast<f32>(0x7ef311c3u - bitcast<u32>(x));
  let next = start * (2.0 - x * start);
  return next * (2.0 - x * next);
}`,
  ),
  helper(
    "precise_divide",
    ["leading_bits", "last_bits", "scale_by_power_of_two"],
    `
// a / b within 0.501 ULP, subnormal operands counting as 0: with the exponents apart, a quotient of 12 bits from Newton's iteration
// for 1 / b, and the exact rest of the division. 0 / 0 and Infinity / Infinity are NaN, a / 0 is infinite. 21 float operations.
fn precise_divide(a: f32, b: f32) -> f32 {
  let a_bits = bitcast<u32>(a) & 0x7fffffffu;
  let b_bits = bitcast<u32>(b) & 0x7fffffffu;
  let numerator = bitcast<f32>((a_bits & 0x007fffffu) | 0x3f800000u);
  let divisor = bitcast<f32>((b_bits & 0x007fffffu) | 0x3f800000u);
${horner("reciprocal", RECIPROCAL_START, "divisor")}
  reciprocal = reciprocal * (2.0 - divisor * reciprocal);
  reciprocal = reciprocal * (2.0 - divisor * reciprocal);
  let quotient = leading_bits(numerator * reciprocal);
  let divisor_head = bitcast<f32>(bitcast<u32>(divisor) & 0xfffff000u);
  let rest = (numerator - quotient * divisor_head) - quotient * last_bits(divisor);
  let value = quotient + rest * reciprocal;
  let exponent = i32(a_bits >> 23u) - i32(b_bits >> 23u);
  let scaled = bitcast<u32>(scale_by_power_of_two(value, exponent));
  let overflows = i32(bitcast<u32>(value) >> 23u) + exponent > 254;
  let a_zero = a_bits < 0x00800000u;
  let b_zero = b_bits < 0x00800000u;
  let a_infinite = a_bits == 0x7f800000u;
  let b_infinite = b_bits == 0x7f800000u;
  let invalid = (a_bits > 0x7f800000u) | (b_bits > 0x7f800000u) | (a_zero & b_zero) | (a_infinite & b_infinite);
  let size = select(select(scaled, 0x7f800000u, overflows), 0u, a_zero | b_infinite);
  let ends = select(size, 0x7f800000u, a_infinite | b_zero);
  let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
  return bitcast<f32>(select(ends | sign, 0x7fc00000u, invalid));
}`,
  ),
  helper(
    "precise_sqrt",
    ["leading_bits"],
    `
// The square root of x within 0.501 ULP: of x = 4^k m, 1 <= m < 4, two steps of Newton's iteration for 1 / sqrt(m), and the exact
// rest m - root². -0 at -0, NaN below. 23 float operations.
fn precise_sqrt(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  // A subnormal x is shifted until its leading bit is where that of a normal number is implied.
  let shift = select(0u, countLeadingZeros(bits) - 8u, bits < 0x00800000u);
  let exponent = i32((bits << shift) >> 23u) - i32(shift) - 127;
  let half = exponent >> 1u;
  let m_bits = ((bits << shift) & 0x007fffffu) | (u32(exponent - 2 * half + 127) << 23u);
  let m = bitcast<f32>(m_bits);
  let start = bitcast<f32>(0x5f375a86u - (m_bits >> 1u));
  let next = start * (1.5 - (0.5 * m) * start * start);
  let inverse = next * (1.5 - (0.5 * m) * next * next);
  let estimate = m * inverse;
  let head = leading_bits(estimate);
  let tail = estimate - head;
  let rest = ((m - head * head) - 2.0 * head * tail) - tail * tail;
  // From the parts of the estimate, as a compiler may take the common factor out of m * inverse + 0.5 * rest * inverse.
  let root = head + (tail + 0.5 * (rest * inverse));
  let scaled = bitcast<f32>(bitcast<u32>(root) + (u32(half) << 23u));
  let negative = select(scaled, bitcast<f32>(bits | 0x7fc00000u), bits > 0x80000000u);
  return select(negative, x, ((bits & 0x7fffffffu) == 0u) | ((bits >= 0x7f800000u) & (bits < 0x80000000u)));
}`,
  ),
];
