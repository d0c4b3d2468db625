import type { Heredoc } from "./dockerfile.ts";
import { expandWord } from "./expand-word.ts";

/** What a word as `<<-"EOF"` says of its heredoc. */
type HeredocWord = Omit<Heredoc, "range">;

const none: ReadonlyMap<string, string> = new Map();

/** The heredocs that an instruction's line opens, in order. The frontend uses `\` here whatever the escape is. */
export function heredocWords(line: string): HeredocWord[] {
  if (!line.includes("<<")) return [];
  try {
    return expandWord(line, none, { raw: true }).words.flatMap((word) => readWord(word) ?? []);
  } catch (error) {
    // A line that the frontend's lexer can't read has no heredocs; the shell may well understand it.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function readWord(word: string): HeredocWord | undefined {
  const match = /^\d*<<(-?)\s*([^<]*)$/.exec(word);
  const written = match?.[2];
  if (match === null || written === undefined || written === "") return undefined;
  const plain = expandWord(written, none, { raw: false });
  const [name] = plain.words;
  if (name === undefined || plain.words.length !== 1) return undefined;
  return { name, expand: !/["']/.test(written), chomp: match[1] === "-" };
}
