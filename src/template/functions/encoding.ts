import { createHash } from "node:crypto";
import { fixed, type TemplateFunction } from "../function.ts";
import { fromBytes, toBytes } from "../go-text.ts";

const letters32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

type Encoding = {
  readonly name: string;
  readonly stranger: RegExp;
  readonly group: number;
  /** How many letters may stand in a group that is not full. */
  readonly possible: readonly number[];
  readonly decode: (letters: string) => Uint8Array;
};

const base32: Encoding = {
  name: "base32",
  stranger: /[^A-Z2-7]/,
  group: 8,
  possible: [0, 2, 4, 5, 7],
  decode: decode32,
};

const base64: Encoding = {
  name: "base64",
  stranger: /[^A-Za-z0-9+/]/,
  group: 4,
  possible: [0, 2, 3],
  decode: (letters) => Buffer.from(letters, "base64"),
};

function encode32(bytes: Uint8Array): string {
  let text = "";
  let held = 0;
  let count = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    count += 8;
    for (; count >= 5; count -= 5) text += letters32[(held >> (count - 5)) & 31];
    held &= (1 << count) - 1;
  }
  if (count > 0) text += letters32[(held << (5 - count)) & 31];
  return text.padEnd(Math.ceil(text.length / 8) * 8, "=");
}

/** The text, or, as sprig has it, what is wrong with it. */
function decode(text: string, encoding: Encoding): string {
  const { name, stranger } = encoding;
  const clean = text.replace(/[\r\n]/g, "");
  const end = clean.indexOf("=");
  const body = end === -1 ? clean : clean.slice(0, end);
  const wrong = body.search(stranger);
  const problem =
    wrong === -1 ? paddingProblem(body.length, clean.slice(body.length), encoding) : wrong;
  if (problem !== undefined) return `illegal ${name} data at input byte ${problem}`;
  return fromBytes(encoding.decode(body));
}

function decode32(letters: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((letters.length * 5) / 8));
  let held = 0;
  let count = 0;
  let at = 0;
  for (const letter of letters) {
    held = (held << 5) | letters32.indexOf(letter);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes[at] = held >> count;
    at += 1;
    held &= (1 << count) - 1;
  }
  return bytes;
}

// Where the padding begins to be wrong.
function paddingProblem(
  length: number,
  padding: string,
  { group, possible }: Encoding,
): number | undefined {
  const rest = length % group;
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
  b64enc: fixed(["string"], ([text]) => Buffer.from(toBytes(text)).toString("base64")),
  b64dec: fixed(["string"], ([text]) => decode(text, base64)),
  b32enc: fixed(["string"], ([text]) => encode32(toBytes(text))),
  b32dec: fixed(["string"], ([text]) => decode(text, base32)),
  sha1sum: digest("sha1"),
  sha256sum: digest("sha256"),
  sha512sum: digest("sha512"),
  adler32sum: fixed(["string"], ([text]) => String(adler32(toBytes(text)))),
};
