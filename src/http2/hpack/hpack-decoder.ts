import { errorCode } from "../error-code.ts";
import type { HeaderList } from "../header-list.ts";
import { Http2Error } from "../http2-error.ts";
import { compressionError } from "./compression-error.ts";
import { DynamicTable, entryOverhead } from "./dynamic-table.ts";
import { decodeHuffman } from "./huffman.ts";
import { staticTable } from "./static-table.ts";

type HpackDecoderOptions = {
  /** What we told the peer by SETTINGS_HEADER_TABLE_SIZE, in octets. */
  readonly maxTableSize: number;
  /** Names, values and 32 octets a field (RFC 9113, section 6.5.2); more is an ENHANCE_YOUR_CALM. */
  readonly maxListSize: number;
};

/** Decodes the header blocks of one direction of a connection, in order (RFC 7541). */
export class HpackDecoder {
  readonly #options: HpackDecoderOptions;
  readonly #table: DynamicTable;
  #block: Uint8Array = new Uint8Array();
  #position = 0;

  constructor(options: HpackDecoderOptions) {
    this.#options = options;
    this.#table = new DynamicTable(options.maxTableSize);
  }

  /**
   * Decodes one whole block. Throws an `Http2Error` of the connection: COMPRESSION_ERROR for an invalid block,
   * ENHANCE_YOUR_CALM for a list that is too large (going on would let 1 octet stand for 4 KiB).
   */
  decode(block: Uint8Array): HeaderList {
    this.#block = block;
    this.#position = 0;
    const fields: (readonly [string, string])[] = [];
    let listSize = 0;
    while (this.#position < block.length) {
      const field = this.#field(fields.length === 0);
      if (field === undefined) continue;
      listSize += field[0].length + field[1].length + entryOverhead;
      if (listSize > this.#options.maxListSize) {
        throw new Http2Error(
          "connection",
          errorCode.enhanceYourCalm,
          `The peer sent a header list of more than ${this.#options.maxListSize} octets`,
        );
      }
      fields.push(field);
    }
    return fields;
  }

  /** One representation (RFC 7541, section 6); undefined after a size update. */
  #field(isFirst: boolean): readonly [string, string] | undefined {
    const first = this.#block[this.#position] ?? 0;
    if (first >= 0x80) return this.#indexed(this.#integer(7));
    if (first >= 0x40) {
      const field = this.#literal(this.#integer(6));
      this.#table.add(field);
      return field;
    }
    if (first >= 0x20) {
      if (!isFirst) throw compressionError("a table size update stands after a field");
      this.#resize(this.#integer(5));
      return undefined;
    }
    // Without indexing and never indexed differ for intermediaries only.
    return this.#literal(this.#integer(4));
  }

  #literal(nameIndex: number): readonly [string, string] {
    const name = nameIndex === 0 ? this.#string() : this.#indexed(nameIndex)[0];
    return [name, this.#string()];
  }

  #indexed(index: number): readonly [string, string] {
    const field =
      index <= staticTable.length
        ? staticTable[index - 1]
        : this.#table.get(index - staticTable.length - 1);
    if (field === undefined) throw compressionError(`index ${index} is not in the tables`);
    return field;
  }

  #resize(size: number): void {
    if (size > this.#options.maxTableSize) {
      throw compressionError(`a table size of ${size} is over the limit`);
    }
    this.#table.resize(size);
  }

  /** RFC 7541, section 5.1. Nothing in a block needs more than 28 bits, so more is refused. */
  #integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = this.#octet() & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const octet = this.#octet();
      value += (octet & 0x7f) << shift;
      if (octet < 0x80) return value;
    }
    throw compressionError("an integer is too long");
  }

  /** RFC 7541, section 5.2. */
  #string(): string {
    const isHuffman = (this.#block[this.#position] ?? 0) >= 0x80;
    const length = this.#integer(7);
    const end = this.#position + length;
    if (end > this.#block.length) throw compressionError("a string is longer than the block");
    const raw = this.#block.subarray(this.#position, end);
    this.#position = end;
    const octets = isHuffman ? decodeHuffman(raw) : raw;
    return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("latin1");
  }

  #octet(): number {
    const octet = this.#block[this.#position++];
    if (octet === undefined) throw compressionError("it ends inside a field");
    return octet;
  }
}
