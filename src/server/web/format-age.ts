const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago a moment was, for people: `3 hours ago`; a date when that is long; undefined when `date` is none. */
export function formatAge(date: string, now: number): string | undefined {
  const time = Date.parse(date);
  if (Number.isNaN(time)) return undefined;
  const age = now - time;
  // Clocks differ a little; images of the future do not exist.
  if (age > 365 * day || age < -day) return new Date(time).toISOString().slice(0, 10);
  if (age < minute) return "just now";
  if (age < hour) return ago(age / minute, "minute");
  if (age < 2 * day) return ago(age / hour, "hour");
  return age < 60 * day ? ago(age / day, "day") : ago(age / (30 * day), "month");
}

function ago(count: number, unit: string): string {
  const whole = Math.floor(count);
  return `${whole} ${unit}${whole === 1 ? "" : "s"} ago`;
}
