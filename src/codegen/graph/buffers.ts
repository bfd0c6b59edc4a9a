/** Makers of buffers. */
import { times, type Integer } from "../../ir/graph/integer.js";
import type { Axis } from "../../ir/graph/tensor.js";
import type { Buffer } from "../../ir/kernel.js";

interface BufferEntry extends Pick<Buffer, "name" | "role" | "type" | "axes"> {
  readonly strides?: Buffer["strides"] | undefined;
  /** How many places it has along an axis: all of them unless it holds a part. */
  readonly extent?: (axis: Axis) => Integer;
}

/** A buffer that is always there; row-major unless it has strides of its own. */
export function buffer({ strides, extent = ({ size }) => size, ...entry }: BufferEntry): Buffer {
  const rowMajor: Integer[] = [];
  let length: Integer = times(1, 1);
  for (const axis of [...entry.axes].reverse()) {
    rowMajor.unshift(length);
    length = times(extent(axis), length);
  }
  return { ...entry, strides: strides ?? rowMajor, length, absent: undefined, optional: false, documentation: "" };
}
