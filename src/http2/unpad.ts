import type { Frame } from "./frame.ts";
import { frameFlag } from "./frame.ts";
import { frameSizeError, violation } from "./violation.ts";

/** The content of DATA or HEADERS without its padding (RFC 9113, section 6.1). Throws an `Http2Error` of the connection. */
export function unpad(frame: Frame): Uint8Array {
  if ((frame.flags & frameFlag.padded) === 0) return frame.payload;
  const padding = frame.payload[0];
  if (padding === undefined) throw frameSizeError("A padded frame");
  if (padding >= frame.payload.length) throw violation("Padding is longer than its frame");
  return frame.payload.subarray(1, frame.payload.length - padding);
}
