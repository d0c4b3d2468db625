import type { Time } from "../value.ts";
import { months, readLayout, weekdays } from "./layout.ts";
import { clockOf, type Clock } from "./zone.ts";

/** Time.Format of Go. */
export function formatTime(time: Time, layout: string): string {
  const clock = clockOf(time);
  return readLayout(layout)
    .map(({ text, isElement }) => (isElement ? formatElement(clock, text) : text))
    .join("");
}

function digits(value: number, length: number, filling: string = "0"): string {
  const sign = value < 0 ? "-" : "";
  return sign + String(Math.abs(value)).padStart(length, filling);
}

function formatElement(clock: Clock, element: string): string {
  const hour12 = clock.hour % 12 === 0 ? 12 : clock.hour % 12;
  switch (element) {
    case "January":
      return months[clock.month - 1] ?? "";
    case "Jan":
      return (months[clock.month - 1] ?? "").slice(0, 3);
    case "1":
      return String(clock.month);
    case "01":
      return digits(clock.month, 2);
    case "Monday":
      return weekdays[clock.weekday] ?? "";
    case "Mon":
      return (weekdays[clock.weekday] ?? "").slice(0, 3);
    case "2":
      return String(clock.day);
    case "_2":
      return digits(clock.day, 2, " ");
    case "02":
      return digits(clock.day, 2);
    case "__2":
      return digits(clock.yearDay, 3, " ");
    case "002":
      return digits(clock.yearDay, 3);
    case "15":
      return digits(clock.hour, 2);
    case "3":
      return String(hour12);
    case "03":
      return digits(hour12, 2);
    case "4":
      return String(clock.minute);
    case "04":
      return digits(clock.minute, 2);
    case "5":
      return String(clock.second);
    case "05":
      return digits(clock.second, 2);
    case "2006":
      return digits(clock.year, 4);
    case "06":
      return digits(((clock.year % 100) + 100) % 100, 2);
    case "PM":
      return clock.hour >= 12 ? "PM" : "AM";
    case "pm":
      return clock.hour >= 12 ? "pm" : "am";
    case "MST":
      return clock.zone === "" ? formatOffset(clock.offset, "-0700") : clock.zone;
    default:
      return /^[.,]/.test(element)
        ? formatFraction(clock.nanosecond, element)
        : formatOffset(clock.offset, element);
  }
}

function formatFraction(nanosecond: number, element: string): string {
  const all = digits(nanosecond, 9).slice(0, element.length - 1);
  if (element[1] === "0") return element[0] + all.padEnd(element.length - 1, "0");
  const short = all.replace(/0+$/, "");
  return short === "" ? "" : element[0] + short;
}

function formatOffset(offset: number, element: string): string {
  if (element.startsWith("Z") && offset === 0) return "Z";
  const size = Math.abs(offset);
  const pieces = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const count = element.replace(/[^0-9]/g, "").length / 2;
  const separator = element.includes(":") ? ":" : "";
  const text = pieces.slice(0, count).map((piece) => digits(piece, 2));
  return (offset < 0 ? "-" : "+") + text.join(separator);
}
