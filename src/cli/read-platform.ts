import { closestNames } from "../base/closest.ts";
import { HiveError } from "../base/hive-error.ts";
import { formatPlatform, parsePlatform, type Platform } from "../oci/platform.ts";

// Those that Go knows and images are made for. Others are taken as they are, unless they are near to one of these.
const systems = "linux windows darwin freebsd openbsd netbsd wasi".split(" ");
const architectures =
  "amd64 arm64 arm 386 riscv64 ppc64le ppc64 s390x loong64 mips mipsle mips64 mips64le wasm".split(
    " ",
  );

/** The value of --platform. @throws HiveError "usage" */
export function readPlatform(text: string): Platform;
export function readPlatform(text: string | undefined): Platform | undefined;
export function readPlatform(text: string | undefined): Platform | undefined {
  if (text === undefined) return undefined;
  let platform: Platform;
  try {
    platform = parsePlatform(text);
  } catch (cause) {
    throw new HiveError("usage", `Cannot use --platform=${text}: it is no platform`, {
      cause,
      hint: "Write os/architecture, as linux/arm64",
    });
  }
  const meant = {
    ...platform,
    os: nearest(platform.os, systems),
    architecture: nearest(platform.architecture, architectures),
  };
  if (formatPlatform(meant) === formatPlatform(platform)) return platform;
  // What only copies would be built for it, and run nowhere.
  throw new HiveError("usage", `Cannot use --platform=${text}: nothing runs on it`, {
    hint: `Did you mean ${formatPlatform(meant)}?`,
  });
}

function nearest(word: string, known: readonly string[]): string {
  return known.includes(word) ? word : (closestNames(word, known)[0] ?? word);
}
