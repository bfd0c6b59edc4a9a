/** One row of a table of what a reader does with a construct: each is run as well, and has to give the same. */
export interface Construct {
  /** In a few words. */
  readonly name: string;
  /** Lines of a file of JavaScript with a function f, or of a forward of PyTorch; before "---" stand lines of the file. */
  readonly example: string;
  readonly reading: "modelled" | "refused";
}

/** A heading and its rows: `modelled` and `refused` examples by the construct's name. */
export interface Group {
  readonly title: string;
  readonly constructs: readonly Construct[];
}

export const group = (
  title: string,
  modelled: Readonly<Record<string, string>>,
  refused: Readonly<Record<string, string>>,
): Group => ({
  title,
  constructs: [
    ...Object.entries(modelled).map(([name, example]): Construct => ({ name, example, reading: "modelled" })),
    ...Object.entries(refused).map(([name, example]): Construct => ({ name, example, reading: "refused" })),
  ],
});
