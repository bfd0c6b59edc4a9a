/** sinc and the spherical Bessel functions that its derivatives are sums of, in float32. */
import { NEAR, sphericalBesselSeries } from "../../../ir/bessel.js";
import { rationalToNumber } from "../../../ir/rational.js";
import { helper, horner } from "./helper.js";

/** Beneath half a unit of the last place. */
const NEGLIGIBLE = 2 ** -28;
const series = (order: 1 | 2): readonly number[] => sphericalBesselSeries(order, NEGLIGIBLE).map(rationalToNumber);

export const SPHERICAL_BESSEL = [
  helper(
    "precise_sinc",
    ["precise_divide", "precise_sin", "is_infinite"],
    `
// sin(x) / x within 1.6 ULP, 1 near 0 and 0 at the infinities.
fn precise_sinc(x: f32) -> f32 {
  let value = select(precise_divide(precise_sin(x), x), 0.0, is_infinite(x));
  return select(value, 1.0, (bitcast<u32>(x) & 0x7fffffffu) < 0x39000000u);
}`,
  ),
  helper(
    "precise_spherical_bessel1",
    ["precise_divide", "precise_sinc", "precise_cos", "is_infinite"],
    `
// (sinc(x) - cos(x)) / x, within 4 ULP where it is not near one of its zeros: up to ${NEAR[1]} its series x P(x²). 0 at the infinities.
fn precise_spherical_bessel1(x: f32) -> f32 {
  let z = x * x;
${horner("p", series(1), "z")}
  let far = select(precise_divide(precise_sinc(x) - precise_cos(x), x), 0.0, is_infinite(x));
  return select(far, x * p, abs(x) < ${NEAR[1]}.0);
}`,
  ),
  helper(
    "precise_spherical_bessel2",
    ["precise_divide", "precise_sinc", "precise_spherical_bessel1", "is_infinite"],
    `
// 3 j1(x) / x - sinc(x), j1 being the function above, within 6 ULP where it is not near one of its zeros: up to ${NEAR[2]} its series
// x² P(x²). 0 at the infinities.
fn precise_spherical_bessel2(x: f32) -> f32 {
  let z = x * x;
${horner("p", series(2), "z")}
  let far = select(3.0 * precise_divide(precise_spherical_bessel1(x), x) - precise_sinc(x), 0.0, is_infinite(x));
  return select(far, z * p, abs(x) < ${NEAR[2]}.0);
}`,
  ),
];
