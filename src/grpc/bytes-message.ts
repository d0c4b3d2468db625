/** Field 1, length-delimited. */
export const bytesMessageTag = 0x0a;

/** The `data` of an encoded `BytesMessage { bytes data = 1 }`, as views. undefined when it is none. */
export function bytesOfMessage(message: Uint8Array): Uint8Array[] | undefined {
  const found: Uint8Array[] = [];
  let position = 0;
  while (position < message.length) {
    if (message[position++] !== bytesMessageTag) return undefined;
    let length = 0;
    let shift = 0;
    let octet: number;
    do {
      octet = message[position++] ?? 0;
      length += (octet & 0x7f) * 2 ** shift;
      shift += 7;
    } while (octet >= 0x80 && shift <= 28);
    if (position + length > message.length) return undefined;
    if (length > 0) found.push(message.subarray(position, position + length));
    position += length;
  }
  return found;
}
