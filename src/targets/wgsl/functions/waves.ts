/** sin and cos in float32, for arguments of any size. */
import { COS_TAIL, SIN_TAIL } from "../../../math/coefficients.js";
import { helper, horner } from "./helper.js";

export const WAVES = [
  helper(
    "multiply_high",
    [],
    `
// The upper 32 bits of the 64-bit product of a and b.
fn multiply_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  return a_high * b_high + (middle >> 16u) + (((middle & 0xffffu) + a_low * b_high) >> 16u);
}`,
  ),
  helper(
    "reduce_large_angle",
    ["multiply_high", "leading_bits", "power_of_two"],
    `
// (head, tail, n) with |x| = n π/2 + head + tail modulo 2π for |x| >= 2^11, in integers: |x| = m 2^e with an integer m, times
// those 96 bits of 2/π which m 2^e makes neither multiples of 4 nor less than 2^-62.
fn reduce_large_angle(x: f32) -> vec3<f32> {
  // 32 zeros and the first 224 bits of 2/π.
  var two_over_pi = array<u32, 8>(
    0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu
  );
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let m = (bits & 0x007fffffu) | 0x00800000u;
  let first = (bits >> 23u) - 120u;
  let word = min(first >> 5u, 4u);
  let left = first & 31u;
  let right = 31u - left;
  let w0 = (two_over_pi[word] << left) | ((two_over_pi[word + 1u] >> 1u) >> right);
  let w1 = (two_over_pi[word + 1u] << left) | ((two_over_pi[word + 2u] >> 1u) >> right);
  let w2 = (two_over_pi[word + 2u] << left) | ((two_over_pi[word + 3u] >> 1u) >> right);
  // quarters is a number of quarter turns modulo 4: two bits before the point and 62 behind.
  let carried = multiply_high(m, w2);
  let quarters_low = m * w1 + carried;
  let quarters_high = m * w0 + multiply_high(m, w1) + select(0u, 1u, quarters_low < carried);
  // The nearest multiple goes; what is left is a sign and a fraction of at most 1/2.
  let signed_high = (quarters_high << 2u) | (quarters_low >> 30u);
  let signed_low = quarters_low << 2u;
  let n = (quarters_high >> 30u) + (signed_high >> 31u);
  let negative = signed_high >= 0x80000000u;
  let low = select(signed_low, 0u - signed_low, negative);
  let high = select(signed_high, select(0xffffffffu, 0u, signed_low == 0u) - signed_high, negative);
  let zeros = min(countLeadingZeros(high), 31u);
  let top = (high << zeros) | ((low >> 1u) >> (31u - zeros));
  let next = low << zeros;
  let scale = power_of_two(-12 - i32(zeros));
  let fraction_head = f32(top >> 20u) * scale;
  let fraction_tail = f32(((top << 12u) | (next >> 20u)) >> 8u) * scale * 5.9604645e-8;
  // Times π/2, of which the first part has 12 bits.
  let product = fraction_head * 1.57080078125;
  let product_rest = fraction_head * -4.4544552e-6 + fraction_tail * 1.57079637;
  let head = leading_bits(product + product_rest);
  let tail = (product - head) + product_rest;
  return vec3<f32>(select(head, -head, negative), select(tail, -tail, negative), f32(n & 3u));
}`,
  ),
  helper(
    "reduce_angle",
    ["reduce_large_angle", "leading_bits", "keep"],
    `
// (head, tail, n) with |x| = n π/2 + head + tail, up to multiples of 2π: head has 12 bits, |head + tail| <= 0.7856. Up to 3200 n
// has 11 bits and three parts of π/2 have 13, so that their products with n are exact. 22 float operations, 8 of them
// for large x only.
fn reduce_angle(x: f32) -> vec3<f32> {
  let size = abs(x);
  if ((bitcast<u32>(x) & 0x7fffffffu) > 0x45480000u) {
    return reduce_large_angle(x);
  }
  let n = floor(size * 0.636619747 + 0.5);
  let first = keep(size - n * 1.57080078125, n);
  let second = n * -4.454515874e-6;
  let head = leading_bits(first - second);
  let rest = keep((first - head) - second, n);
  let tail = (rest - n * 6.0765614762e-11) - n * 5.390303e-15;
  return vec3<f32>(head, tail, n);
}`,
  ),
  helper(
    "wave",
    ["leading_bits"],
    `
// sin(head + tail + n π/2) for |head + tail| <= 0.7856. 29 float operations.
fn wave(head: f32, tail: f32, n: u32) -> f32 {
  let r = head + tail;
  let z = r * r;
${horner("s", SIN_TAIL, "z")}
${horner("c", COS_TAIL, "z")}
  let sine = head + (tail + r * z * s);
  let half_square = 0.5 * head * head;
  let cosine_head = leading_bits(1.0 - half_square);
  let cosine_rest = ((1.0 - cosine_head) - half_square) - tail * (head + 0.5 * tail);
  let cosine = cosine_head + (cosine_rest + z * z * c);
  let value = select(sine, cosine, (n & 1u) == 1u);
  return select(value, -value, (n & 2u) == 2u);
}`,
  ),
  helper(
    "precise_sin",
    ["reduce_angle", "wave"],
    `
// sin(x) within 0.88 ULP, for all finite x; NaN at the infinities, x itself near 0. 51 float operations.
fn precise_sin(x: f32) -> f32 {
  let reduced = reduce_angle(x);
  let value = wave(reduced.x, reduced.y, u32(reduced.z));
  let bits = bitcast<u32>(x);
  let magnitude = bits & 0x7fffffffu;
  let signed_value = bitcast<f32>(bitcast<u32>(value) ^ (bits & 0x80000000u));
  let ends = select(signed_value, bitcast<f32>(bits | 0x7fc00000u), magnitude >= 0x7f800000u);
  return select(ends, x, magnitude < 0x33000000u);
}`,
  ),
  helper(
    "precise_cos",
    ["reduce_angle", "wave"],
    `
// cos(x) within 0.88 ULP, for all finite x; NaN at the infinities. 51 float operations.
fn precise_cos(x: f32) -> f32 {
  let reduced = reduce_angle(x);
  let value = wave(reduced.x, reduced.y, u32(reduced.z) + 1u);
  let bits = bitcast<u32>(x);
  return select(value, bitcast<f32>(bits | 0x7fc00000u), (bits & 0x7fffffffu) >= 0x7f800000u);
}`,
  ),
];
