/** What stands between "%" and the verb. */
export type Directive = {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  /** `%+v`: structs with the names of their fields. */
  readonly names: boolean;
  /** `%#v`: as Go would write the value. */
  readonly goSyntax: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
};

/** A verb with nothing before it. */
export const plainDirective: Directive = {
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  names: false,
  goSyntax: false,
  width: undefined,
  precision: undefined,
};

/** Fills `text` up to the width. */
export function pad(text: string, directive: Directive): string {
  const { width, minus, zero } = directive;
  if (width === undefined) return text;
  const length = runeCount(text);
  if (width <= length) return text;
  const filling = (zero && !minus ? "0" : " ").repeat(width - length);
  return minus ? text + filling : filling + text;
}

/** Characters of a text, as Go counts runes. */
export function runeCount(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) count -= 1;
  }
  return count;
}
