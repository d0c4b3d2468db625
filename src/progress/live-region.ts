import type { Output } from "./renderer.ts";

const escape = "\u001B[";
const hideCursor = `${escape}?25l`;
const showCursor = `${escape}?25h`;
// Terminals that know synchronized output show the frame at once; others ignore the mode.
const beginFrame = `${escape}?2026h`;
const endFrame = `${escape}?2026l`;
// A character whose width the terminal judges differently must not wrap and shift the lines below it.
const wrapOff = `${escape}?7l`;
const wrapOn = `${escape}?7h`;
const clearLine = `${escape}K`;
const clearBelow = `${escape}J`;

/** The lines at the bottom of a terminal that are drawn over and over. The cursor rests on the line below them. */
export type LiveRegion = {
  /**
   * Shows `lines`, each narrower than the terminal, and fewer than it has rows; writes those that changed only.
   * The lines `above` are written once, on top of the region, and stay.
   */
  draw(lines: readonly string[], above?: readonly string[]): void;
  /** Erases the region, leaves `above` there, and gives back cursor and modes. Does nothing the second time. */
  close(above?: readonly string[]): void;
};

/** A live region on `output`. It uses no alternate screen: what was there before stays. */
export function createLiveRegion(output: Output): LiveRegion {
  let shown: readonly string[] = [];
  let width = output.columns;
  let open = false;

  /** Moves the cursor to the region's first line, after which nothing below it is of use. */
  function toTop(): string {
    // A terminal that became narrower has wrapped the lines: they take more rows than were drawn.
    const rows =
      output.columns >= width
        ? shown.length
        : shown.reduce((sum, line) => sum + rowsOf(line, output.columns), 0);
    // Rows that have left the screen are out of reach: the terminal stops at the top.
    return rows > 0 ? `\r${escape}${rows}A` : "\r";
  }

  function erase(): string {
    const text = toTop() + clearBelow;
    shown = [];
    width = output.columns;
    return text;
  }

  /** Writes `lines` where the region was. They may be of any width: the terminal wraps them. */
  function replaceBy(lines: readonly string[]): string {
    return erase() + lines.map((line) => `${line}\r\n`).join("");
  }

  function isStale(): boolean {
    return width !== output.columns || shown.length >= output.rows;
  }

  return {
    draw(lines, above = []) {
      if (!isStale() && above.length === 0 && sameLines(lines, shown)) return;
      let frame = hideCursor;
      frame += isStale() || above.length > 0 ? replaceBy(above) : toTop();
      frame += wrapOff;
      for (const [index, line] of lines.entries()) {
        frame += line === shown[index] ? "\r\n" : `${line}${clearLine}\r\n`;
      }
      shown = [...lines];
      open = true;
      output.write(`${beginFrame}${frame}${clearBelow}${wrapOn}${endFrame}`);
    },
    close(above = []) {
      if (open || above.length > 0)
        output.write(`${replaceBy(above)}${wrapOn}${showCursor}${endFrame}`);
      open = false;
    },
  };
}

function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(Bun.stringWidth(line) / Math.max(1, columns)));
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}
