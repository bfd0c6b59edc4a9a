/** Ids become names of files and of exports: which ones can. */
import { Diagnostic } from "../../diagnostic.js";
import { reasonAgainstId } from "../../frontends/names.js";

/** Names that Windows keeps for devices, whatever the extension. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** Complains about an id that could not name a file and an export everywhere; `place` says whose it is. */
export function checkId(id: string, place: string): void {
  const reason = DEVICES.test(id)
    ? { message: `"${id}" cannot be an id: Windows reserves the name for a device`, hint: "choose another id" }
    : reasonAgainstId(id);
  if (reason !== undefined) throw new Diagnostic(`${place}: ${reason.message}`, { hint: reason.hint });
}
