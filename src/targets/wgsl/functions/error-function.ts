/** erf, erfc, erfcx and the scaled integrals that are its derivatives, in float32. */
import {
  ERFCX_NUMERATOR,
  ERFC_EXPONENT,
  ERF_NEAR,
  I2ERFCX_NUMERATOR,
  IERFCX_NUMERATOR,
} from "../../../math/coefficients.js";
import { helper, horner, literal, type HelperFunction } from "./helper.js";

const scaledIntegral = (
  name: string,
  notation: string,
  atZero: number,
  numerator: readonly number[],
  power: 2 | 3,
  bound: string,
): HelperFunction =>
  helper(
    name,
    ["precise_divide"],
    `
// exp(x²) ${notation}(x) for x >= 0 within ${bound} ULP: (${notation}(0) + u P(0.625 - u)) / (1 + x)${power === 2 ? "²" : "³"}, u = x / (x + 4). 0 at
// Infinity.
fn ${name}(x: f32) -> f32 {
  let size = select(x, 1e18, x > 1e18);
  let u = precise_divide(size, size + 4.0);
  let t = 0.625 - u;
${horner("p", numerator, "t")}
  let d = 1.0 + x;
  return precise_divide(${literal(atZero)} + u * p, d * d${power === 2 ? "" : " * d"});
}`,
  );

export const ERROR_FUNCTION = [
  helper(
    "erfcx_parts",
    ["reciprocal_estimate", "leading_bits"],
    `
// (head, tail) with exp(x²) erfc(x) = (head + tail) scale for x >= 0: (1/2 + u P(0.625 - u)) / (1/2 + x) with u = x / (x + 3). head is
// the quotient in 12 bits and tail is what the exact rest of the division adds. scale is a power of two, 1 for x <= 1e18.
fn erfcx_parts(x: f32, scale: f32) -> vec2<f32> {
  let size = select(x, 1e18, x > 1e18);
  let estimate = reciprocal_estimate(size + 3.0);
  let share = size * (estimate * (2.0 - (size + 3.0) * estimate));
  let t = 0.625 - share;
${horner("p", ERFCX_NUMERATOR, "t")}
  let part = share * p;
  let numerator = leading_bits(0.5 + part);
  let numerator_rest = part - (numerator - 0.5);
  let scaled = x * scale;
  let half = 0.5 * scale;
  let divisor = leading_bits(scaled + half);
  let divisor_rest = (max(scaled, half) - divisor) + min(scaled, half);
  let reciprocal = reciprocal_estimate(scaled + half);
  let quotient = leading_bits((0.5 + part) * reciprocal);
  let rest = ((numerator - quotient * divisor) + numerator_rest) - quotient * divisor_rest;
  return vec2<f32>(quotient, rest * reciprocal);
}`,
  ),
  helper(
    "precise_erfcx",
    ["erfcx_parts", "is_infinite", "is_nan"],
    `
// exp(x²) erfc(x) for x >= 0 within 1.46 ULP. 0 at Infinity. 59 float operations.
fn precise_erfcx(x: f32) -> f32 {
  // Far out x is made so small that its reciprocal is a normal number.
  let scale = select(1.0, 2.3283064e-10, x > 1e18);
  let parts = erfcx_parts(x, scale);
  let value = (parts.x + parts.y) * scale;
  return select(select(value, 0.0, is_infinite(x)), x, is_nan(x));
}`,
  ),
  helper(
    "erf_near",
    [],
    `
// erf(x) - x = x P(x²) for |x| <= 25/32. 14 float operations.
fn erf_near(x: f32) -> f32 {
  let z = x * x;
${horner("p", ERF_NEAR, "z")}
  return x * p;
}`,
  ),
  helper(
    "precise_erf",
    ["erf_near", "exp_parts", "power_of_two", "copy_sign", "is_nan"],
    `
// erf(x) within 0.92 ULP: x + x P(x²) up to 25/32, else 1 - erfc(25/32) exp(-t Q(t)), t = |x| - 25/32. 1 and -1 at the infinities.
// 64 float operations.
fn precise_erf(x: f32) -> f32 {
  // Near 0 the small product of x may not be a normal number, so it is taken of a multiple.
  let scale = select(1.0, 16777216.0, abs(x) < 1e-20);
  let near = (x * scale + erf_near(x * scale)) * select(1.0, 5.9604645e-8, abs(x) < 1e-20);
  let t = select(abs(x), 4.0, abs(x) > 4.0) - 0.78125;
${horner("q", ERFC_EXPONENT, "t")}
  let parts = exp_parts(-(t * q), 0.0);
  let far = 1.0 - 0.269222708 * ((parts.x + parts.y) * power_of_two(i32(parts.z)));
  let value = select(copy_sign(far, x), near, abs(x) < 0.78125);
  return select(value, x, is_nan(x));
}`,
  ),
  helper(
    "precise_erfc",
    ["erfcx_parts", "erf_near", "exp_parts", "scale_by_power_of_two", "leading_bits", "is_nan"],
    `
// erfc(x) within 1.44 ULP: 1 - erf(x) near 0, else exp(-x²) erfcx(|x|) with x² in two parts. 0 from 10.1 on,
// 2 at -Infinity. 112 float operations.
fn precise_erfc(x: f32) -> f32 {
  let near = 1.0 - (x + erf_near(x));
  let size = select(abs(x), 10.5, abs(x) > 10.5);
  let head = leading_bits(size);
  let gaussian = exp_parts(-(head * head), (head - size) * (head + size));
  let scaled = erfcx_parts(size, 1.0);
  let product_tail = gaussian.y * scaled.x + (gaussian.x + gaussian.y) * scaled.y;
  let tail = scale_by_power_of_two(gaussian.x * scaled.x + product_tail, i32(gaussian.z));
  let value = select(select(tail, 2.0 - tail, x < 0.0), near, size < 0.5);
  return select(value, x, is_nan(x));
}`,
  ),
  scaledIntegral("precise_ierfcx", "ierfc", 1 / Math.sqrt(Math.PI), IERFCX_NUMERATOR, 2, "5"),
  scaledIntegral("precise_i2erfcx", "i2erfc", 0.25, I2ERFCX_NUMERATOR, 3, "6"),
];
