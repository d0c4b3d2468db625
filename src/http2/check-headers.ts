import { errorCode } from "./error-code.ts";
import type { HeaderList } from "./header-list.ts";
import { Http2Error } from "./http2-error.ts";

const requestPseudoFields: ReadonlySet<string> = new Set([
  ":method",
  ":scheme",
  ":authority",
  ":path",
]);
const responsePseudoFields: ReadonlySet<string> = new Set([":status"]);
const noPseudoFields: ReadonlySet<string> = new Set();
/** They belong to HTTP/1.1 (RFC 9113, section 8.2.2). */
const connectionFields: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);
/** Visible ASCII without upper case and colon (RFC 9113, section 8.2.1). */
const validName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const invalidValue = /[\0\r\n]|^[ \t]|[ \t]$/;
/** Servers are not held to section 8.2.1 in full: gRPC's send messages of errors with the white space that they end with. */
const invalidResponseValue = /[\0\r\n]/;

/** Throws a PROTOCOL_ERROR of the stream when a request is malformed (RFC 9113, section 8.3.1). */
export function checkRequestHeaders(fields: HeaderList): void {
  const pseudo = checkFields(fields, requestPseudoFields);
  if (!pseudo.has(":method") || !pseudo.has(":scheme") || !pseudo.get(":path")) {
    throw malformed("a request needs :method, :scheme and :path");
  }
}

/** Returns the status; throws a PROTOCOL_ERROR of the stream when a response is malformed (RFC 9113, section 8.3.2). */
export function checkResponseHeaders(fields: HeaderList): number {
  const status =
    checkFields(fields, responsePseudoFields, invalidResponseValue).get(":status") ?? "";
  if (!/^[1-9]\d\d$/.test(status)) throw malformed("a response needs one :status of three digits");
  return Number(status);
}

/** Throws a PROTOCOL_ERROR of the stream when trailers are malformed (RFC 9113, section 8.1). */
export function checkTrailers(fields: HeaderList): void {
  checkFields(fields, noPseudoFields, invalidResponseValue);
}

/** What `content-length` announces; undefined without one. Throws a PROTOCOL_ERROR of the stream when it is no number. */
export function contentLength(fields: HeaderList): number | undefined {
  const values = fields.filter(([name]) => name === "content-length").map(([, value]) => value);
  const first = values[0];
  if (first === undefined) return undefined;
  if (!/^\d{1,15}$/.test(first) || values.some((value) => value !== first)) {
    throw malformed("content-length is no number");
  }
  return Number(first);
}

function checkFields(
  fields: HeaderList,
  allowedPseudo: ReadonlySet<string>,
  invalid: RegExp = invalidValue,
): ReadonlyMap<string, string> {
  const pseudo = new Map<string, string>();
  let sawRegular = false;
  for (const [name, value] of fields) {
    if (invalid.test(value)) throw malformed(`field "${name}" has an invalid value`);
    if (name.startsWith(":")) {
      if (sawRegular || pseudo.has(name) || !allowedPseudo.has(name)) {
        throw malformed(`field "${name}" is not allowed there`);
      }
      pseudo.set(name, value);
      continue;
    }
    sawRegular = true;
    if (!validName.test(name)) throw malformed("a field name has invalid characters");
    if (connectionFields.has(name) || (name === "te" && value !== "trailers")) {
      throw malformed(`field "${name}" is not allowed in HTTP/2`);
    }
  }
  return pseudo;
}

function malformed(detail: string): Http2Error {
  return new Http2Error("stream", errorCode.protocolError, `Malformed message: ${detail}`);
}
