/** How fast something moved of late. */
export type RateWindow = {
  /** `bytes` moved at `time`, milliseconds since 1970. */
  add(time: number, bytes: number): void;
  /** Bytes a second over the last seconds; undefined when that would be a mere guess. */
  rate(now: number): number | undefined;
};

type Slot = { readonly from: number; bytes: number };

// Long enough for a number that can be read, short enough to follow the line.
const span = 5000;
const slotLength = 250;
// A shorter time says nothing: the first bytes fill buffers.
const shortest = 500;

/** The rate over a window that slides. */
export function createRateWindow(): RateWindow {
  const slots: Slot[] = [];
  let since: number | undefined;
  return {
    add(time, bytes) {
      since ??= time;
      const from = time - (time % slotLength);
      const last = slots.at(-1);
      if (last !== undefined && last.from >= from) last.bytes += bytes;
      else slots.push({ from, bytes });
      while ((slots[0]?.from ?? time) < time - span - slotLength) slots.shift();
    },
    rate(now) {
      if (since === undefined || now - since < shortest) return undefined;
      const begin = Math.max(since, now - span);
      const bytes = slots
        .filter(({ from }) => from + slotLength > begin)
        .reduce((sum, slot) => sum + slot.bytes, 0);
      return (bytes * 1000) / (now - begin);
    },
  };
}
