import { errorCode } from "../error-code.ts";
import { Http2Error } from "../http2-error.ts";

/** A header block that can't be decoded: the connection's compression state is lost (RFC 9113, section 4.3). */
export function compressionError(message: string): Http2Error {
  return new Http2Error(
    "connection",
    errorCode.compressionError,
    `Invalid header block: ${message}`,
  );
}
