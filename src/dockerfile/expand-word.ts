import { replacePattern, trimPattern } from "./shell-pattern.ts";

/** The variables a word is expanded with. */
export type Variables = ReadonlyMap<string, string>;

export type ExpandOptions = {
  readonly escape?: "\\" | "`";
  /** Keeps quotes and escapes as they are, and unset variables by their name: for finding heredocs. */
  readonly raw?: boolean;
};

type Expanded = {
  readonly text: string;
  /** `text` split at white space that is neither quoted nor escaped. */
  readonly words: readonly string[];
};

/**
 * `word` as the Dockerfile frontend makes it: quotes removed, escapes resolved, `$x`, `${x}`, `${x:-word}`, `${x:+word}`,
 * `${x:?word}`, `${x#pattern}`, `${x%pattern}`, `${x/pattern/replacement}` replaced.
 * {@link https://docs.docker.com/reference/dockerfile/#environment-replacement}
 * @throws SyntaxError as the frontend would fail.
 */
export function expandWord(
  word: string,
  variables: Variables,
  { escape = "\\", raw = false }: ExpandOptions = {},
): Expanded {
  const state: State = { word, at: 0, variables, escape, raw, depth: 0 };
  return readUntil(state, undefined, raw);
}

/** The names of the variables that stand in `word`, inside of defaults too; words that can't be read have those up to there. */
export function variablesIn(word: string): string[] {
  return [...word.matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g)].map((match) => match[1] ?? "");
}

type State = {
  readonly word: string;
  at: number;
  readonly variables: Variables;
  readonly escape: string;
  readonly raw: boolean;
  depth: number;
};

const deepest = 100;

// ARGs made of ARGs double with every line; no value that anybody means is near.
const longest = 2 * 1024 * 1024;

function readUntil(state: State, stop: string | undefined, rawEscapes: boolean): Expanded {
  state.depth += 1;
  if (state.depth > deepest) throw new SyntaxError("substitutions are nested too deeply");
  let text = "";
  const words = createWords();
  while (state.at < state.word.length) {
    if (text.length > longest) throw new SyntaxError("the value is too long");
    const char = peek(state);
    if (char === stop) {
      state.at += char.length;
      state.depth -= 1;
      return { text, words: words.finish() };
    }
    if (char === state.escape) {
      const [kept, escaped] = readEscape(state, rawEscapes);
      text += kept + escaped;
      words.add(kept + escaped);
    } else if (char === "$") {
      const value = readDollar(state);
      text += value;
      for (const piece of value) words.split(piece);
    } else if (char === "'" || char === '"' || char === "<") {
      const value = char === "<" ? readArrows(state) : readQuoted(state, char, rawEscapes);
      text += value;
      words.add(value);
    } else {
      state.at += char.length;
      text += char;
      words.split(char);
    }
  }
  if (stop !== undefined) throw new SyntaxError(`missing "${stop}"`);
  state.depth -= 1;
  return { text, words: words.finish() };
}

type Words = {
  /** Text that is not split, as what was quoted. */
  readonly add: (text: string) => void;
  readonly split: (char: string) => void;
  readonly finish: () => readonly string[];
};

function createWords(): Words {
  const words: string[] = [];
  let current = "";
  const finish = (): readonly string[] => {
    if (current !== "") words.push(current);
    current = "";
    return words;
  };
  return {
    add: (text) => void (current += text),
    split: (char) => void (/\s/.test(char) ? finish() : (current += char)),
    finish,
  };
}

function peek({ word, at }: State): string {
  return at < word.length ? String.fromCodePoint(word.codePointAt(at) ?? 0) : "";
}

function take(state: State): string {
  const char = peek(state);
  state.at += char.length;
  return char;
}

function readEscape(state: State, rawEscapes: boolean): [kept: string, escaped: string] {
  const escape = take(state);
  return [rawEscapes ? escape : "", take(state)];
}

// `<< EOF` stays one word, as a heredoc's word may stand behind white space.
function readArrows(state: State): string {
  take(state);
  if (peek(state) !== "<") return "<";
  take(state);
  const start = state.at;
  while (/^[\t\v\f\r ]$/.test(peek(state))) take(state);
  return `<<${state.word.slice(start, state.at)}`;
}

function readQuoted(state: State, quote: "'" | '"', rawEscapes: boolean): string {
  const mark = state.raw ? quote : "";
  take(state);
  let text = mark;
  while (state.at < state.word.length) {
    const char = peek(state);
    if (char === quote) {
      take(state);
      return text + mark;
    }
    if (quote === '"' && char === "$") {
      text += readDollar(state);
    } else if (quote === '"' && char === state.escape) {
      take(state);
      const next = peek(state);
      if (next === "") continue;
      const escapes = next === '"' || next === "$" || next === state.escape;
      // In double quotes other characters keep the escape before them.
      text += (rawEscapes || !escapes ? char : "") + (escapes ? take(state) : "");
    } else {
      text += take(state);
    }
  }
  throw new SyntaxError(`missing ${quote === "'" ? "single" : "double"} quote`);
}

function readDollar(state: State): string {
  const start = state.at;
  take(state);
  if (peek(state) !== "{") {
    const name = readName(state);
    if (name === "") return "$";
    return state.variables.get(name) ?? (state.raw ? `$${name}` : "");
  }
  take(state);
  const name = readName(state);
  if (name === "") throw new SyntaxError("bad substitution");
  const value = state.variables.get(name);
  const result = substitute(state, name, value);
  return state.raw && value === undefined ? state.word.slice(start, state.at) : result;
}

function substitute(state: State, name: string, value: string | undefined): string {
  const first = take(state);
  if (first === "}") return value ?? "";
  if (first === "/") return readReplacement(state, value ?? "");
  const emptyCounts = first === ":";
  const modifier = emptyCounts ? take(state) : first;
  const isTrim = modifier === "#" || modifier === "%";
  if (!/^[-+?#%]$/.test(modifier) || (emptyCounts && isTrim)) {
    throw new SyntaxError(
      modifier === "" ? 'missing "}"' : `unsupported modifier "${modifier}" in a substitution`,
    );
  }
  const { text: word } = readUntil(state, "}", isTrim);
  if (modifier === "#" || modifier === "%") return trimPattern(value ?? "", word, modifier);
  const missing = value === undefined || (emptyCounts && value === "");
  if (modifier === "-") return missing ? word : value;
  if (modifier === "+") return missing ? "" : word;
  if (missing && !state.raw) throw new SyntaxError(`${name}: ${word || "is not set"}`);
  return value ?? "";
}

function readReplacement(state: State, value: string): string {
  const all = peek(state) === "/";
  if (all) take(state);
  const { text: pattern } = readUntil(state, "/", true);
  const { text: replacement } = readUntil(state, "}", true);
  return replacePattern(value, pattern, { replacement, all });
}

const special = /^[@*#?\-$!0]/;

function readName(state: State): string {
  const rest = state.word.slice(state.at, state.at + 4096);
  const digits = /^\p{Nd}+/u.exec(rest)?.[0];
  const name = digits ?? /^[\p{L}\p{Nd}_]+/u.exec(rest)?.[0] ?? special.exec(rest)?.[0] ?? "";
  state.at += name.length;
  return name;
}
