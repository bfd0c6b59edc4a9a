// Written by `node scripts/fit-shader-polynomials.mjs`. Coefficients in float32 with the lowest degree first.

/**
 * e^r = 1 + r + r²/2 + r³ P(r) for |r| <= 0.3468; the error is relative to e^r - 1.
 * Largest error with these coefficients, in exact arithmetic: 2^-29.79.
 */
export const EXP_TAIL: readonly number[] = [0.16666666, 0.04166648, 0.008333419, 0.0013933298, 0.00019824131];

/**
 * sinh(r) = r + r³ P(r²) for |r| <= 0.3468.
 * Largest error with these coefficients, in exact arithmetic: 2^-30.96.
 */
export const SINH_TAIL: readonly number[] = [0.16666667, 0.008333289, 0.00019904955];

/**
 * sinh(x) = x + x³ P(x²) for |x| <= 1.04.
 * Largest error with these coefficients, in exact arithmetic: 2^-27.86.
 */
export const SINH_NEAR: readonly number[] = [0.16666667, 0.008333333, 0.00019841302, 0.0000027551264, 2.5565464e-8];

/**
 * cosh(r) = 1 + r² P(r²) for |r| <= 0.3468.
 * Largest error with these coefficients, in exact arithmetic: 2^-29.99.
 */
export const COSH_TAIL: readonly number[] = [0.5, 0.04166627, 0.001394609];

/**
 * log(1 + f) = f - f²/2 + f³ P(f) for -1/4 <= f <= 1/2.
 * Largest error with these coefficients, in exact arithmetic: 2^-27.87.
 */
export const LOG1P_TAIL: readonly number[] = [
  0.3333334, -0.25000164, 0.19999605, -0.16655298, 0.14276227, -0.12727758, 0.117007226, -0.09116391, 0.03767442,
];

/**
 * 2 atanh(s) = 2 s + 2/3 s³ + s⁵ P(s²) for |s| <= 0.2.
 * Largest error with these coefficients, in exact arithmetic: 2^-36.95.
 */
export const ATANH_TAIL: readonly number[] = [0.39999995, 0.28572574, 0.22151902, 0.19959906];

/**
 * sin(r) = r + r³ P(r²) for |r| <= 0.7856, which is more than π/4.
 * Largest error with these coefficients, in exact arithmetic: 2^-28.03.
 */
export const SIN_TAIL: readonly number[] = [-0.16666667, 0.008333329, -0.0001983931, 0.0000027181027];

/**
 * cos(r) = 1 - r²/2 + r⁴ P(r²) for |r| <= 0.7856, which is more than π/4.
 * Largest error with these coefficients, in exact arithmetic: 2^-32.53.
 */
export const COS_TAIL: readonly number[] = [0.041666646, -0.0013887315, 0.000024433035];

/**
 * 1/m = P(m) nearly, for 1 <= m <= 2: where Newton's iteration starts.
 * Largest error with these coefficients, in exact arithmetic: 2^-6.63.
 */
export const RECIPROCAL_START: readonly number[] = [2.121212, -1.4545455, 0.32323232];

/**
 * erf(x) = x + x P(x²) for |x| <= 25/32.
 * Largest error with these coefficients, in exact arithmetic: 2^-30.12.
 */
export const ERF_NEAR: readonly number[] = [
  0.12837917, -0.37612638, 0.11283772, -0.026864221, 0.0052148076, -0.000832425, 0.000092695824,
];

/**
 * erfc(25/32 + t) = erfc(25/32) exp(-t P(t)) for 0 <= t <= 3.21875; the error is relative to erf(25/32 + t).
 * Largest error with these coefficients, in exact arithmetic: 2^-30.37.
 */
export const ERFC_EXPONENT: readonly number[] = [
  2.2765179, 0.8127363, 0.051342413, -0.012389955, 0.00233082, -0.000269241, 0.0000036715046, 0.000002444616,
];

/**
 * erfcx(u) = exp(u²) erfc(u) = (1/2 + (1 - s) P(s)) / (1/2 + u), s = 3 / (u + 3), for u >= 0.
 * Largest error with these coefficients, in exact arithmetic: 2^-27.30.
 */
export const ERFCX_NUMERATOR: readonly number[] = [
  0.06418958, 0.15822144, 0.22090583, 0.24695145, 0.23843245, 0.17973505, 0.20898522, -0.1257625, 0.3378409,
  -0.29909137, 0.07702358,
];
