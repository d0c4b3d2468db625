/** A pattern being read. */
export type PatternReader = { readonly text: string; at: number };

export function patternError(message: string, piece: string): Error {
  return new Error(`error parsing regexp: ${message}: \`${piece}\``);
}
