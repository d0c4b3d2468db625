import { createHash } from "node:crypto";
import { fixed, type TemplateFunction } from "../function.ts";
import { fromBytes, runesOf, toBytes } from "../go-text.ts";

const letters32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const letters64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

type Encoding = {
  readonly name: string;
  readonly letters: string;
  readonly bits: number;
  readonly group: number;
};

const base32: Encoding = { name: "base32", letters: letters32, bits: 5, group: 8 };
const base64: Encoding = { name: "base64", letters: letters64, bits: 6, group: 4 };

function encode(bytes: Uint8Array, { letters, bits, group }: Encoding): string {
  let text = "";
  let held = 0;
  let count = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    count += 8;
    for (; count >= bits; count -= bits)
      text += letters[(held >> (count - bits)) & ((1 << bits) - 1)];
    held &= (1 << count) - 1;
  }
  if (count > 0) text += letters[(held << (bits - count)) & ((1 << bits) - 1)];
  return text.padEnd(Math.ceil(text.length / group) * group, "=");
}

/** The text, or, as sprig has it, what is wrong with it. */
function decode(text: string, encoding: Encoding): string {
  const { letters, bits, group, name } = encoding;
  const clean = text.replace(/[\r\n]/g, "");
  const end = clean.indexOf("=");
  const body = end === -1 ? clean : clean.slice(0, end);
  const wrong = runesOf(body).findIndex((char) => !letters.includes(char));
  const illegal = (at: number): string => `illegal ${name} data at input byte ${at}`;
  if (wrong !== -1) return illegal(wrong);
  const problem = paddingProblem(body.length, clean.slice(body.length), bits, group);
  if (problem !== undefined) return illegal(problem);
  const bytes: number[] = [];
  let held = 0;
  let count = 0;
  for (const char of body) {
    held = (held << bits) | letters.indexOf(char);
    count += bits;
    if (count < 8) continue;
    count -= 8;
    bytes.push((held >> count) & 0xff);
    held &= (1 << count) - 1;
  }
  return fromBytes(Uint8Array.from(bytes));
}

// Where the padding begins to be wrong.
function paddingProblem(
  length: number,
  padding: string,
  bits: number,
  group: number,
): number | undefined {
  const rest = length % group;
  const possible = bits === 6 ? [0, 2, 3] : [0, 2, 4, 5, 7];
  const needed = rest === 0 ? 0 : group - rest;
  if (padding === "" && needed > 0) return length - rest;
  if (!possible.includes(rest)) return length;
  const marks = /^=*/.exec(padding)?.[0].length ?? 0;
  return padding.length === needed && marks === needed
    ? undefined
    : length + Math.min(marks, needed);
}

function digest(algorithm: string): TemplateFunction {
  return fixed(["string"], ([text]) => createHash(algorithm).update(toBytes(text)).digest("hex"));
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

/** sprig's functions for encodings and checksums. */
export const encodingFunctions: Readonly<Record<string, TemplateFunction>> = {
  b64enc: fixed(["string"], ([text]) => encode(toBytes(text), base64)),
  b64dec: fixed(["string"], ([text]) => decode(text, base64)),
  b32enc: fixed(["string"], ([text]) => encode(toBytes(text), base32)),
  b32dec: fixed(["string"], ([text]) => decode(text, base32)),
  sha1sum: digest("sha1"),
  sha256sum: digest("sha256"),
  sha512sum: digest("sha512"),
  adler32sum: fixed(["string"], ([text]) => String(adler32(toBytes(text)))),
};
