import { printable } from "../base/printable.ts";

/** Takes secrets out of what steps print. */
export type Mask = {
  /** Hides this value from now on. */
  add(value: Uint8Array): void;
  /** The text with `***` for every value; costs nothing as long as there is none. */
  apply(text: string): string;
};

/** Shorter ones stand in too many words: to hide them would tell more than it hides. */
const shortestValue = 4;
/** The same for the lines of a value that has several, as keys do: output comes line by line. */
const shortestLine = 8;

/** Without a value yet. White space at a value's ends does not count. */
export function createMask(): Mask {
  let hidden: readonly string[] = [];

  function apply(text: string): string {
    let masked = text;
    for (const value of hidden) masked = masked.replaceAll(value, "***");
    if (hidden.length === 0) return masked;
    // What colours one part of a value is taken out when it is shown. Each turn makes the text shorter.
    const shown = printable(masked);
    return hidden.some((value) => shown.includes(value)) ? apply(shown) : masked;
  }

  return {
    add(value) {
      const text = new TextDecoder().decode(value).trim();
      const lines = text.split(/\r?\n/).map((line) => line.trim());
      const least = lines.length === 1 ? shortestValue : shortestLine;
      const found = lines.filter((line) => line.length >= least);
      // A value may be part of another one: the longer goes first.
      hidden = [...new Set([...hidden, ...found])].toSorted((a, b) => b.length - a.length);
    },
    apply,
  };
}
