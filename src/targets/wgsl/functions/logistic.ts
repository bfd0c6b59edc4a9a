/** The logistic function in float32. */
import { helper } from "./helper.js";

export const LOGISTIC = [
  helper(
    "precise_sigmoid",
    ["exp_parts", "leading_bits", "reciprocal_estimate", "scale_by_power_of_two", "is_nan"],
    `
// 1 / (1 + e^-x) within 0.66 ULP: with E = e^-|x| = (head + tail) 2^n, 1 / (1 + E) for x >= 0 and else E / (1 + E), its power of two
// apart; a quotient of 12 bits and the exact rest of its division. 0 below -104, 1 from 17.4 on. 52 float operations.
fn precise_sigmoid(x: f32) -> f32 {
  let parts = exp_parts(-select(abs(x), 104.0, abs(x) > 104.0), 0.0);
  let n = i32(parts.z);
  let head = scale_by_power_of_two(parts.x, n);
  let tail = scale_by_power_of_two(parts.y, n);
  let divisor = (1.0 + head) + tail;
  let divisor_head = leading_bits(divisor);
  let divisor_tail = (head - (divisor_head - 1.0)) + tail;
  let reciprocal = reciprocal_estimate(divisor);
  let negative = x < 0.0;
  let numerator = select(1.0, parts.x, negative);
  let numerator_tail = select(0.0, parts.y, negative);
  let quotient = leading_bits((numerator + numerator_tail) * reciprocal);
  let rest = ((numerator - quotient * divisor_head) + numerator_tail) - quotient * divisor_tail;
  let value = scale_by_power_of_two(quotient + rest * reciprocal, select(0, n, negative));
  return select(value, x, is_nan(x));
}`,
  ),
];
