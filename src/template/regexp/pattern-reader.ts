/** A pattern being read. */
export type PatternReader = { readonly text: string; at: number };

/** The error as Go's regexp words it; `piece` is the part of the pattern that is wrong. */
export function patternError(message: string, piece: string): Error {
  return new Error(`error parsing regexp: ${message}: \`${piece}\``);
}
