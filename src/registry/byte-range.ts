/** The bytes from `start` up to, not including, `end`. */
export type ByteRange = { readonly start: number; readonly end: number };

/**
 * Reads a `Range` header for content of `size` bytes. Undefined: send everything, which is right for several ranges,
 * other units and what is malformed, too. `unsatisfiable`: 416.
 * {@link https://www.rfc-editor.org/rfc/rfc9110#section-14.2}
 */
export function parseByteRange(
  header: string | null,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  const start = Number(first);
  // RFC 9110 lets a server ignore a range that ends before it starts; the conformance suite wants it refused.
  if (start >= size || (last !== "" && Number(last) < start)) return "unsatisfiable";
  return { start, end: last === "" ? size : Math.min(Number(last) + 1, size) };
}
