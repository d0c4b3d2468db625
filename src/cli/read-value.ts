import { HiveError } from "../base/hive-error.ts";
import { parseBytes } from "../base/parse-bytes.ts";
import { parseDuration } from "../base/parse-duration.ts";

/** The value of a flag that takes a size. @throws HiveError "usage" */
export function readBytes(flag: string, value: string): number {
  const bytes = parseBytes(value);
  if (bytes !== undefined) return bytes;
  throw new HiveError("usage", `Cannot use --${flag}=${value}: it is no size`, {
    hint: "Write a number with a unit, as 512MB or 10GiB",
  });
}

/** The value of a flag that takes a span of time, in milliseconds. @throws HiveError "usage" */
export function readDuration(flag: string, value: string): number {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined) return milliseconds;
  throw new HiveError("usage", `Cannot use --${flag}=${value}: it is no span of time`, {
    hint: "Write numbers with units, as 30s, 1h30m or 14d",
  });
}
