// JSON leaves these as they are; a terminal does not, and some readers take them for the end of a line.
const unwanted = /[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** A value as one line of JSON, its end of line included. Nothing in it can begin another line, or moves a terminal. */
export function jsonLine(value: object): string {
  return `${JSON.stringify(value).replace(unwanted, escape)}\n`;
}

/** A value as indented JSON, its end of line included; nothing in it moves a terminal. */
export function indentedJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2).replace(unwanted, escape)}\n`;
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
