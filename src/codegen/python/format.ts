/** Python source as ruff formats it. */

interface Formatter {
  readonly format: (text: string) => string;
}

export async function formatPython(text: string): Promise<string> {
  const { Workspace, PositionEncoding } = await import("@astral-sh/ruff-wasm-nodejs");
  const formatter: Formatter = new Workspace({ "line-length": 88, "target-version": "py39" }, PositionEncoding.Utf16);
  return formatter.format(text);
}
