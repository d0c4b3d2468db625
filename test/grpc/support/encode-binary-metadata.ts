/** The value of a `-bin` field as it goes on the wire. */
export function encodeBinaryMetadata(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64").replaceAll("=", "");
}
