/** A file of an archive. Directories are made by those who unpack. */
export type TarFile = {
  /** `/`-separated, relative. */
  readonly name: string;
  /** Bytes that `content` has: they stand before the content, so they must be known. */
  readonly size: number;
  readonly content: Uint8Array | (() => AsyncIterable<Uint8Array>);
};

const blockSize = 512;
const zeros = new Uint8Array(2 * blockSize);
// What 11 octal digits hold: from 8 GiB on, the size needs an extended header.
const maxOctalSize = 0o77777777777;

/**
 * Writes files as a tar (ustar, with pax headers for long names and big files). The bytes depend on the files alone:
 * no times, no owners. Our own, for it is small, and packages that write tar hold a file in memory or don't know pax.
 * {@link https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06}
 */
export async function* tarStream(files: Iterable<TarFile>): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    yield* headers(file);
    let written = 0;
    for await (const chunk of chunksOf(file)) {
      written += chunk.byteLength;
      yield chunk;
    }
    if (written !== file.size) {
      throw new Error(`Cannot archive "${file.name}": it has ${written} bytes, not ${file.size}`);
    }
    yield padding(file.size);
  }
  yield zeros;
}

function chunksOf({ content }: TarFile): AsyncIterable<Uint8Array> | readonly Uint8Array[] {
  return content instanceof Uint8Array ? [content] : content();
}

function* headers({ name, size }: TarFile): Generator<Uint8Array> {
  const longName = Buffer.byteLength(name) > 100;
  const bigFile = size > maxOctalSize;
  if (longName || bigFile) {
    const records = Buffer.from(
      (longName ? paxRecord("path", name) : "") + (bigFile ? paxRecord("size", `${size}`) : ""),
    );
    yield header("pax_header", records.byteLength, "x");
    yield records;
    yield padding(records.byteLength);
  }
  yield header(longName ? name.slice(-100) : name, bigFile ? 0 : size, "0");
}

/** `<length> <key>=<value>\n`, where the length counts its own digits, too. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + `${rest}`.length;
  if (`${length}`.length + rest !== length) length = rest + `${length}`.length;
  return `${length} ${key}=${value}\n`;
}

function header(name: string, size: number, type: "0" | "x"): Uint8Array {
  const block = Buffer.alloc(blockSize);
  block.write(name, 0, 100);
  block.write("0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("00000000000\0", 136);
  // The checksum is made with its own field full of spaces.
  block.write("        ", 148);
  block.write(type, 156);
  block.write("ustar\u000000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function padding(size: number): Uint8Array {
  return zeros.subarray(0, (blockSize - (size % blockSize)) % blockSize);
}
