import { escapeUnit, invisible } from "./invisible.ts";

// JSON leaves these as they are; a terminal does not, and some readers take them for the end of a line.
const unwanted = new RegExp(`[${invisible}]`, "g");

/** A value as one line of JSON, its end of line included. Nothing in it can begin another line, or moves a terminal. */
export function jsonLine(value: object): string {
  return `${JSON.stringify(value).replace(unwanted, escapeUnit)}\n`;
}

/** A value as indented JSON, its end of line included; nothing in it moves a terminal. */
export function indentedJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2).replace(unwanted, escapeUnit)}\n`;
}
