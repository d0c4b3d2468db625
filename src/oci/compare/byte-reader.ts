/** Reads a stream piece by piece, as much as is asked for. */
export type ByteReader = {
  /** Some of the bytes that come next, without taking them; empty at the end. */
  peek(): Promise<Uint8Array>;
  /** Takes bytes that were peeked at. */
  take(count: number): void;
  /** Takes so many bytes. @throws SyntaxError when there are less */
  read(count: number): Promise<Uint8Array>;
  /** Takes so many bytes without keeping them. @throws SyntaxError when there are less */
  skip(count: number): Promise<void>;
};

/** A reader of `stream`, which holds one of its chunks at a time. */
export function createByteReader(stream: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = stream[Symbol.asyncIterator]();
  let current: Uint8Array = new Uint8Array();

  async function peek(): Promise<Uint8Array> {
    while (current.length === 0) {
      const next = await chunks.next();
      if (next.done === true) break;
      current = next.value;
    }
    return current;
  }
  const take = (count: number): void => {
    current = current.subarray(count);
  };
  async function each(count: number, use: (part: Uint8Array) => void): Promise<void> {
    for (let left = count; left > 0;) {
      const chunk = await peek();
      if (chunk.length === 0) throw new SyntaxError(`it ends ${left} bytes early`);
      const part = chunk.subarray(0, left);
      use(part);
      take(part.length);
      left -= part.length;
    }
  }
  return {
    peek,
    take,
    async read(count) {
      const parts: Uint8Array[] = [];
      await each(count, (part) => void parts.push(part));
      return Buffer.concat(parts);
    },
    skip: (count) => each(count, () => undefined),
  };
}
