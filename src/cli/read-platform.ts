import { HiveError } from "../base/hive-error.ts";
import { parsePlatform, type Platform } from "../oci/platform.ts";

/** The value of --platform. @throws HiveError "usage" */
export function readPlatform(text: string): Platform;
export function readPlatform(text: string | undefined): Platform | undefined;
export function readPlatform(text: string | undefined): Platform | undefined {
  if (text === undefined) return undefined;
  try {
    return parsePlatform(text);
  } catch (cause) {
    throw new HiveError("usage", `Cannot use --platform=${text}: it is no platform`, {
      cause,
      hint: "Write os/architecture, as linux/arm64",
    });
  }
}
