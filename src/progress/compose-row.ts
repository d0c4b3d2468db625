import { fitText, padText } from "../base/text-width.ts";

type Row = {
  /** Cells at the left. */
  readonly head: readonly string[];
  /** What stands between, given the room there is. */
  readonly detail: (room: number) => string;
  /** Cells at the right, fullest first: those are taken that leave enough room for the detail, else none. */
  readonly tails: readonly (readonly string[])[];
};

const gap = "  ";
// A detail needs this much to be told from others; what comes with it has to go before.
const narrowestDetail = 12;

/** One line of a live view, at most `columns` wide. */
export function composeRow(
  { head, detail, tails }: Row,
  { columns, ellipsis }: { readonly columns: number; readonly ellipsis: string },
): string {
  const roomWith = (tail: readonly string[]): number =>
    columns - Bun.stringWidth([...head, "", ...tail].join(gap));
  const tail = tails.find((cells) => roomWith(cells) >= narrowestDetail) ?? [];
  const room = Math.max(0, roomWith(tail));
  const middle = fitText(detail(room), room, { ellipsis });
  const line = [...head, tail.length === 0 ? middle : padText(middle, room), ...tail].join(gap);
  return fitText(line, columns, { ellipsis });
}
