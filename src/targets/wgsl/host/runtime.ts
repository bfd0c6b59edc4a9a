/** The module that all host modules share. */
import { formatSource } from "../../../codegen/module.js";
import { CALL } from "./runtime-call.js";
import { DEVICE } from "./runtime-device.js";
import { ENCODE } from "./runtime-encode.js";
import { INTERFACE } from "./runtime-interface.js";
import { LOAD } from "./runtime-load.js";
import { SUBMIT } from "./runtime-submit.js";

/** Its file has a name that no definition can have. */
export const RUNTIME = "shader-runtime";

let text: Promise<string> | undefined;

export const runtimeText = (): Promise<string> =>
  (text ??= formatSource([INTERFACE, DEVICE, LOAD, CALL, ENCODE, SUBMIT].join("\n"), "typescript"));
