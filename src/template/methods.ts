import { display } from "./format/format-value.ts";
import { fixed, type TemplateFunction } from "./function.ts";
import { compareVersions } from "./semver/parse-version.ts";
import { formatTime } from "./time/format-time.ts";
import { clockOf, floorDivide, utcMilliseconds } from "./time/zone.ts";
import { int, int64, isInteger, type Time, type Value, type Version } from "./value.ts";

type Methods = ReadonlyMap<string, TemplateFunction>;

/** The methods that a value has in Go, as far as templates use them. */
export function methodsOf(value: Value): Methods | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (value.kind === "time") return timeMethods(value);
  return value.kind === "version" ? versionMethods(value) : undefined;
}

function getter(read: () => Value): TemplateFunction {
  return fixed([], read);
}

function versionMethods(version: Version): Methods {
  const compare = (other: Version): number => compareVersions(version, other);
  const unsigned = (value: bigint): Value => int(value, "uint64");
  const next = (part: "major" | "minor" | "patch"): Value => increment(version, part);
  const methods: Record<string, TemplateFunction> = {
    Major: getter(() => unsigned(version.major)),
    Minor: getter(() => unsigned(version.minor)),
    Patch: getter(() => unsigned(version.patch)),
    Prerelease: getter(() => version.prerelease),
    Metadata: getter(() => version.metadata),
    Original: getter(() => version.original),
    String: fixed([], (_, { budget }) => display(version, budget)),
    Compare: fixed(["version"], ([other]) => int(compare(other))),
    Equal: fixed(["version"], ([other]) => compare(other) === 0),
    LessThan: fixed(["version"], ([other]) => compare(other) < 0),
    LessThanEqual: fixed(["version"], ([other]) => compare(other) <= 0),
    GreaterThan: fixed(["version"], ([other]) => compare(other) > 0),
    GreaterThanEqual: fixed(["version"], ([other]) => compare(other) >= 0),
    IncMajor: getter(() => next("major")),
    IncMinor: getter(() => next("minor")),
    IncPatch: getter(() => next("patch")),
  };
  return new Map(Object.entries(methods));
}

function increment(version: Version, part: "major" | "minor" | "patch"): Version {
  const { major, minor, patch, prerelease, original } = version;
  // The patch after a prerelease is its release.
  const nextPatch = prerelease === "" ? patch + 1n : patch;
  const numbers = {
    major: [major + 1n, 0n, 0n],
    minor: [major, minor + 1n, 0n],
    patch: [major, minor, nextPatch],
  }[part];
  const [a = 0n, b = 0n, c = 0n] = numbers;
  const prefix = original.startsWith("v") ? "v" : "";
  return {
    kind: "version",
    original: `${prefix}${a}.${b}.${c}`,
    major: a,
    minor: b,
    patch: c,
    prerelease: "",
    metadata: "",
  };
}

function timeMethods(time: Time): Methods {
  const clock = (): ReturnType<typeof clockOf> => clockOf(time);
  const since = (unit: bigint): Value => int64(floorDivide(time.nanoseconds, unit));
  const methods: Record<string, TemplateFunction> = {
    Format: fixed(["string"], ([layout]) => formatTime(time, layout)),
    String: fixed([], (_, { budget }) => display(time, budget)),
    UTC: getter(() => ({ kind: "time", nanoseconds: time.nanoseconds, zone: "UTC" })),
    Year: getter(() => int(clock().year)),
    Month: getter(() => int(clock().month, "time.Month")),
    Day: getter(() => int(clock().day)),
    Hour: getter(() => int(clock().hour)),
    Minute: getter(() => int(clock().minute)),
    Second: getter(() => int(clock().second)),
    Nanosecond: getter(() => int(clock().nanosecond)),
    YearDay: getter(() => int(clock().yearDay)),
    Weekday: getter(() => int(clock().weekday, "time.Weekday")),
    Unix: getter(() => since(1_000_000_000n)),
    UnixMilli: getter(() => since(1_000_000n)),
    UnixMicro: getter(() => since(1000n)),
    UnixNano: getter(() => since(1n)),
    IsZero: getter(() => time.nanoseconds === BigInt(utcMilliseconds(1, 1, 1)) * 1_000_000n),
    AddDate: fixed(["int", "int", "int"], ([years, months, days]) => {
      return addDate(time, years, months, days);
    }),
    Add: fixed(["any"], ([duration]) => {
      // A time.Duration is an int64 at its core; constants of templates are welcome.
      if (!isInteger(duration)) throw new Error("wrong type for value; expected time.Duration");
      return { ...time, nanoseconds: time.nanoseconds + duration.value };
    }),
    Before: fixed(["time"], ([other]) => time.nanoseconds < other.nanoseconds),
    After: fixed(["time"], ([other]) => time.nanoseconds > other.nanoseconds),
    Equal: fixed(["time"], ([other]) => time.nanoseconds === other.nanoseconds),
  };
  return new Map(Object.entries(methods));
}

function addDate(time: Time, years: number, months: number, days: number): Time {
  const { year, month, day } = clockOf(time);
  const from = utcMilliseconds(year, month, day);
  const to = utcMilliseconds(year + years, month + months, day + days);
  if (!Number.isFinite(to)) throw new Error("the date is out of range");
  return { ...time, nanoseconds: time.nanoseconds + BigInt(to - from) * 1_000_000n };
}
