import { matchTokens, type PatternToken } from "./match-tokens.ts";

/**
 * One pattern of a `.dockerignore`: `*` and `?` stay within a component, `**` crosses them,
 * `[a-z]` is a class, `\` takes the next character as it is.
 */
export type Pattern = {
  /** Cleaned, without `!`. */
  readonly text: string;
  /** Began with `!`: what it matches is taken back. */
  readonly negated: boolean;
  /** Whether the pattern matches this path itself; parents are the caller's matter. */
  matches(path: string): boolean;
};

/**
 * Compiles a cleaned pattern.
 * @throws SyntaxError for an unclosed class or a trailing `\`.
 */
export function compilePattern(text: string, negated = false): Pattern {
  return { text, negated, matches: compileMatcher(text) };
}

// Most patterns of a long ignore file need no regular expression: names, `dir/**` and `**/name`.
function compileMatcher(text: string): (path: string) => boolean {
  const head = text.slice(0, -2);
  if (!hasWildcards(text)) return (path) => path === text;
  if (text.endsWith("**") && head !== "" && !hasWildcards(head)) {
    return (path) => path.startsWith(head);
  }
  if (text.startsWith("**") && !hasWildcards(text.slice(2))) {
    const tail = text.slice(2);
    return (path) => path.endsWith(tail) || (tail.startsWith("/") && path === tail.slice(1));
  }
  const pieces = translate(text);
  if (pieces.filter((piece) => typeof piece !== "string").length <= mostBacktracking) {
    const expression = new RegExp(`^${pieces.map(sourceOf).join("")}$`, "u");
    return (path) => expression.test(path);
  }
  const tokens = pieces.map(tokenOf);
  return (path) => matchTokens(tokens, path);
}

/** `*` and `**` that a regular expression may have: its time is the path's length to the power of that. */
const mostBacktracking = 2;

/** One character as a regular expression, or what stands for any number. */
type Piece = string | Exclude<PatternToken, { readonly kind: "one" }>;

const sources = { run: "[^/]*", rest: "[^\\n]*", components: "(?:[^\\n]*/)?" } as const;

function sourceOf(piece: Piece): string {
  return typeof piece === "string" ? piece : sources[piece.kind];
}

function tokenOf(piece: Piece): PatternToken {
  if (typeof piece !== "string") return piece;
  const expression = new RegExp(`^${piece}$`, "u");
  return { kind: "one", test: (character) => expression.test(character) };
}

/** Whether a pattern is more than a plain path. */
export function hasWildcards(text: string): boolean {
  return /[*?[\]\\^]/.test(text);
}

function translate(text: string): Piece[] {
  const characters = Array.from(text);
  const pieces: Piece[] = [];
  let index = 0;
  while (index < characters.length) {
    const character = characters[index++] ?? "";
    if (character === "*" && characters[index] === "*") {
      index++;
      if (characters[index] === "/") index++;
      // At the end everything goes; before something, any number of whole components.
      pieces.push({ kind: index >= characters.length ? "rest" : "components" });
    } else if (character === "*") {
      pieces.push({ kind: "run" });
    } else if (character === "?") {
      pieces.push("[^/]");
    } else if (character === "[") {
      const parsed = parseClass(characters, index, text);
      pieces.push(parsed.source);
      index = parsed.end;
    } else if (character === "\\") {
      pieces.push(literal(characters[index++] ?? badPattern(text)));
    } else {
      pieces.push(literal(character));
    }
  }
  return pieces;
}

// `index` stands behind the opening bracket.
function parseClass(
  characters: readonly string[],
  start: number,
  text: string,
): { source: string; end: number } {
  let index = start;
  const inverted = characters[index] === "^";
  if (inverted) index++;
  let ranges = "";
  const next = (): string => {
    const character = characters[index++];
    if (character === undefined || character === "-" || character === "]") return badPattern(text);
    return character === "\\" ? (characters[index++] ?? badPattern(text)) : character;
  };
  while (ranges === "" || characters[index] !== "]") {
    const low = next();
    ranges += literal(low);
    if (characters[index] !== "-") continue;
    index++;
    const high = next();
    if ((high.codePointAt(0) ?? 0) < (low.codePointAt(0) ?? 0)) return badPattern(text);
    ranges += `-${literal(high)}`;
  }
  return { source: `[${inverted ? "^" : ""}${ranges}]`, end: index + 1 };
}

function literal(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function badPattern(text: string): never {
  throw new SyntaxError(`Cannot read pattern "${text}": unclosed class or escape`);
}
