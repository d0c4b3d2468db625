import { nearHint } from "../base/closest.ts";
import { HiveError } from "../base/hive-error.ts";
import { isTag } from "../oci/reference.ts";
import type { Platform } from "../oci/platform.ts";
import { readVersionTag } from "../plan/version-tag.ts";

/** How the tags of pushed images come about. */
export const tagStrategies = [
  "timestamp",
  "sha",
  "git",
  "branch",
  "semver",
  "version",
  "latest",
  "arch",
] as const;

export type TagStrategy = (typeof tagStrategies)[number];

/** What strategies make tags of; the same for all images of a run. */
export type TagFacts = {
  readonly now: Date;
  /** The commit that is checked out, and whether the work tree has something else; absent: this is no git repository. */
  readonly head?: { readonly commit: string; readonly modified: boolean };
  /** Absent: there is none, or nobody knows. */
  readonly branch?: string;
  /** `--version`. */
  readonly version?: string;
};

/** An image whose tags are made. */
export type TaggedImage = {
  /** `app:1.2.3`, for errors. */
  readonly reference: string;
  /** `1.2.3`. */
  readonly tag: string;
};

/**
 * Reads `sha branch latest`: names with space or commas between them, each once.
 * @param origin where it is written, for the error: `--strategy`
 * @throws HiveError "usage" for one that there is not, and for none at all
 */
export function readTagStrategies(text: string, origin: string): readonly TagStrategy[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const unknown = words.find((word) => !isStrategy(word));
  if (unknown === undefined && words.length > 0) return [...new Set(words.filter(isStrategy))];
  const what = unknown === undefined ? "it is empty" : `there is no tag strategy "${unknown}"`;
  const near = unknown === undefined ? undefined : nearHint(unknown, tagStrategies);
  throw new HiveError("usage", `Cannot use ${origin}: ${what}`, {
    hint: near ?? `There are ${tagStrategies.join(", ")}.`,
  });
}

/**
 * The tags that strategies make for one image, each once, in their order. `arch` makes none of its own: see `machineName()`.
 * @throws HiveError "usage" where one needs what is not there
 */
export function tagsOf(
  image: TaggedImage,
  strategies: readonly TagStrategy[],
  facts: TagFacts,
): readonly string[] {
  const tags = strategies.flatMap((strategy) => makers[strategy](image, facts));
  const wrong = tags.find((tag) => !isTag(tag));
  if (wrong === undefined) return [...new Set(tags)];
  throw new HiveError("usage", `Cannot tag ${image.reference} as "${wrong}": that is no tag`, {
    hint: "A tag has at most 128 letters, digits, and _ . -, and does not begin with . or -.",
  });
}

/** A platform as `uname -m` names it, for tags: `x86_64`, `aarch64`; `windows-x86_64` where it is not Linux. */
export function machineName({ os, architecture, variant }: Platform): string {
  const whole = variant === undefined ? architecture : `${architecture}/${variant}`;
  const machine = machines[whole] ?? whole.replaceAll("/", "");
  return os === "linux" ? machine : `${os}-${machine}`;
}

const machines: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  arm64: "aarch64",
  "386": "i686",
  "arm/v7": "armv7l",
  "arm/v6": "armv6l",
};

type Maker = (image: TaggedImage, facts: TagFacts) => readonly string[];

const makers: Readonly<Record<TagStrategy, Maker>> = {
  timestamp: (_, { now }) => [timestamp(now)],
  sha: (image, facts) => [commitTag(image, facts)],
  git: (image, facts) => [commitTag(image, facts)],
  branch: (image, facts) => [branchTag(image, facts)],
  semver: (image, facts) => versionsOf(image, facts),
  version: (image, facts) => versionsOf(image, facts).slice(0, 1),
  latest: () => ["latest"],
  arch: () => [],
};

/** `20260112-143022`, UTC. */
function timestamp(now: Date): string {
  const digits = now.toISOString().replaceAll(/\D/g, "");
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}`;
}

function commitTag({ reference }: TaggedImage, { head }: TagFacts): string {
  if (head !== undefined) return `${head.commit.slice(0, 7)}${head.modified ? "-dirty" : ""}`;
  throw new HiveError("usage", `Cannot tag ${reference} by its commit: this is no git repository`, {
    hint: "Commit something first, or use another --strategy.",
  });
}

function branchTag({ reference }: TaggedImage, { head, branch }: TagFacts): string {
  const tag = branch === undefined ? "" : cleanTag(branch);
  if (tag !== "") return tag;
  const reason =
    branch !== undefined
      ? `nothing of "${branch}" can be in a tag`
      : head === undefined
        ? "this is no git repository"
        : "a commit is checked out, and no variable of a CI system names the branch";
  throw new HiveError("usage", `Cannot tag ${reference} by its branch: ${reason}`, {
    hint: "Check out a branch, or use another --strategy.",
  });
}

/** What of a branch's name can be in a tag: `feature-login` of `feature/login`. */
function cleanTag(branch: string): string {
  return branch
    .replaceAll(/[^A-Za-z0-9_.-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 128)
    .replace(/-+$/, "");
}

/** `1.2.3`, `1.2` and `1`; of what comes before a release only itself. */
function versionsOf({ reference, tag }: TaggedImage, { version }: TagFacts): readonly string[] {
  const read = readVersionTag((version ?? tag).replace(/\+.*$/s, ""));
  if (read === undefined || !/^v?$/.test(read.prefix)) {
    const [what, hint] =
      version === undefined
        ? [`${reference} has no version in its tag`, "Give it with --version, as --version 1.2.3."]
        : [`--version=${version} is no version`, "Write it as 1.2.3."];
    throw new HiveError("usage", `Cannot tag ${reference} by its version: ${what}`, { hint });
  }
  const { numbers, flavour, prerelease } = read;
  const whole = (version ?? tag).replace(/^v/, "").replace(/\+.*$/s, "");
  if (prerelease !== undefined) return [whole];
  const shorter = numbers.slice(1).map((_, cut) => numbers.slice(0, numbers.length - 1 - cut));
  return [whole, ...shorter.map((some) => `${some.join(".")}${flavour}`)];
}

function isStrategy(word: string): word is TagStrategy {
  return tagStrategies.some((strategy) => strategy === word);
}
