import { escapeUnit, invisible } from "../../base/invisible.ts";

/** Markup that may go into a page as it is. Only `html` makes it. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Content = Html | string | number | undefined | readonly Content[];

/**
 * Markup with values in it. Whatever is not `Html` itself is text, and escaped: between tags, and in attributes, which
 * therefore have to be in quotes. `undefined` is nothing.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  let text = strings[0] ?? "";
  for (const [index, value] of values.entries()) text += render(value) + (strings[index + 1] ?? "");
  return new Html(text);
}

function render(value: Content): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "string") return escape(value);
  if (typeof value === "number") return `${value}`;
  return value.map(render).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

// And all C0 controls but tab and line feed: HTML has no text for them.
const unwanted = new RegExp(String.raw`[\x00-\x08\x0b-\x1f${invisible}]`, "g");

function escape(text: string): string {
  return text
    .toWellFormed()
    .replace(/[&<>"']/g, (character) => entities[character] ?? "")
    .replace(unwanted, escapeUnit);
}
