// A string of Go is bytes. Here it is a JavaScript string in which a byte that is no UTF-8 stands as U+DC80 to U+DCFF.

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ascii = /^[\0-\x7f]*$/;
const stray = /[\ud800-\udfff]/;

/** The bytes of a Go string. */
export function toBytes(text: string): Uint8Array {
  if (!stray.test(text) || text.isWellFormed()) return encoder.encode(text);
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else bytes.push(...encoder.encode(char));
  }
  return Uint8Array.from(bytes);
}

/** The Go string of some bytes; what is no UTF-8 is kept. */
export function fromBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return fromStrayBytes(bytes);
  }
}

function fromStrayBytes(bytes: Uint8Array): string {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      parts.push(strict.decode(bytes.subarray(start, at)));
      parts.push(String.fromCharCode(0xdc00 + (bytes[at] ?? 0)));
      start = at + 1;
    }
    at += Math.max(1, length);
  }
  return parts.join("") + strict.decode(bytes.subarray(start));
}

/** The characters of a text, as a loop over a Go string has them. */
export function runesOf(text: string): string[] {
  return Array.from(text);
}

/** `len` of Go. */
export function byteLength(text: string): number {
  return ascii.test(text) ? text.length : toBytes(text).length;
}

/** `text[start:end]` of Go, both within the text. */
export function sliceBytes(text: string, start: number, end?: number): string {
  return ascii.test(text) ? text.slice(start, end) : fromBytes(toBytes(text).subarray(start, end));
}

/** The order in which Go sorts strings: by code points, not by UTF-16 units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

// Surrogates stand for characters above all others of two bytes.
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

// 0 when no character begins at `at`.
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const second = bytes[at + 1] ?? 0;
  // Longer forms than needed, surrogates, and what is above U+10FFFF.
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (length === 0 || second < least || second > most) return 0;
  for (let next = at + 2; next < at + length; next++) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}
