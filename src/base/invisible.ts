/**
 * For a class of a regular expression: DEL and C1 controls, and what turns the direction of text or hides in it.
 * C0 controls are not among them: some of them are white space.
 */
export const invisible = String.raw`\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff`;

/** One UTF-16 unit as JSON can write it: `\u200b`. */
export function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
