// Written by `node scripts/fit-polynomials.mjs`. Coefficients with the lowest degree first.

/**
 * erfcx(u) = exp(u^2) erfc(u) for u >= 0 in float64: with s = u / (u + 3) (s = 1 from 2^60 on, so that Infinity is no NaN),
 * t = 2 s - 1 in [-1, 1] and this P, erfcx(u) = (1 + s P(t)) / (1 + 2 u). Exact at 0, 0 at Infinity.
 * Largest relative error of the formula with these coefficients: 2^-54.27 (MPFR, exact arithmetic),
 * and in float64 arithmetic by Horner's rule 2.40 ULP over 24004 arguments of [0, 1e300] (at 0.001167155417812036).
 */
export const ERFCX: readonly number[] = [
  0.5060161165394593, -0.7772583287886217, 0.6821337400817242, -0.42284342267619923, 0.18429609584537754,
  -0.04768004115752506, 0.00013901132414088934, 0.004919772309317622, -0.001142391628961659, -0.0004172729245374642,
  0.00020695354233378938, 0.00004324520184237672, -0.000033347021046335076, -0.0000068542220513855135,
  0.0000053930858471864795, 0.0000015519335839283795, -8.412585416374313e-7, -3.9225992327631044e-7,
  1.1221500518991892e-7, 9.168320851869504e-8, -1.0171586673732455e-8, -1.6546043183345455e-8, 3.507368595224182e-10,
  1.6379727480576448e-9,
];

/**
 * exp(u^2) ierfc(u) = P(2 s - 1) / (1 + u)^2 for u >= 0 in float64, s = u / (u + 4) (s = 1 from 2^60 on).
 * Largest relative error of the formula with these coefficients: 2^-52.50 (MPFR, exact arithmetic),
 * and in float64 arithmetic by Horner's rule 3.56 ULP over 24000 arguments of [0, 2^30] (at 0.08789956816536106).
 */
export const IERFCX: readonly number[] = [
  0.40479382618776816, -0.19774640519425593, 0.09548549725274234, -0.003129278603847611, -0.047008955129782135,
  0.05303996761258962, -0.03414299462713103, 0.012189180606083212, 0.0009068039096855094, -0.004445894367449469,
  0.003096088782004543, -0.0010836931165805349, 0.000057458518650480485, 0.00013423255187716067,
  -0.000053786711946089596, -0.000004587884189593057, 0.000009391975975067663, -0.0000012346647270301873,
  -0.0000012907832393016963, 3.8213348283776516e-7, 1.6619092251202715e-7, -7.509777290377915e-8,
  -1.9367671074229858e-8, 1.1063473080524027e-8, 1.4628382146223504e-9, -9.256219261800741e-10,
];

/**
 * exp(u^2) i2erfc(u) = P(2 s - 1) / (1 + u)^3 for u >= 0 in float64, s = u / (u + 4) (s = 1 from 2^60 on).
 * Largest relative error of the formula with these coefficients: 2^-53.23 (MPFR, exact arithmetic),
 * and in float64 arithmetic by Horner's rule 6.26 ULP over 24000 arguments of [0, 2^30] (at 0.0008106326934979185).
 */
export const I2ERFCX: readonly number[] = [
  0.23329478890548658, -0.1410715708132504, 0.04260655964155356, 0.045132748650796924, -0.07757430065184008,
  0.057475672976487306, -0.018344551772410584, -0.00891158257674531, 0.015157992690550466, -0.008881298301507575,
  0.0015944736427784812, 0.0015079616180054447, -0.001318393284502024, 0.000358483945287985, 0.0001003857771857846,
  -0.00010068018938522344, 0.000010929417126168621, 0.000015804621744917327, -0.000005219805743948914,
  -0.000002068530490315492, 0.000001237837892125001, 2.52409174551285e-7, -2.3660167633645849e-7,
  -2.7894917933729333e-8, 3.5078244235682686e-8, 2.028269161151345e-9, -2.931174900266089e-9,
];

/**
 * erf(u) = u P(u^2) for |u| <= 1 in float64.
 * Largest relative error of the formula with these coefficients: 2^-54.80 (MPFR, exact arithmetic),
 * and in float64 arithmetic by Horner's rule 1.58 ULP over 16001 arguments of [0, 1] (at 0.9826594845094405).
 */
export const ERF_NEAR_ZERO: readonly number[] = [
  1.1283791670955126, -0.3761263890318375, 0.11283791670954857, -0.026866170645072886, 0.005223977624780787,
  -0.0008548326978738105, 0.0001205533103676085, -0.000014925593503726437, 0.000001646097276828845,
  -1.6350024723419563e-7, 1.4657876588153801e-8, -1.1365653757023815e-9, 5.945241705319926e-11,
];

/**
 * 2^f - 1 = f P(f) for |f| <= 1/2, beside a table of 2^i; for results in float32.
 * Largest relative error of the formula with these coefficients: 2^-32.00 (MPFR, exact arithmetic).
 */
export const EXP2M1_FLOAT32: readonly number[] = [
  0.693147180581434, 0.2402265091994007, 0.05550410728175546, 0.009618057052566487, 0.001333366903068827,
  0.00015461325172398045, 0.000015252803918561163,
];

/**
 * 2^(f/128) - 1 = f P(f) for |f| <= 1/2, beside a table of 2^(i/128); for results in float32.
 * Largest relative error of the formula with these coefficients: 2^-32.17 (MPFR, exact arithmetic).
 */
export const EXP2M1_128TH_FLOAT32: readonly number[] = [
  0.005415212348125534, 0.000014662269105826166, 2.6466421240107558e-8,
];

/**
 * expm1(r) = r P(r) for |r| <= ln(2)/2; for results in float32.
 * Largest relative error of the formula with these coefficients: 2^-32.00 (MPFR, exact arithmetic).
 */
export const EXPM1_FLOAT32: readonly number[] = [
  1.0000000000310016, 0.5000000046628909, 0.16666666251362242, 0.04166635451716067, 0.008333402634827234,
  0.001394100066090591, 0.00019841361048574606,
];

/**
 * log1p(u) = s P(s^2), s = u / (2 + u), for 0 <= u <= 1; for results in float32.
 * Largest relative error of the formula with these coefficients: 2^-33.24 (MPFR, exact arithmetic).
 */
export const LOG1P_FLOAT32: readonly number[] = [
  1.9999999998026474, 0.6666667931074318, 0.3999869077043484, 0.28620723821717997, 0.21393245065556113,
  0.2441305435239369,
];

/**
 * erfcx(u) = q P(q), q = 1 / (u + 3), for u >= 0 up to Infinity, where it is 0; for results in float32.
 * Largest relative error of the formula with these coefficients: 2^-31.13 (MPFR, exact arithmetic).
 */
export const ERFCX_FLOAT32: readonly number[] = [
  0.5641895837880663, 1.6925685378212734, 4.795641877027679, 12.692659077515449, 30.92808803839247, 66.89523009791475,
  123.1909707226189, 252.71444874068018, -883.7382606988725, 5678.335560777526, -24147.949424479124, 40164.4040735627,
  -23680.19283537336,
];

/**
 * The same in float32 arithmetic: erfcx(u) = (1 + s P(t)) / (1 + 2 u) with s = u / (u + 3), t = 2 s - 1.
 * Largest relative error of the formula with these coefficients: 2^-28.64 (MPFR, exact arithmetic).
 */
export const ERFCX_IN_FLOAT32: readonly number[] = [
  0.5060161165037699, -0.7772582506190152, 0.6821336576353026, -0.42284553669164865, 0.18429831890514153,
  -0.04766451149862549, 0.00012285934250907287, 0.004873697445127626, -0.0010951019770504837, -0.00035599795163466965,
  0.00014525132064158828, 0.000008667384946104319,
];

/**
 * erf(u) = u P(u^2) for |u| <= 1; for results in float32.
 * Largest relative error of the formula with these coefficients: 2^-34.81 (MPFR, exact arithmetic).
 */
export const ERF_NEAR_ZERO_FLOAT32: readonly number[] = [
  1.1283791670579795, -0.3761263843455638, 0.11283781973553507, -0.02686540002844996, 0.005220945418152359,
  -0.0008482828835573256, 0.00011256948944013439, -0.000009641521854031304,
];

/**
 * erfcx(u) = P(u) / Q(u) for 0 <= u <= 10.25; for results in float32, where erfcx has a factor exp(-u^2) that vanishes beyond.
 * P is this one and Q the next. No coefficient is negative; u up to 1e50 does not overflow, Infinity gives NaN.
 * Largest relative error with these coefficients: 2^-33.13 on [0, 10.25], 2^-19.67 beyond (MPFR, exact arithmetic).
 */
export const ERFCX_FLOAT32_NUMERATOR: readonly number[] = [
  0.9999999999347092, 1.4361508525515378, 1.0029998014747834, 0.4037719406823889, 0.09325510682813655,
  0.010076075925729714,
];

/**
 * Q of erfcx(u) = P(u) / Q(u).
 */
export const ERFCX_FLOAT32_DENOMINATOR: readonly number[] = [
  1, 2.5645300101290194, 2.8967622570500273, 1.8601389567346163, 0.72461871009795, 0.16528934577811732,
  0.017859401043417093,
];

/**
 * erfcx(u / sqrt(2)) = P(u) / (F(u) P(u) + R(u)) for 0 <= u <= 14.5; in float32 arithmetic, where exp(-u^2 / 2) vanishes beyond.
 * A rounding error of P is above and below, and R is small beside it: 4.1 units of 2^-24 by Horner's rule.
 * P is this one, F and R the next two.
 * Largest relative error with these coefficients: 2^-26.89 on [0, 14.5], 2^-16.38 beyond (MPFR, exact arithmetic).
 */
export const NORMAL_TAIL_NUMERATOR: readonly number[] = [
  0.9999999999990905, 0.8751874015879323, 0.36534045512791796, 0.08085921153836922, 0.008164717049583006,
];

/**
 * F of erfcx(u / sqrt(2)) = P(u) / (F(u) P(u) + R(u)).
 */
export const NORMAL_TAIL_FACTOR: readonly number[] = [0.0009419205058936502, 1.2532993981994232];

/**
 * R of erfcx(u / sqrt(2)) = P(u) / (F(u) P(u) + R(u)).
 */
export const NORMAL_TAIL_REST: readonly number[] = [
  0.9990580794941072, 0.41894852587587095, 0.10303911640665184, 0.010010910567758238,
];
