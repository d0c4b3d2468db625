import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { layoutRows, type Layout } from "../../src/progress/tty-layout.ts";

const all = (shown: number) => ({ shown, hidden: 0, counted: false });
const cut = (shown: number, hidden: number) => ({ shown, hidden, counted: true });
const none = (hidden: number) => ({ shown: 0, hidden, counted: false });

const wanted = { failed: 2, running: 3, logs: 6, waiting: 5, finished: 10 };

for (const [rows, layout] of [
  [26, { failed: all(2), running: all(3), logs: 6, waiting: all(5), finished: all(10) }],
  [20, { failed: all(2), running: all(3), logs: 6, waiting: all(5), finished: cut(3, 7) }],
  [13, { failed: all(2), running: all(3), logs: 6, waiting: cut(0, 5), finished: cut(0, 10) }],
  [7, { failed: all(2), running: all(3), logs: 0, waiting: cut(0, 5), finished: cut(0, 10) }],
  [5, { failed: all(2), running: cut(0, 3), logs: 0, waiting: cut(0, 5), finished: cut(0, 10) }],
  [2, { failed: cut(0, 2), running: cut(0, 3), logs: 0, waiting: none(5), finished: none(10) }],
  [0, { failed: none(2), running: none(3), logs: 0, waiting: none(5), finished: none(10) }],
] satisfies [number, Layout][]) {
  test(`layoutRows() divides ${rows} rows`, () => {
    expect(layoutRows(wanted, rows)).toEqual(layout);
  });
}

test("layoutRows() never takes more rows than there are, and loses none that fit", () => {
  const count = fc.nat(20);
  const counts = fc.record({
    failed: count,
    running: count,
    logs: fc.nat(6),
    waiting: count,
    finished: count,
  });
  fc.assert(
    fc.property(counts, fc.nat(60), (rowsWanted, rows) => {
      const layout = layoutRows(rowsWanted, rows);
      const groups = ["failed", "running", "waiting", "finished"] as const;
      let taken = layout.logs;
      for (const group of groups) {
        const { shown, hidden, counted } = layout[group];
        expect(shown + hidden).toBe(rowsWanted[group]);
        expect(shown).toBeGreaterThanOrEqual(0);
        taken += shown + (counted ? 1 : 0);
      }
      expect(taken).toBeLessThanOrEqual(rows);
      const total = Object.values(rowsWanted).reduce((sum, value) => sum + value, 0);
      if (total <= rows) expect(taken).toBe(total);
    }),
  );
});
