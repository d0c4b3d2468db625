import type { Time } from "../value.ts";

/** A wall clock: what a time is in its zone. */
export type Clock = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** From 0, Sunday. */
  readonly weekday: number;
  readonly yearDay: number;
  /** Seconds east of UTC. */
  readonly offset: number;
  /** As "UTC", "CEST", "+03". */
  readonly zone: string;
};

const second = 1_000_000_000n;

/** The clock of `time` in its zone. */
export function clockOf(time: Time): Clock {
  const seconds = floorDivide(time.nanoseconds, second);
  const offset = offsetOf(time.zone, seconds);
  const local = new Date((Number(seconds) + offset) * 1000);
  const year = local.getUTCFullYear();
  return {
    year,
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    nanosecond: Number(time.nanoseconds - seconds * second),
    weekday: local.getUTCDay(),
    yearDay: Math.floor((local.getTime() - utcMilliseconds(year, 1, 1)) / 86_400_000) + 1,
    offset,
    zone: time.zoneName ?? zoneName(time.zone, seconds, offset),
  };
}

/** Like Date.UTC, but years below 100 are what they are. */
export function utcMilliseconds(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}

/** The quotient rounded down, also below zero; `b` is above it. */
export function floorDivide(a: bigint, b: bigint): bigint {
  return a / b - (a % b < 0n ? 1n : 0n);
}

/** Is it "UTC" or a name of the IANA database? */
export function isZone(name: string): boolean {
  try {
    return name === "UTC" || (/^[A-Za-z]/.test(name) && formatter(name, "en-US") !== undefined);
  } catch {
    return false;
  }
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string, locale: string): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, {
    timeZone,
    timeZoneName: locale === "sv" ? "longOffset" : "short",
  });
  formatters.set(key, made);
  return made;
}

function nameFrom(zone: string, locale: string, seconds: bigint): string {
  const parts = formatter(zone, locale).formatToParts(new Date(Number(seconds) * 1000));
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

const fixedOffset = /^(?:GMT|UTC)?([+-\u2212])(\d{2}):?(\d{2})(?::?(\d{2}))?$/;

function offsetOf(zone: string, seconds: bigint): number {
  if (zone === "UTC") return 0;
  const text = /^[+-]\d{4}$/.test(zone) ? zone : nameFrom(zone, "sv", seconds);
  const match = fixedOffset.exec(text);
  if (match === null) return 0;
  const [, sign, hours, minutes, rest] = match;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest ?? 0);
  return sign === "+" ? size : -size;
}

// The names that Go's database has where Intl has offsets only.
function zoneName(zone: string, seconds: bigint, offset: number): string {
  if (zone === "UTC") return "UTC";
  if (/^[+-]/.test(zone)) return "";
  for (const locale of ["en-GB", "en-US", "en-AU", "en-IN", "en-CA"]) {
    const name = nameFrom(zone, locale, seconds);
    if (/^[A-Z]+$/.test(name)) return name;
  }
  const minutes = Math.abs(offset) / 60;
  const hours = String(Math.floor(minutes / 60)).padStart(2, "0");
  const rest = minutes % 60 === 0 ? "" : String(minutes % 60).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${hours}${rest}`;
}
