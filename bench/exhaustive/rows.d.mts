export interface Row {
  readonly code: string;
  readonly nan: number;
  readonly infinities: number;
  readonly numbersForNaN: number;
  readonly misrounded: number;
  readonly ulp: number;
  readonly at?: number;
  readonly nearZeros?: number;
  readonly absolute?: number;
}
export interface LoopOfModule {
  readonly id: string;
  readonly direction: "forward" | "backward";
  readonly code: string;
}
export type Rows = Readonly<Record<string, { readonly [K in LoopOfModule["direction"]]?: Row }>>;
export interface Record {
  readonly target: string;
  readonly modules: URL;
  readonly results: URL;
  readonly table: URL;
}
export const RECORDS: { readonly js: Record; readonly wasm: Record };
export function subjects(record: Record): LoopOfModule[];
export const readRows: (file: URL) => Rows;
export const isCurrent: (rows: Rows, subject: LoopOfModule) => boolean;
export function tableText(rows: Rows, record: Record): string;
