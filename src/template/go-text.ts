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
    let text = "";
    for (let at = 0; at < bytes.length;) {
      const length = sequenceLength(bytes, at);
      text +=
        length === 0
          ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
          : strict.decode(bytes.subarray(at, at + length));
      at += Math.max(1, length);
    }
    return text;
  }
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
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length <= 1 || at + length > bytes.length) return length === 1 ? 1 : 0;
  try {
    strict.decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}
