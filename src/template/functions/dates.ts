import { fixed, type CallContext, type TemplateFunction } from "../function.ts";
import { formatDuration, parseDuration } from "../time/duration.ts";
import { formatTime } from "../time/format-time.ts";
import { parseTime } from "../time/parse-time.ts";
import { floorDivide, isZone, utcMilliseconds } from "../time/zone.ts";
import { isInteger, isTime, type Time, type Value } from "../value.ts";
import { parseInt64 } from "./to-number.ts";

const second = 1_000_000_000n;

function timeAt(nanoseconds: bigint, zone: string = "UTC"): Time {
  return { kind: "time", nanoseconds, zone };
}

function nowOf({ now }: CallContext): Time {
  return timeAt(BigInt(now.getTime()) * 1_000_000n);
}

// A time, or seconds since 1970; all else is the present.
function toTime(value: Value, context: CallContext): Time {
  if (isTime(value)) return value;
  if (isInteger(value) && value.type.startsWith("int")) return timeAt(value.value * second);
  return nowOf(context);
}

function format(
  layout: string,
  value: Value,
  zone: string | undefined,
  context: CallContext,
): string {
  const time = toTime(value, context);
  const wanted = zone === "" ? "UTC" : zone;
  const known = wanted === undefined || wanted === "Local" || !isZone(wanted) ? "UTC" : wanted;
  return formatTime(timeAt(time.nanoseconds, known), layout);
}

const units: readonly (readonly [bigint, string])[] = [
  [365n * 86_400n * second, "y"],
  [30n * 86_400n * second, "mo"],
  [86_400n * second, "d"],
  [3600n * second, "h"],
  [60n * second, "m"],
  [second, "s"],
];

function roundDuration(value: Value, context: CallContext): string {
  const duration = durationOf(value, context);
  const size = duration < 0n ? -duration : duration;
  const unit = units.find(([length]) => size > length);
  if (unit === undefined) return "0s";
  return `${size / unit[0]}${unit[1]}`;
}

function durationOf(value: Value, context: CallContext): bigint {
  if (typeof value === "string") return parseDuration(value) ?? 0n;
  if (isInteger(value) && value.type === "int64") return value.value;
  return isTime(value) ? nowOf(context).nanoseconds - value.nanoseconds : 0n;
}

function modify(text: string, time: Time, fails: boolean): Time {
  const duration = parseDuration(text);
  if (duration === undefined && fails) throw new Error(`invalid duration ${JSON.stringify(text)}`);
  return { ...time, nanoseconds: time.nanoseconds + (duration ?? 0n) };
}

function secondsOf(value: Value): bigint {
  if (typeof value === "string") return parseInt64(value);
  return isInteger(value) && value.type === "int64" ? value.value : 0n;
}

function ago(value: Value, context: CallContext): string {
  const elapsed = nowOf(context).nanoseconds - toTime(value, context).nanoseconds;
  const size = elapsed < 0n ? -elapsed : elapsed;
  const rounded = ((size + second / 2n) / second) * second;
  return formatDuration(elapsed < 0n ? -rounded : rounded);
}

function parseOrZero(layout: string, text: string): Time {
  try {
    return parseTime(layout, text);
  } catch {
    return timeAt(BigInt(utcMilliseconds(1, 1, 1)) * 1_000_000n);
  }
}

const inZone = fixed(["string", "any", "string"], ([layout, value, zone], context) => {
  return format(layout, value, zone, context);
});
const change = fixed(["string", "time"], ([text, time]) => modify(text, time, false));
const mustChange = fixed(["string", "time"], ([text, time]) => modify(text, time, true));

/** sprig's functions for dates. The time is the rendering's, the zone UTC unless one is named. */
export const dateFunctions: Readonly<Record<string, TemplateFunction>> = {
  now: fixed([], (_, context) => nowOf(context)),
  ago: fixed(["any"], ([value], context) => ago(value, context)),
  date: fixed(["string", "any"], ([layout, value], context) =>
    format(layout, value, undefined, context),
  ),
  dateInZone: inZone,
  date_in_zone: inZone,
  htmlDate: fixed(["any"], ([value], context) => format("2006-01-02", value, undefined, context)),
  htmlDateInZone: fixed(["any", "string"], ([value, zone], context) => {
    return format("2006-01-02", value, zone, context);
  }),
  dateModify: change,
  date_modify: change,
  mustDateModify: mustChange,
  must_date_modify: mustChange,
  duration: fixed(["any"], ([value]) =>
    formatDuration(BigInt.asIntN(64, secondsOf(value) * second)),
  ),
  durationRound: fixed(["any"], ([value], context) => roundDuration(value, context)),
  toDate: fixed(["string", "string"], ([layout, text]) => parseOrZero(layout, text)),
  mustToDate: fixed(["string", "string"], ([layout, text]) => parseTime(layout, text)),
  unixEpoch: fixed(["time"], ([time]) => floorDivide(time.nanoseconds, second).toString()),
};
