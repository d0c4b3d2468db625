const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds that a span written by people means: `500ms`, `30s`, `1h30m`, `14d`, `0`; undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "0") return 0;
  if (!/^(?:\d{1,9}(?:ms|s|m|h|d))+$/.test(trimmed)) return undefined;
  let sum = 0;
  for (const [, digits = "", unit = ""] of trimmed.matchAll(/(\d+)(ms|s|m|h|d)/g)) {
    sum += Number(digits) * (units[unit] ?? 0);
  }
  return sum;
}
