/** Bit patterns, powers of two and exact rounding errors: what the other functions are made of. */
import { helper } from "./helper.js";

export const BITS = [
  helper(
    "is_nan",
    [],
    `
// Whether x is NaN, by its bits: drivers may take x != x for false.
fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}`,
  ),
  helper(
    "is_infinite",
    [],
    `
// Whether x is Infinity or -Infinity, by its bits.
fn is_infinite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u;
}`,
  ),
  helper(
    "not_a_number",
    [],
    `
// NaN. From a variable, as a constant expression may not be NaN.
fn not_a_number() -> f32 {
  var bits = 0x7fc00000u;
  return bitcast<f32>(bits);
}`,
  ),
  helper(
    "infinity",
    [],
    `
// Infinity. From a variable, as a constant expression may not overflow.
fn infinity() -> f32 {
  var bits = 0x7f800000u;
  return bitcast<f32>(bits);
}`,
  ),
  helper(
    "copy_sign",
    [],
    `
// |x| with the sign of y.
fn copy_sign(x: f32, y: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(y) & 0x80000000u));
}`,
  ),
  helper(
    "leading_bits",
    [],
    `
// x rounded to 12 significant bits. Two of these have an exact product, and x - leading_bits(x) is exact with 12 bits.
fn leading_bits(x: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) + 0x800u) & 0xfffff000u);
}`,
  ),
  helper(
    "keep",
    [],
    `
// x, where n is a whole number below 2^22, the last bit of which is 0: no compiler can know that, so none that reorders sums
// and products sees through to what x was made of.
fn keep(x: f32, n: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ (bitcast<u32>(n) & 1u));
}`,
  ),
  helper(
    "power_of_two",
    [],
    `
// 2^k for -126 <= k <= 127, and 0 below.
fn power_of_two(k: i32) -> f32 {
  return bitcast<f32>(u32(max(k + 127, 0)) << 23u);
}`,
  ),
  helper(
    "scale_by_power_of_two",
    ["power_of_two"],
    `
// x * 2^k for -252 <= k <= 254, in two steps that neither overflow nor underflow on the way. 2 float operations.
fn scale_by_power_of_two(x: f32, k: i32) -> f32 {
  let half = k >> 1u;
  return x * power_of_two(half) * power_of_two(k - half);
}`,
  ),
  helper(
    "precise_round",
    [],
    `
// The integer nearest to x, of two equally near the larger one. 2 float operations.
fn precise_round(x: f32) -> f32 {
  let below = floor(x);
  let nearest = select(below, below + 1.0, x - below >= 0.5);
  return select(nearest, x, (bitcast<u32>(x) & 0x7fffffffu) >= 0x4b000000u);
}`,
  ),
  helper(
    "last_bits",
    [],
    `
// The part of x that its last 12 bits make, for |x| >= 2^-103: x less the number of its first 12 bits. From the bits, so that
// no compiler that reorders sums and products puts both parts together again. 2 float operations.
fn last_bits(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  return f32(bits & 0xfffu) * (1.1920929e-7 * bitcast<f32>(bits & 0xff800000u));
}`,
  ),
  helper(
    "product_error",
    ["last_bits"],
    `
// a * b minus its rounded value, exactly; 0 where the product is not finite, or less than 2^-78, or a or b less than 2^-103:
// there the parts could be subnormal. 13 float operations.
// Taking the bits of the product also keeps compilers from joining a * b with the subtraction.
fn product_error(a: f32, b: f32) -> f32 {
  let product = a * b;
  let magnitude = bitcast<u32>(product) & 0x7fffffffu;
  let smaller = min(bitcast<u32>(a) & 0x7fffffffu, bitcast<u32>(b) & 0x7fffffffu);
  let usual = (smaller >= 0x0c000000u) & (magnitude >= 0x18800000u) & (magnitude < 0x7f800000u);
  // All bits set where the product is finite.
  let finite = bitcast<u32>((bitcast<i32>(magnitude) - 0x7f800000) >> 31u);
  let rounded = bitcast<f32>(bitcast<u32>(product) & finite);
  let a_head = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u);
  let b_head = bitcast<f32>(bitcast<u32>(b) & 0xfffff000u);
  let a_tail = last_bits(a);
  let b_tail = last_bits(b);
  let error = ((a_head * b_head - rounded) + a_head * b_tail + a_tail * b_head) + a_tail * b_tail;
  return select(0.0, error, usual);
}`,
  ),
  helper(
    "sum_error",
    [],
    `
// a + b minus its rounded value, exactly; 0 where the sum is not finite. 6 float operations. Taking the bits of every step also
// keeps compilers from cancelling them.
fn sum_error(a: f32, b: f32) -> f32 {
  let sum = a + b;
  // All bits set where the sum is finite.
  let finite = bitcast<u32>(((bitcast<i32>(sum) & 0x7fffffff) - 0x7f800000) >> 31u);
  let rounded = bitcast<f32>(bitcast<u32>(sum) & finite);
  let b_part = bitcast<f32>(bitcast<u32>(rounded - a) & finite);
  let a_part = rounded - b_part;
  let a_error = bitcast<u32>(a - bitcast<f32>(bitcast<u32>(a_part) & finite)) & finite;
  let b_error = bitcast<u32>(b - b_part) & finite;
  return bitcast<f32>(a_error) + bitcast<f32>(b_error);
}`,
  ),
];
