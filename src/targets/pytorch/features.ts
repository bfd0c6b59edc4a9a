/** What came to PyTorch with which version, as far as emitted code makes use of it. */

/** The releases, oldest first. */
export const VERSIONS = [
  ...[7, 8, 9, 10, 11, 12, 13].map((minor) => `1.${minor}`),
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map((minor) => `2.${minor}`),
];

const SINCE = {
  /** `torch.special.erfcx`. */
  erfcx: "1.11",
  /** `torch.where` with a number for a side, in the type of the other. */
  whereTakesNumbers: "2.0",
  /** `setup_context`, `generate_vmap_rule` and `jvp` of `autograd.Function`: what `torch.func` needs. */
  functionTransforms: "2.0",
  /** `torch.library.custom_op`, which `torch.compile` does not look into. */
  customOperator: "2.4",
} as const;

export type Features = { readonly [K in keyof typeof SINCE]: boolean };

export const featuresOf = (version: string): Features =>
  Object.fromEntries(
    Object.entries(SINCE).map(([name, since]) => [name, VERSIONS.indexOf(version) >= VERSIONS.indexOf(since)]),
  ) as Features;
