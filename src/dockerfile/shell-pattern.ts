const longest = 4096;
/** Matching takes the length to the power of the wildcards, once more where it is tried from every place. */
const mostSteps = 1e9;

/**
 * `value` without what `pattern` matches at its beginning (`#`) or end (`%`): the shortest match, or the longest when the
 * pattern begins with the same character once more, as in `${x##*.}`.
 * @throws SyntaxError when the value is too long.
 */
export function trimPattern(value: string, pattern: string, end: "#" | "%"): string {
  checkLength(value, pattern);
  const greedy = pattern.startsWith(end);
  const wildcards = greedy ? pattern.slice(1) : pattern;
  if (end === "#") {
    return value.replace(new RegExp(`^${patternSource(wildcards, greedy)}`, "su"), "");
  }
  // The shortest suffix is the match that begins last: a lazy pattern alone would find the longest.
  const whole = new RegExp(`^${patternSource(wildcards, true)}$`, "su");
  const starts = [0];
  for (const char of value) starts.push((starts.at(-1) ?? 0) + char.length);
  const found = (greedy ? starts : starts.toReversed()).find((at) => whole.test(value.slice(at)));
  return found === undefined ? value : value.slice(0, found);
}

/**
 * `value` with the first match of `pattern` replaced, or all of them.
 * @throws SyntaxError when the value is too long.
 */
export function replacePattern(
  value: string,
  pattern: string,
  { replacement, all }: { readonly replacement: string; readonly all: boolean },
): string {
  checkLength(value, pattern);
  const found = new RegExp(patternSource(pattern, true), all ? "gsu" : "su");
  return value.replace(found, () => replacement);
}

function checkLength(value: string, pattern: string): void {
  if (value.length > longest) throw new SyntaxError("the value is too long for a pattern");
  const wildcards = pattern.replaceAll(/\\[\s\S]/gu, "").match(/\*+/g)?.length ?? 0;
  if (value.length ** (wildcards + 1) > mostSteps) {
    throw new SyntaxError(`a pattern with ${wildcards} wildcards is too much for so long a value`);
  }
}

// Shell wildcards: `*` is anything, `?` one character, a backslash takes the next one as it is.
function patternSource(pattern: string, greedy: boolean): string {
  return pattern.replaceAll(/\\([\s\S])|\*+|[\s\S]/gu, (char, escaped: string | undefined) => {
    if (escaped !== undefined) return RegExp.escape(escaped);
    if (char.startsWith("*")) return greedy ? ".*" : ".*?";
    if (char === "?") return ".";
    return RegExp.escape(char);
  });
}
