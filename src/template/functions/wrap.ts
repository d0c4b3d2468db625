import { byteLength, sliceBytes } from "../go-text.ts";

/** At most `width` bytes, the last three of them dots if there was more. */
export function abbreviate(width: number, text: string): string {
  if (width < 4 || byteLength(text) <= width) return text;
  return `${sliceBytes(text, 0, width - 3)}...`;
}

/** Cut on both sides: what stands at `left` stays. */
export function abbreviateBoth(left: number, width: number, text: string): string {
  const length = byteLength(text);
  if (width < 4 || (left > 0 && width < 7) || length <= width) return text;
  const offset = Math.min(left, length, length - (width - 3));
  if (offset <= 4) return `${sliceBytes(text, 0, width - 3)}...`;
  if (offset + width - 3 < length) return `...${abbreviate(width - 3, sliceBytes(text, offset))}`;
  return `...${sliceBytes(text, length - (width - 3))}`;
}

/** Breaks lines at spaces so that none is longer than `width`; words that are longer only if `breaksWords`. */
export function wrap(text: string, width: number, separator: string, breaksWords: boolean): string {
  const size = Math.max(1, width);
  const lines: string[] = [];
  let at = 0;
  while (text.length - at > size) {
    if (text[at] === " ") {
      at += 1;
      continue;
    }
    const space = text.lastIndexOf(" ", at + size);
    const next = space >= at ? space : breaksWords ? -1 : text.indexOf(" ", at + size);
    if (next === -1 && !breaksWords) break;
    const end = next === -1 ? at + size : next;
    lines.push(text.slice(at, end));
    at = next === -1 ? end : end + 1;
  }
  return [...lines, text.slice(at)].join(separator);
}
