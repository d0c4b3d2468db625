import { createScreen, type Screen } from "./screen.ts";
import { createFakeOutput } from "./script.ts";

export type OpenScreen = {
  readonly screen: Screen;
  /** Writes to the screen, and keeps every write. */
  readonly output: ReturnType<typeof createFakeOutput>;
  /** Of the terminal, as a person would do it. */
  readonly resize: (columns: number, rows: number) => void;
};

/** A terminal for a live view to write to. */
export function openScreen(columns: number, rows: number): OpenScreen {
  const screen = createScreen(columns, rows);
  const output = { ...createFakeOutput(columns, rows) };
  const { writes } = output;
  output.write = (text) => {
    writes.push(text);
    screen.write(text);
  };
  return {
    screen,
    output,
    resize(toColumns, toRows) {
      screen.resize(toColumns, toRows);
      output.columns = toColumns;
      output.rows = toRows;
    },
  };
}
