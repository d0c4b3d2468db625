import { createDeadline } from "../base/deadline.ts";
import type { ByteStream } from "./byte-stream.ts";
import { clientPreface } from "./frame-reader.ts";
import { frameType } from "./frame.ts";
import { encodeSettings } from "./settings.ts";
import { tapStream } from "./tap-stream.ts";

/**
 * Whether the far side answers the connection preface with its own (RFC 9113, section 3.4), a SETTINGS frame. Uses the stream up.
 * @param timeout milliseconds after which it doesn't
 */
export async function speaksHttp2(
  stream: ByteStream,
  { timeout }: { readonly timeout: number },
): Promise<boolean> {
  using deadline = createDeadline({ timeout });
  try {
    const tap = tapStream(stream);
    stream.write(Buffer.concat([clientPreface, encodeSettings([])]));
    let bytes: Uint8Array = new Uint8Array();
    while (bytes.length < headLength) {
      const chunk = await Promise.race([tap.read(), deadline.passed]).catch(() => undefined);
      if (chunk === undefined) return false;
      bytes = Buffer.concat([bytes, chunk]);
    }
    return bytes[3] === frameType.settings;
  } finally {
    stream.close();
  }
}

/** Of a frame. An HTTP/1 answer has `P/1.` where the type of a frame stands. */
const headLength = 9;
