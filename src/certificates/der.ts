/*
 * What X.509 needs of ASN.1's distinguished encoding, writing only: reading certificates is left to the TLS library.
 * {@link https://www.itu.int/rec/T-REC-X.690}
 */

/** SEQUENCE. */
export function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, Buffer.concat(items));
}

/** SET. With one item its order is no matter; several would have to be sorted. */
export function set(...items: readonly Uint8Array[]): Uint8Array {
  return tagged(0x31, Buffer.concat(items));
}

/** A number of 0 or more, big end first. */
export function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.of(0) : bytes.subarray(first);
  // A leading bit would be a minus.
  const sign = (digits[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.of();
  return tagged(0x02, Buffer.concat([sign, digits]));
}

/** BOOLEAN. */
export function boolean(value: boolean): Uint8Array {
  return tagged(0x01, Buffer.of(value ? 0xff : 0));
}

/** Whole bytes as bits. */
export function bitString(bytes: Uint8Array): Uint8Array {
  return tagged(0x03, Buffer.concat([Buffer.of(0), bytes]));
}

/** Flags by their numbers: trailing zeros are left out. At most eight. */
export function namedBits(...numbers: readonly number[]): Uint8Array {
  const byte = numbers.reduce((sum, number) => sum | (0x80 >> number), 0);
  return tagged(0x03, Buffer.of(7 - Math.max(...numbers), byte));
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): Uint8Array {
  return tagged(0x04, bytes);
}

/** `2.5.29.17`. */
export function objectIdentifier(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** UTF8String. */
export function utf8String(text: string): Uint8Array {
  return tagged(0x0c, Buffer.from(text));
}

/**
 * To the second; two digits of the year until 2049, as X.509 has it.
 * {@link https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5}
 */
export function time(date: Date): Uint8Array {
  const digits = `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2)))
    : tagged(0x18, Buffer.from(digits));
}

/** `[number]` around another value. */
export function explicit(number: number, content: Uint8Array): Uint8Array {
  return tagged(0xa0 | number, content);
}

/** `[number]` in place of a simple type's own tag. */
export function implicit(number: number, bytes: Uint8Array): Uint8Array {
  return tagged(0x80 | number, bytes);
}

function tagged(tag: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return [0x80 | bytes.length, ...bytes];
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}
