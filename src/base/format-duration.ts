/** A span of milliseconds for people, without spaces: `0.3s`, `48.1s`, `2m14s`, `1h04m`. */
export function formatDuration(milliseconds: number): string {
  const tenths = Math.round(Math.max(0, milliseconds) / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  return formatSeconds(Math.round(milliseconds / 1000));
}

/** Like `formatDuration()` in whole seconds, for what is redrawn all the time: `48s`, `2m14s`. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  return seconds < 60 ? `${seconds}s` : formatSeconds(seconds);
}

function formatSeconds(seconds: number): string {
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${twoDigits(seconds % 60)}s`;
  // Minutes are cut, not rounded: "1h60m" can't come out.
  return `${Math.floor(seconds / 3600)}h${twoDigits(Math.floor((seconds % 3600) / 60))}m`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
