type FitOptions = {
  /** Put where text was cut away; one column wide. */
  readonly ellipsis?: string;
  /** Which end is cut away. */
  readonly cut?: "start" | "end";
};

/** `text` cut to at most `columns` terminal columns; colours in it stay closed, wide characters whole. */
export function fitText(text: string, columns: number, options: FitOptions = {}): string {
  if (Bun.stringWidth(text) <= columns) return text;
  const { ellipsis = "…", cut = "end" } = options;
  if (columns < Bun.stringWidth(ellipsis)) return "";
  const total = Bun.stringWidth(text);
  // The slice keeps a wide character that lies across the edge: take it back column by column.
  for (let room = columns - Bun.stringWidth(ellipsis); room > 0; room--) {
    const kept = cut === "end" ? Bun.sliceAnsi(text, 0, room) : Bun.sliceAnsi(text, total - room);
    const fitted = cut === "end" ? kept + ellipsis : ellipsis + kept;
    if (Bun.stringWidth(fitted) <= columns) return fitted;
  }
  return ellipsis;
}

/** `text` filled up with spaces to `columns` terminal columns; longer text stays as it is. */
export function padText(text: string, columns: number, align: "left" | "right" = "left"): string {
  const fill = " ".repeat(Math.max(0, columns - Bun.stringWidth(text)));
  return align === "left" ? text + fill : fill + text;
}
