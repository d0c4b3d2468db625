/** A terminal as far as the live view needs one: what a person would see after all writes. */
export type Screen = {
  write(text: string): void;
  /** Changes the size; lines that don't fit any more are wrapped, as most terminals do. */
  resize(columns: number, rows: number): void;
  /** Everything written, what scrolled away included, without spaces at the ends. */
  lines(): string[];
  /** What is on the screen. */
  visible(): string[];
  readonly cursorVisible: boolean;
  readonly wraps: boolean;
  /** Inside of a synchronized frame. */
  readonly held: boolean;
  /** The column that the cursor is in, from 0, and its row among all lines. */
  readonly cursor: { readonly row: number; readonly column: number };
};

// The second half of a wide character.
const tail = "";

export function createScreen(columns: number, rows: number): Screen {
  let width = columns;
  let height = rows;
  let grid: string[][] = [[]];
  /** Whether the line continues in the next row. */
  let wrapped: boolean[] = [false];
  let row = 0;
  let column = 0;
  const modes = new Map([
    ["25", true],
    ["7", true],
    ["2026", false],
  ]);

  /** The first row that is on the screen; those above have scrolled away. */
  let top = 0;

  function lineFeed(): void {
    row++;
    top = Math.max(top, row - height + 1);
    while (grid.length <= row) {
      grid.push([]);
      wrapped.push(false);
    }
  }

  function put(character: string): void {
    const size = Bun.stringWidth(character);
    if (size === 0) return;
    if (column + size > width) {
      if (modes.get("7") === true) {
        wrapped[row] = true;
        lineFeed();
        column = 0;
      } else column = width - size;
    }
    const cells = grid[row]!;
    while (cells.length < column) cells.push(" ");
    cells.splice(column, size, character, ...Array.from({ length: size - 1 }, () => tail));
    column += size;
  }

  function control(parameters: string, final: string): void {
    const count = Math.max(1, Number(parameters || "1"));
    if (final === "A") row = Math.max(top, row - count);
    else if (final === "K") grid[row]!.length = Math.min(grid[row]!.length, column);
    else if (final === "J") {
      grid[row]!.length = Math.min(grid[row]!.length, column);
      grid.length = row + 1;
      wrapped.length = row + 1;
      wrapped[row] = false;
    } else if ((final === "h" || final === "l") && parameters.startsWith("?")) {
      if (!modes.has(parameters.slice(1))) throw new Error(`Unknown mode ${parameters}`);
      modes.set(parameters.slice(1), final === "h");
    } else if (final !== "m") throw new Error(`Unknown control ${parameters}${final}`);
  }

  return {
    write(text) {
      // oxlint-disable-next-line no-control-regex -- control sequences are what is looked for
      for (const token of text.match(/\x1b\[[0-?]*[@-~]|\r|\n|[^\x1b\r\n]+/g) ?? []) {
        if (token === "\r") column = 0;
        else if (token === "\n") lineFeed();
        else if (token.startsWith("\u001B")) control(token.slice(2, -1), token.at(-1)!);
        else for (const { segment } of new Intl.Segmenter().segment(token)) put(segment);
      }
    },
    resize(newColumns, newRows) {
      width = newColumns;
      height = newRows;
      const before = grid;
      const joined = wrapped;
      const cursorRow = row;
      const oldTop = top;
      let newTop = 0;
      grid = [];
      wrapped = [];
      for (const [index, cells] of before.entries()) {
        if (index === cursorRow) row = grid.length;
        if (index === oldTop) newTop = grid.length;
        if (joined[index]) throw new Error("Widening wrapped lines isn't modelled");
        for (let from = 0; from === 0 || from < cells.length; from += width) {
          grid.push(cells.slice(from, from + width));
          wrapped.push(from + width < cells.length);
        }
      }
      // The cursor stays on the screen.
      top = Math.max(newTop, row - height + 1);
    },
    lines: () => trimBottom(grid.map((cells) => cells.join("").trimEnd())),
    visible: () => trimBottom(grid.slice(top).map((cells) => cells.join("").trimEnd())),
    get cursorVisible() {
      return modes.get("25") === true;
    },
    get wraps() {
      return modes.get("7") === true;
    },
    get held() {
      return modes.get("2026") === true;
    },
    get cursor() {
      return { row, column };
    },
  };
}

function trimBottom(lines: string[]): string[] {
  const last = lines.findLastIndex((line) => line !== "");
  return lines.slice(0, last + 1);
}
