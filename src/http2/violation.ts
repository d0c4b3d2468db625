import { errorCode } from "./error-code.ts";
import { Http2Error } from "./http2-error.ts";

/** A PROTOCOL_ERROR of the connection. */
export function violation(message: string): Http2Error {
  return new Http2Error("connection", errorCode.protocolError, message);
}

/** A FRAME_SIZE_ERROR of the connection. */
export function frameSizeError(what: string): Http2Error {
  return new Http2Error("connection", errorCode.frameSizeError, `${what} has a wrong size`);
}

/** An error of one stream, which alone is reset for it. */
export function streamError(code: number, message: string): Http2Error {
  return new Http2Error("stream", code, message);
}

/** A code as the specification spells it, such as `FLOW_CONTROL_ERROR`. */
export function errorCodeName(code: number): string {
  const name = Object.entries(errorCode).find(([, value]) => value === code)?.[0];
  if (name === undefined) return `code ${code}`;
  return name.replace("http11", "http_1_1").replaceAll(/[A-Z]/g, "_$&").toUpperCase();
}
