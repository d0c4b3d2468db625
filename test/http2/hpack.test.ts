import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { errorCode } from "../../src/http2/error-code.ts";
import type { HeaderList } from "../../src/http2/header-list.ts";
import { encodeHeaders } from "../../src/http2/hpack/encode-headers.ts";
import { HpackDecoder } from "../../src/http2/hpack/hpack-decoder.ts";
import { decodeHuffman } from "../../src/http2/hpack/huffman.ts";
import { Http2Error } from "../../src/http2/http2-error.ts";

function createDecoder(maxTableSize = 4096, maxListSize = 1 << 24): HpackDecoder {
  return new HpackDecoder({ maxTableSize, maxListSize });
}

function hex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}

const requests: readonly HeaderList[] = [
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
  ],
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
    ["cache-control", "no-cache"],
  ],
  [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    [":authority", "www.example.com"],
    ["custom-key", "custom-value"],
  ],
];

const cookie = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
const responses: readonly HeaderList[] = [
  [
    [":status", "302"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["location", "https://www.example.com"],
  ],
  [
    [":status", "307"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["location", "https://www.example.com"],
  ],
  [
    [":status", "200"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:22 GMT"],
    ["location", "https://www.example.com"],
    ["content-encoding", "gzip"],
    ["set-cookie", cookie],
  ],
];

describe("HpackDecoder.decode() on RFC 7541, appendix C", () => {
  test.each([
    [
      "C.2.1",
      "400a637573746f6d2d6b65790d637573746f6d2d686561646572",
      "custom-key",
      "custom-header",
    ],
    ["C.2.2", "040c2f73616d706c652f70617468", ":path", "/sample/path"],
    ["C.2.3", "100870617373776f726406736563726574", "password", "secret"],
    ["C.2.4", "82", ":method", "GET"],
  ])("gives the field of %s", (_section, block, name, value) => {
    expect(createDecoder().decode(hex(block))).toEqual([[name, value]]);
  });

  test("gives the requests of C.3", () => {
    const decoder = createDecoder();
    const blocks = [
      "828684410f7777772e6578616d706c652e636f6d",
      "828684be58086e6f2d6361636865",
      "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
    ];
    expect(blocks.map((block) => decoder.decode(hex(block)))).toEqual([...requests]);
  });

  test("gives the Huffman-coded requests of C.4", () => {
    const decoder = createDecoder();
    const blocks = [
      "828684418cf1e3c2e5f23a6ba0ab90f4ff",
      "828684be5886a8eb10649cbf",
      "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ];
    expect(blocks.map((block) => decoder.decode(hex(block)))).toEqual([...requests]);
  });

  test("gives the responses of C.5, which evict entries from a table of 256 octets", () => {
    const decoder = createDecoder(256);
    const blocks = [
      `4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54
       6e1768747470733a2f2f7777772e6578616d706c652e636f6d`,
      "4803333037c1c0bf",
      `88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f
       3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076
       657273696f6e3d31`,
    ];
    expect(blocks.map((block) => decoder.decode(hex(block)))).toEqual([...responses]);
  });

  test("gives the Huffman-coded responses of C.6", () => {
    const decoder = createDecoder(256);
    const blocks = [
      `488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f
       0b97c8e9ae82ae43d3`,
      "4883640effc1c0bf",
      `88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335df
       dfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`,
    ];
    expect(blocks.map((block) => decoder.decode(hex(block)))).toEqual([...responses]);
  });
});

describe("HpackDecoder.decode() refuses", () => {
  test.each([
    ["index 0", "80"],
    ["an index past the tables", "be"],
    ["an integer without an end", "ffffffffffffff"],
    ["a string longer than its block", "0003"],
    ["a block that ends inside a field", "400161"],
    ["a size update over the limit", "3fe21f"],
    ["a size update after a field", "8220"],
    ["Huffman padding of 8 bits", "000161821fff"],
    ["Huffman padding with zeros", "0001618118"],
    ["EOS in a Huffman string", "00016184ffffffff"],
  ])("%s with COMPRESSION_ERROR", (_what, block) => {
    expect(codeOf(() => createDecoder().decode(hex(block)))).toBe(errorCode.compressionError);
  });

  test("a list over the limit with ENHANCE_YOUR_CALM, however short its block", () => {
    const decoder = createDecoder(4096, 100_000);
    decoder.decode(Buffer.concat([hex("4001617f851e"), Buffer.alloc(3972, "b")]));
    const bomb = new Uint8Array(100).fill(0xbe);
    expect(codeOf(() => decoder.decode(bomb))).toBe(errorCode.enhanceYourCalm);
  });
});

describe("HpackDecoder.decode() changes its table's size", () => {
  test("to 0 and back, which forgets the entries", () => {
    const decoder = createDecoder();
    decoder.decode(hex("4001610162"));
    expect(decoder.decode(hex("be"))).toEqual([["a", "b"]]);
    expect(decoder.decode(hex("20 3fe11f 82"))).toEqual([[":method", "GET"]]);
    expect(codeOf(() => decoder.decode(hex("be")))).toBe(errorCode.compressionError);
  });

  test("and keeps as many entries as fit", () => {
    const decoder = createDecoder();
    decoder.decode(hex("4001610162 4001630164"));
    // 40 octets: room for one entry of 34.
    expect(decoder.decode(hex("3f09 be"))).toEqual([["c", "d"]]);
    expect(codeOf(() => decoder.decode(hex("bf")))).toBe(errorCode.compressionError);
  });
});

const sendable = fc.integer({ min: 0, max: 255 }).filter((code) => ![0, 10, 13].includes(code));

test.each(["a\nb", "a\rb", "a\0", "\u010a"])("encodeHeaders() refuses %j", (text) => {
  expect(() => encodeHeaders([["a", text]])).toThrow(RangeError);
  expect(() => encodeHeaders([[text, "a"]])).toThrow(RangeError);
});

test("encodeHeaders() is undone by HpackDecoder.decode()", () => {
  const octets = fc.string({
    unit: sendable.map((code) => String.fromCharCode(code)),
    maxLength: 300,
  });
  const names = fc.oneof(octets, fc.constantFrom(":status", ":path", "te", "content-type"));
  const decoder = createDecoder();
  fc.assert(
    fc.property(fc.array(fc.tuple(names, octets)), (fields) => {
      expect(decoder.decode(encodeHeaders(fields))).toEqual(fields);
    }),
  );
});

test("HpackDecoder.decode() gives fields or an Http2Error for any octets", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (blocks) => {
      const decoder = createDecoder(4096, 10_000);
      for (const block of blocks) {
        try {
          decoder.decode(block);
        } catch (error) {
          expect(error).toBeInstanceOf(Http2Error);
        }
      }
    }),
    { numRuns: 5000 },
  );
});

test("decodeHuffman() gives every octet of the specification's table", () => {
  // The ends of the table: the shortest codes, the longest, and the last.
  expect(decodeHuffman(hex("07"))).toEqual(Buffer.from("0"));
  expect(decodeHuffman(hex("fffffff3"))).toEqual(Buffer.from("\n"));
  expect(decodeHuffman(hex("fffffbbf"))).toEqual(Buffer.from([255]));
});

function codeOf(action: () => unknown): number | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof Http2Error ? error.code : undefined;
  }
}
