/** atan and the cube root in float32. */
import { ATAN_TAIL } from "../../../math/coefficients.js";
import { helper, horner } from "./helper.js";

export const INVERSES = [
  helper(
    "precise_atan",
    ["reciprocal_estimate", "leading_bits", "copy_sign", "is_nan"],
    `
// atan(x) within 0.8 ULP: of |x| up to 1/2, of (|x| - 1) / (|x| + 1) from there to 2 with π/4 added, and of -1 / |x| beyond with π/2
// added. The quotient is 12 bits and what the exact rest of the division adds. π/2 and -π/2 at the infinities, x itself near 0. 37 float operations.
fn precise_atan(x: f32) -> f32 {
  // Far out |x| is held where its reciprocal is a normal number.
  let size = select(abs(x), 1e30, abs(x) > 1e30);
  let far = size > 2.0;
  let near = size <= 0.5;
  let numerator = select(select(size - 1.0, size, near), -1.0, far);
  let part = select(size, 1.0, near);
  let whole = select(1.0, 0.0, near | far);
  let divisor = part + whole;
  let estimate = reciprocal_estimate(divisor);
  let reciprocal = estimate * (2.0 - divisor * estimate);
  let head = leading_bits(numerator * reciprocal);
  let divisor_head = leading_bits(divisor);
  let divisor_rest = part - (divisor_head - whole);
  let tail = ((numerator - head * divisor_head) - head * divisor_rest) * reciprocal;
  let q = head + tail;
  let z = q * q;
${horner("p", ATAN_TAIL, "z")}
  let angle = select(select(0.7853982, 0.0, near), 1.5707964, far);
  let angle_rest = select(select(-2.1855694e-8, 0.0, near), -4.371139e-8, far);
  let value = copy_sign(angle + (head + (tail + (q * z * p + angle_rest))), x);
  return select(value, x, ((bitcast<u32>(x) & 0x7fffffffu) < 0x39000000u) | is_nan(x));
}`,
  ),
  helper(
    "precise_cbrt",
    ["leading_bits", "last_bits", "keep", "copy_sign"],
    `
// The cube root of x within 0.501 ULP, of a negative x the negative one: of |x| = 8^k m, 1 <= m < 8, three steps of Newton's
// iteration for m^(-1/3), and the rest m - root³. x itself at 0 and the infinities. 37 float operations.
fn precise_cbrt(x: f32) -> f32 {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  // A subnormal x is shifted until its leading bit is where that of a normal number is implied.
  let shift = select(0u, countLeadingZeros(bits) - 8u, bits < 0x00800000u);
  let exponent = ((bits << shift) >> 23u) + 26u - shift;
  // A third, as a multiplication.
  let third = (exponent * 171u) >> 9u;
  let m_bits = ((bits << shift) & 0x007fffffu) | ((exponent - 3u * third + 127u) << 23u);
  let m = bitcast<f32>(m_bits);
  let start = bitcast<f32>(0x3f784fe2u - ((((m_bits - 0x3f800000u) >> 8u) * 171u) >> 1u));
  let next = start * (1.3333334 - (0.33333334 * m) * start * start * start);
  let closer = next * (1.3333334 - (0.33333334 * m) * next * next * next);
  let inverse = closer * (1.3333334 - (0.33333334 * m) * closer * closer * closer);
  let slope = inverse * inverse;
  let estimate = m * slope;
  let head = bitcast<f32>(bitcast<u32>(estimate) & 0xfffff000u);
  let tail = last_bits(estimate);
  let square = head * head;
  let square_head = leading_bits(square);
  let n = f32(third);
  let cube_rest = keep(keep(m - square_head * head, n) - (square - square_head) * head, n);
  let rest = keep(cube_rest - keep(3.0 * tail, n) * (square + keep(head * tail, n)), n);
  let root = head + keep(tail + 0.33333334 * keep(rest * slope, n), n);
  let scaled = bitcast<f32>(bitcast<u32>(root) + (third << 23u) - 0x19800000u);
  return select(copy_sign(scaled, x), x, (bits == 0u) | (bits >= 0x7f800000u));
}`,
  ),
];
