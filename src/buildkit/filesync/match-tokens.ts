/** A piece of a pattern. */
export type PatternToken =
  /** One character. */
  | { readonly kind: "one"; readonly test: (character: string) => boolean }
  /** Any characters within a component: `*`. */
  | { readonly kind: "run" }
  /** Any characters: `**` at the end. */
  | { readonly kind: "rest" }
  /** Any number of whole components, with the slash behind them: a `**` before something. */
  | { readonly kind: "components" };

/**
 * Whether the tokens match all of `path`. It follows all ways at once, so its time is the product of both lengths, whoever wrote
 * them: a regular expression with many `*` may take years.
 */
export function matchTokens(tokens: readonly PatternToken[], path: string): boolean {
  const count = tokens.length;
  /** Tokens that may come next, and `components` that have begun. */
  let open = new Uint8Array(count + 1);
  let inside = new Uint8Array(count + 1);
  open[0] = 1;
  skipEmpty(tokens, open);
  for (const character of path) {
    const nextOpen = new Uint8Array(count + 1);
    const nextInside = new Uint8Array(count + 1);
    for (const [index, token] of tokens.entries()) {
      const isOpen = open[index] === 1;
      if (!isOpen && inside[index] !== 1) continue;
      if (token.kind === "one") {
        if (token.test(character)) nextOpen[index + 1] = 1;
      } else if (token.kind === "run") {
        if (character !== "/") nextOpen[index] = 1;
      } else if (character !== "\n") {
        if (token.kind === "rest") nextOpen[index] = 1;
        else nextInside[index] = 1;
      }
      if (token.kind === "components" && character === "/") nextOpen[index + 1] = 1;
    }
    [open, inside] = [nextOpen, nextInside];
    skipEmpty(tokens, open);
  }
  return open[count] === 1;
}

/** All but single characters may stand for nothing. */
function skipEmpty(tokens: readonly PatternToken[], open: Uint8Array): void {
  for (const [index, { kind }] of tokens.entries()) {
    if (kind !== "one" && open[index] === 1) open[index + 1] = 1;
  }
}
