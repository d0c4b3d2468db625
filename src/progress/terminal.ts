import type { Environment } from "../base/environment.ts";
import { createPainter, type Painter } from "../base/painter.ts";
import { glyphsFor, type Glyphs } from "./glyphs.ts";

/** What `--color` may be. */
export type ColorChoice = "always" | "never" | "auto";

/** What renders text for one stream. */
export type Look = { readonly paint: Painter; readonly glyphs: Glyphs };

/** A CI system; "other" when only `CI` says so. */
export type CiVendor = keyof typeof vendorVariables | "other";

const vendorVariables = {
  github: "GITHUB_ACTIONS",
  gitlab: "GITLAB_CI",
  circleci: "CIRCLECI",
  buildkite: "BUILDKITE",
  azure: "TF_BUILD",
  jenkins: "JENKINS_URL",
  teamcity: "TEAMCITY_VERSION",
  travis: "TRAVIS",
  bitbucket: "BITBUCKET_BUILD_NUMBER",
  drone: "DRONE",
  codebuild: "CODEBUILD_BUILD_ID",
  appveyor: "APPVEYOR",
} as const;

// Their log pages show colours although the stream is a pipe.
const colorViewers: ReadonlySet<CiVendor | undefined> = new Set([
  "github",
  "gitlab",
  "circleci",
  "buildkite",
]);

/** The CI system this runs in, if any. `HIVE_CI=0|1` overrides what the environment looks like. */
export function detectCi(env: Environment): CiVendor | undefined {
  const forced = env["HIVE_CI"];
  if (forced !== undefined && forced !== "" && !isTruthy(forced)) return undefined;
  const vendors = Object.entries(vendorVariables) as [CiVendor, string][];
  const vendor = vendors.find(([, variable]) => isTruthy(env[variable]))?.[0];
  if (vendor !== undefined) return vendor;
  return isTruthy(forced) || isTruthy(env["CI"]) ? "other" : undefined;
}

/**
 * Whether to colour one stream: the flag, then `NO_COLOR`, `FORCE_COLOR`, `TERM=dumb`, then what the stream is.
 * {@link https://no-color.org}
 */
export function useColor(env: Environment, isTTY: boolean, choice: ColorChoice = "auto"): boolean {
  if (choice !== "auto") return choice === "always";
  if (isSet(env["NO_COLOR"])) return false;
  const forced = env["FORCE_COLOR"];
  if (isSet(forced)) return isTruthy(forced);
  if (env["TERM"] === "dumb") return false;
  return isTTY || colorViewers.has(detectCi(env));
}

/** Whether the locale is UTF-8 and the terminal has more than a basic font. */
export function useUnicode(env: Environment): boolean {
  if (env["TERM"] === "linux" || env["TERM"] === "dumb") return false;
  // POSIX: the first one that is set and not empty counts.
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(isSet);
  return locale === undefined ? isSet(env["WT_SESSION"]) : /utf-?8/i.test(locale);
}

/** Colours and signs for one stream. */
export function lookFor(env: Environment, isTTY: boolean, choice?: ColorChoice): Look {
  return {
    paint: createPainter(useColor(env, isTTY, choice)),
    glyphs: glyphsFor(useUnicode(env)),
  };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

function isTruthy(value: string | undefined): boolean {
  return isSet(value) && value !== "0" && value.toLowerCase() !== "false";
}
