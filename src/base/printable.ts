import { invisible } from "./invisible.ts";

// ECMA-48: CSI … final byte; OSC, DCS, SOS, PM, APC up to their terminator; other escapes of one or more bytes.
// A string sequence that never ends loses its introducer only, so that nobody can hide the text behind it.
const escapes =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x9c|\x1b\\)|[ -/]+[0-~]|[0-~])|\x9b[0-?]*[ -/]*[@-~]/g;

const unwanted = new RegExp(String.raw`[\x00-\x1f${invisible}]`, "g");

const tabWidth = 8;

/**
 * One line of foreign text (build output, names, messages) made safe to print: without escape sequences, control
 * and bidirectional characters; tabs become spaces, line breaks one space.
 */
export function printable(text: string): string {
  const plain = text
    .replace(escapes, "")
    .replace(/[\r\n\u2028\u2029]+/g, " ")
    .toWellFormed();
  return expandTabs(plain).replace(unwanted, "");
}

/** Foreign text of several lines, each made safe by `printable()`. */
export function printableLines(text: string): string[] {
  return text.split(/\r\n|[\n\r]/).map(printable);
}

function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  const [first = "", ...rest] = text.split("\t");
  let line = first;
  let column = Bun.stringWidth(first);
  for (const piece of rest) {
    const fill = tabWidth - (column % tabWidth);
    line += " ".repeat(fill) + piece;
    column += fill + Bun.stringWidth(piece);
  }
  return line;
}
