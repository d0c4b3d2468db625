/** The signs of the displays; every sign is one column wide. */
export type Glyphs = {
  readonly done: string;
  readonly failed: string;
  readonly waiting: string;
  readonly skipped: string;
  readonly bar: string;
  readonly ellipsis: string;
  readonly arrow: string;
  readonly about: string;
  /** What a progress bar is made of: what is done, what is left. */
  readonly full: string;
  readonly empty: string;
  readonly spinner: readonly string[];
};

const unicodeGlyphs: Glyphs = {
  done: "✔",
  failed: "✖",
  waiting: "◌",
  skipped: "⊘",
  bar: "│",
  ellipsis: "…",
  arrow: "→",
  about: "~",
  full: "█",
  empty: "░",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
};

const asciiGlyphs: Glyphs = {
  done: "+",
  failed: "x",
  waiting: ".",
  skipped: "-",
  bar: "|",
  ellipsis: "~",
  arrow: ">",
  about: "~",
  full: "#",
  empty: ".",
  spinner: ["|", "/", "-", "\\"],
};

/** The signs that the terminal can show: see `useUnicode()`. */
export function glyphsFor(unicode: boolean): Glyphs {
  return unicode ? unicodeGlyphs : asciiGlyphs;
}
