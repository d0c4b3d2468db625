/** The longest message of OpenSSH's agent. */
const longestFrame = 256 * 1024;

/**
 * Cuts bytes that come in pieces into the messages of the ssh agent protocol: a length of four bytes, big-endian, and
 * so many bytes. A message comes out whole, with its length before it; one that has no end is dropped.
 * {@link https://www.rfc-editor.org/rfc/rfc9987#section-3}
 * @throws RangeError when a message has no type or more than 256 KiB
 */
export async function* readFrames(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk.slice() : Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0);
      if (length === 0 || length > longestFrame) {
        throw new RangeError(`A message of the ssh agent protocol can't have ${length} bytes`);
      }
      if (rest.length < 4 + length) break;
      yield rest.subarray(0, 4 + length);
      rest = rest.subarray(4 + length);
    }
  }
}
