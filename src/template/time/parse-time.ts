import type { Time } from "../value.ts";
import { months, readLayout, weekdays } from "./layout.ts";
import { utcMilliseconds } from "./zone.ts";

type Parts = {
  year: number;
  month: number;
  day: number;
  yearDay: number | undefined;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  isAfternoon: boolean | undefined;
  offset: number | undefined;
  zoneName: string | undefined;
};

type Text = { readonly text: string; at: number };

/** Time.Parse of Go, UTC where no zone is given. @throws Error that says what does not fit. */
export function parseTime(layout: string, value: string): Time {
  const text: Text = { text: value, at: 0 };
  const parts: Parts = {
    year: 0,
    month: 1,
    day: 1,
    yearDay: undefined,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    isAfternoon: undefined,
    offset: undefined,
    zoneName: undefined,
  };
  const fail = (): Error => {
    return new Error(
      `parsing time ${JSON.stringify(value)}: it does not fit ${JSON.stringify(layout)}`,
    );
  };
  for (const { text: piece, isElement } of readLayout(layout)) {
    const fits = isElement ? readElement(text, piece, parts) : skipText(text, piece);
    if (!fits) throw fail();
  }
  if (text.at < value.length)
    throw new Error(
      `parsing time ${JSON.stringify(value)}: extra text: ${JSON.stringify(value.slice(text.at))}`,
    );
  return toTime(parts, fail);
}

function toTime(parts: Parts, fail: () => Error): Time {
  const hour =
    parts.isAfternoon === undefined ? parts.hour : (parts.hour % 12) + (parts.isAfternoon ? 12 : 0);
  const inRange =
    parts.month >= 1 && parts.month <= 12 && hour < 24 && parts.minute < 60 && parts.second < 60;
  const date = new Date(
    utcMilliseconds(
      parts.year,
      parts.yearDay === undefined ? parts.month : 1,
      parts.yearDay ?? parts.day,
    ),
  );
  const dayFits = parts.yearDay !== undefined || date.getUTCDate() === parts.day;
  if (!inRange || !dayFits) throw fail();
  const seconds =
    date.getTime() / 1000 + hour * 3600 + parts.minute * 60 + parts.second - (parts.offset ?? 0);
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(parts.nanosecond);
  const { offset = 0, zoneName } = parts;
  if (offset === 0 && (zoneName === undefined || zoneName === "UTC")) {
    return { kind: "time", nanoseconds, zone: "UTC" };
  }
  const size = Math.abs(offset);
  const pair = (value: number): string => String(value).padStart(2, "0");
  const zone = `${offset < 0 ? "-" : "+"}${pair(Math.floor(size / 3600))}${pair(Math.floor(size / 60) % 60)}`;
  return { kind: "time", nanoseconds, zone, ...(zoneName === undefined ? {} : { zoneName }) };
}

// A space of the layout stands for any number of them.
function skipText(text: Text, piece: string): boolean {
  for (const char of piece) {
    if (char === " ") {
      if (text.at < text.text.length && text.text[text.at] !== " ") return false;
      while (text.text[text.at] === " ") text.at += 1;
    } else if (text.text.startsWith(char, text.at)) {
      text.at += char.length;
    } else {
      return false;
    }
  }
  return true;
}

function take(text: Text, pattern: RegExp): string | undefined {
  pattern.lastIndex = text.at;
  const found = pattern.exec(text.text)?.[0];
  if (found !== undefined) text.at += found.length;
  return found;
}

const patterns: Readonly<Record<string, readonly [RegExp, keyof Parts]>> = {
  "2006": [/\d{4}/y, "year"],
  "1": [/\d\d?/y, "month"],
  "01": [/\d\d/y, "month"],
  "2": [/ ?\d\d?/y, "day"],
  _2: [/ ?\d\d?/y, "day"],
  "02": [/\d\d/y, "day"],
  "002": [/\d{3}/y, "yearDay"],
  __2: [/ {0,2}\d{1,3}/y, "yearDay"],
  "15": [/\d\d?/y, "hour"],
  "3": [/\d\d?/y, "hour"],
  "03": [/\d\d/y, "hour"],
  "4": [/\d\d?/y, "minute"],
  "04": [/\d\d/y, "minute"],
  "5": [/\d\d?/y, "second"],
  "05": [/\d\d/y, "second"],
};

function readElement(text: Text, element: string, parts: Parts): boolean {
  const pattern = patterns[element];
  if (pattern !== undefined) {
    const found = take(text, pattern[0]);
    if (found === undefined) return false;
    Object.assign(parts, { [pattern[1]]: Number(found) });
    // A fraction may stand behind the seconds, even if the layout has none.
    if (/^0?5$/.test(element)) readFraction(text, parts);
    return true;
  }
  switch (element) {
    case "06": {
      const found = take(text, /\d\d/y);
      parts.year = Number(found) + (Number(found) >= 69 ? 1900 : 2000);
      return found !== undefined;
    }
    case "January":
    case "Jan":
      parts.month = readName(text, months, element === "Jan") + 1;
      return parts.month > 0;
    case "Monday":
    case "Mon":
      return readName(text, weekdays, element === "Mon") >= 0;
    case "PM":
    case "pm": {
      const found = take(text, element === "PM" ? /[AP]M/y : /[ap]m/y);
      parts.isAfternoon = found?.toUpperCase() === "PM";
      return found !== undefined;
    }
    case "MST":
      parts.zoneName = take(text, /[A-Z]{3,5}|[+-]\d\d(?:\d\d)?/y);
      return parts.zoneName !== undefined;
    default:
      return /^[.,]/.test(element)
        ? readFraction(text, parts) || element[1] === "9"
        : readOffset(text, element, parts);
  }
}

function readName(text: Text, names: readonly string[], isShort: boolean): number {
  const rest = text.text.slice(text.at, text.at + 9).toLowerCase();
  const index = names.findIndex((name) =>
    rest.startsWith((isShort ? name.slice(0, 3) : name).toLowerCase()),
  );
  text.at += isShort ? 3 : (names[index]?.length ?? 0);
  return index;
}

function readFraction(text: Text, parts: Parts): boolean {
  const found = take(text, /[.,]\d+/y);
  if (found === undefined) return parts.nanosecond > 0;
  parts.nanosecond = Number(found.slice(1, 10).padEnd(9, "0"));
  return true;
}

function readOffset(text: Text, element: string, parts: Parts): boolean {
  if (element.startsWith("Z") && take(text, /Z/y) !== undefined) {
    parts.offset = 0;
    return true;
  }
  const found = take(
    text,
    element.includes(":") ? /[+-]\d\d:\d\d/y : element.length > 3 ? /[+-]\d{4}/y : /[+-]\d\d/y,
  );
  if (found === undefined) return false;
  const digits = found.replace(/[^0-9]/g, "").padEnd(4, "0");
  const size = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  parts.offset = found.startsWith("-") ? -size : size;
  return true;
}
