/** How many rows of each kind a frame shows; the rest becomes one line "… n more" where there is room for it. */
export type Layout = {
  readonly failed: Share;
  readonly running: Share;
  readonly logs: number;
  readonly waiting: Share;
  readonly finished: Share;
};

/** `shown` of `shown + hidden` rows; the line that counts the hidden ones is `counted`. */
export type Share = { readonly shown: number; readonly hidden: number; readonly counted: boolean };

type Wanted = {
  readonly failed: number;
  readonly running: number;
  readonly logs: number;
  readonly waiting: number;
  readonly finished: number;
};

/**
 * Divides `rows` lines: what failed comes first, then what runs, its output, what waits, and what is finished last.
 * Of each of waiting and finished at least the count stays visible as long as a running row has its place.
 */
export function layoutRows(wanted: Wanted, rows: number): Layout {
  let left = Math.max(0, rows);
  const take = (count: number, reserve: number): Share => {
    const share = shareOf(count, left - reserve);
    left -= share.shown + (share.counted ? 1 : 0);
    return share;
  };
  const counts = (wanted.waiting > 0 ? 1 : 0) + (wanted.finished > 0 ? 1 : 0);
  const failed = take(wanted.failed, Math.min(1, wanted.running));
  const running = take(wanted.running, left > counts ? counts : 0);
  const logs = Math.max(0, Math.min(wanted.logs, left - counts));
  left -= logs;
  const waiting = take(wanted.waiting, Math.min(1, wanted.finished));
  const finished = take(wanted.finished, 0);
  return { failed, running, logs, waiting, finished };
}

function shareOf(count: number, room: number): Share {
  if (count <= room) return { shown: count, hidden: 0, counted: false };
  if (room <= 0) return { shown: 0, hidden: count, counted: false };
  return { shown: room - 1, hidden: count - room + 1, counted: true };
}
