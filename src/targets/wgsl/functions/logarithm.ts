/** Logarithms and powers in float32. */
import { LOG1P_TAIL } from "../../../math/coefficients.js";
import { helper, horner } from "./helper.js";

export const LOGARITHM = [
  helper(
    "log_parts",
    ["leading_bits"],
    `
// (head, tail) with k ln 2 + log(1 + f) = head + tail for -1/4 <= f <= 1/2: head is k ln 2 + f - f²/2 rounded to 12 bits and
// tail its exact rest and f³ P(f). f² is (first 12 bits of f)², exact, and what is left. 35 float operations.
fn log_parts(f: f32, k: f32) -> vec2<f32> {
  let whole = k * 0.693145751953125;
  let f_head = leading_bits(f);
  let half_square = 0.5 * f_head * f_head;
  let head = leading_bits((whole + f) - half_square);
  let head_rest = (f - (head - whole)) - half_square;
  let square_rest = 0.5 * ((f - f_head) * (f + f_head));
${horner("p", LOG1P_TAIL, "f")}
  let tail = head_rest + (k * 1.42860677e-6 + (f * f * f * p - square_rest));
  return vec2<f32>(head, tail);
}`,
  ),
  helper(
    "log_of_magnitude",
    ["log_parts"],
    `
// log|x| as (head, tail) for finite x other than 0: |x| = 2^k (1 + f) with -1/4 <= f < 1/2.
fn log_of_magnitude(x: f32) -> vec2<f32> {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  // A subnormal x is shifted until its leading bit is where that of a normal number is implied.
  let shift = select(0u, countLeadingZeros(bits) - 8u, bits < 0x00800000u);
  let normal = bits << shift;
  let k = (bitcast<i32>(normal) - 0x3f400000) >> 23u;
  let f = bitcast<f32>(normal - (bitcast<u32>(k) << 23u)) - 1.0;
  return log_parts(f, f32(k - i32(shift)));
}`,
  ),
  helper(
    "precise_log",
    ["log_of_magnitude", "infinity", "not_a_number"],
    `
// The natural logarithm of x within 0.69 ULP. -Infinity at 0 and -0, Infinity at Infinity, NaN below 0. 37 float operations.
fn precise_log(x: f32) -> f32 {
  let parts = log_of_magnitude(x);
  let bits = bitcast<u32>(x);
  let value = select(parts.x + parts.y, -infinity(), (bits & 0x7fffffffu) == 0u);
  let ends = select(value, not_a_number(), bits > 0x80000000u);
  return select(ends, x, (bits >= 0x7f800000u) & (bits < 0x80000000u));
}`,
  ),
  helper(
    "precise_log1p",
    ["log_parts", "power_of_two", "infinity", "not_a_number"],
    `
// log(1 + x) within 0.69 ULP: 1 + x = 2^k (1 + f), f = 2^-k x + (2^-k - 1), which is exact. -Infinity at -1, NaN below, x itself
// near 0. 41 float operations.
fn precise_log1p(x: f32) -> f32 {
  let bits = bitcast<u32>(1.0 + x);
  let k = (bitcast<i32>(bits) - 0x3f400000) >> 23u;
  let scale = power_of_two(-k);
  let far = bitcast<f32>(bits - (bitcast<u32>(k) << 23u)) - 1.0;
  let f = select(select(x * scale + (scale - 1.0), far, k > 24), x, k == 0);
  let parts = log_parts(f, f32(k));
  let value = select(parts.x + parts.y, -infinity(), x <= -1.0);
  let ends = select(value, not_a_number(), x < -1.0);
  let magnitude = bitcast<u32>(x) & 0x7fffffffu;
  return select(ends, x, (magnitude < 0x33000000u) | (bitcast<i32>(x) >= 0x7f800000) | (magnitude > 0x7f800000u));
}`,
  ),
];
