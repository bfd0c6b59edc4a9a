// Written by `node scripts/fit-shader-polynomials.mjs`. Coefficients in float32 with the lowest degree first.

/**
 * e^r = 1 + r + r²/2 + r³ P(r) for |r| <= 0.3468; the error is relative to e^r - 1.
 * Largest error with these coefficients, in exact arithmetic: 2^-31.00.
 */
export const EXP_TAIL: readonly number[] = [0.16666666, 0.041666478, 0.008333575, 0.0013933709, 0.00019742512];

/**
 * sinh(r) = r + r³ P(r²) for |r| <= 0.3468.
 * Largest error with these coefficients, in exact arithmetic: 2^-34.19.
 */
export const SINH_TAIL: readonly number[] = [0.16666667, 0.0083331885, 0.00019958892];

/**
 * sinh(x) = x + x³ P(x²) for |x| <= 1.04.
 * Largest error with these coefficients, in exact arithmetic: 2^-32.21.
 */
export const SINH_NEAR: readonly number[] = [0.16666667, 0.008333296, 0.00019850748, 0.000002658373, 6.033905e-8];

/**
 * cosh(r) = 1 + r² P(r²) for |r| <= 0.3468.
 * Largest error with these coefficients, in exact arithmetic: 2^-33.23.
 */
export const COSH_TAIL: readonly number[] = [0.5, 0.041666456, 0.0013935869];

/**
 * log(1 + f) = f - f²/2 + f³ P(f) for -1/4 <= f <= 1/2.
 * Largest error with these coefficients, in exact arithmetic: 2^-29.70.
 */
export const LOG1P_TAIL: readonly number[] = [
  0.33333346, -0.25000167, 0.19999151, -0.16654706, 0.14285815, -0.12750046, 0.11646693, -0.08904132, 0.035926968,
];

/**
 * log(1 + e) = e - e² P(e - 1/2) for 0 <= e <= 1.
 * Largest error with these coefficients, in exact arithmetic: 2^-26.99.
 */
export const LOG1P_CURVE: readonly number[] = [
  0.37813956, -0.1792249, 0.09323214, -0.051088694, 0.028901322, -0.016663924, 0.010205113, -0.006906947, 0.0032474757,
];

/**
 * 2 atanh(s) = 2 s + 2/3 s³ + s⁵ P(s²) for |s| <= 0.2.
 * Largest error with these coefficients, in exact arithmetic: 2^-41.30.
 */
export const ATANH_TAIL: readonly number[] = [0.39999995, 0.2857246, 0.22155905, 0.19915111];

/**
 * sin(r) = r + r³ P(r²) for |r| <= 0.7856, which is more than π/4.
 * Largest error with these coefficients, in exact arithmetic: 2^-32.28.
 */
export const SIN_TAIL: readonly number[] = [-0.16666667, 0.008333373, -0.0001985025, 0.0000028043246];

/**
 * cos(r) = 1 - r²/2 + r⁴ P(r²) for |r| <= 0.7856, which is more than π/4.
 * Largest error with these coefficients, in exact arithmetic: 2^-32.99.
 */
export const COS_TAIL: readonly number[] = [0.041666646, -0.0013887311, 0.000024432571];

/**
 * atan(q) = q + q³ P(q²) for |q| <= 1/2.
 * Largest error with these coefficients, in exact arithmetic: 2^-31.43.
 */
export const ATAN_TAIL: readonly number[] = [
  -0.33333325, 0.19999418, -0.14270902, 0.109322935, -0.079543225, 0.03833893,
];

/**
 * 1/m = P(m) nearly, for 1 <= m <= 2: where Newton's iteration starts.
 * Largest error with these coefficients, in exact arithmetic: 2^-6.47.
 */
export const RECIPROCAL_START: readonly number[] = [2.100096, -1.4250212, 0.31367892];

/**
 * erf(x) = x + x P(x²) for |x| <= 25/32.
 * Largest error with these coefficients, in exact arithmetic: 2^-30.12.
 */
export const ERF_NEAR: readonly number[] = [
  0.12837917, -0.37612635, 0.11283735, -0.026862351, 0.005210048, -0.0008264998, 0.000089826106,
];

/**
 * erfc(25/32 + t) = erfc(25/32) exp(-t P(t)) for 0 <= t <= 3.21875; the error is relative to erf(25/32 + t).
 * Largest error with these coefficients, in exact arithmetic: 2^-32.67.
 */
export const ERFC_EXPONENT: readonly number[] = [
  2.2765179, 0.8127361, 0.051343493, -0.0123933125, 0.0023360949, -0.00027358203, 0.000005432481, 0.0000021720791,
];

/**
 * erfcx(x) = exp(x²) erfc(x) = (1/2 + u P(0.625 - u)) / (1/2 + x), u = x / (x + 3), for x >= 0.
 * Largest error with these coefficients, in exact arithmetic: 2^-26.99.
 */
export const ERFCX_NUMERATOR: readonly number[] = [
  0.17420082, 0.5048788, 0.8535246, 1.0707937, 1.017335, 0.67491645, 0.20398854, -0.13869534, -0.18399686, -0.011297796,
  0.07781948,
];

/**
 * exp(x²) ierfc(x) = (ierfc(0) + u P(0.625 - u)) / (1 + x)^2, u = x / (x + 4), for x >= 0.
 * Largest error with these coefficients, in exact arithmetic: 2^-29.36.
 */
export const IERFCX_NUMERATOR: readonly number[] = [
  -0.32488453, -0.03126549, 0.47506565, 1.0930734, 1.5898687, 1.6695298, 1.136285, 0.07977913, -1.0708408, -1.7665783,
  -1.6477534, -0.6728774, 0.413232, 0.43929577,
];

/**
 * exp(x²) i2erfc(x) = (i2erfc(0) + u P(0.625 - u)) / (1 + x)^3, u = x / (x + 4), for x >= 0.
 * Largest error with these coefficients, in exact arithmetic: 2^-25.50.
 */
export const I2ERFCX_NUMERATOR: readonly number[] = [
  -0.07817074, 0.24340086, 0.74255484, 1.2240677, 1.3276346, 0.7068253, -0.64586383, -2.1345375, -2.8046167, -2.1645613,
  0.05404613, 3.3692727, 2.6289613, -1.7009505,
];
