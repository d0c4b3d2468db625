import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { isOwn } from "../daemon-paths.ts";
import { fetchPieces, fetchText } from "./fetch-release.ts";
import type { Release } from "./release.ts";
import { releaseSource, type ReleaseSource } from "./release-checksum.ts";
import { unpackRelease } from "./unpack-release.ts";

export type DownloadOptions = {
  readonly mirror?: string | undefined;
  readonly signal: AbortSignal;
  /** Tells somebody who waits what is going on. */
  readonly say: (text: string) => void;
};

/** A release has some 90 MB. */
const largest = 512 * 1024 * 1024;

/** Where a release is once it was downloaded. */
export function releaseDirectory(releases: string, { version, arch }: Release): string {
  return join(releases, `${version}-linux-${arch}`);
}

/**
 * Makes sure that a release is in `releases`, and returns the directory of its programs. It is there as a whole or not
 * at all; nothing of it can be run before its checksum was found right.
 * @throws HiveError "unreachable", "failed" when the checksum is wrong, "usage" for a mirror; the signal's reason
 */
export async function downloadRelease(
  release: Release,
  releases: string,
  options: DownloadOptions,
): Promise<string> {
  const directory = releaseDirectory(releases, release);
  if (existsSync(directory) && isOwn(directory)) return directory;
  const source = releaseSource(release, options.mirror);
  const expected = release.checksum ?? (await askChecksum(release, source, options.signal));
  await mkdir(releases, { recursive: true, mode: 0o700 });
  // Nobody else is here: whoever starts a daemon holds its lock. What is left is of one that was killed.
  const part = join(releases, ".part");
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { mode: 0o700 });
  try {
    const archive = join(part, "archive");
    await receive(release, source, { ...options, archive, expected });
    const programs = join(part, "programs");
    await unpackRelease(archive, programs);
    options.signal.throwIfAborted();
    await rename(programs, directory);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return directory;
}

async function askChecksum(
  { version, asset }: Release,
  { checksumUrl, readChecksum }: ReleaseSource,
  signal: AbortSignal,
): Promise<string> {
  const what = `the checksum of BuildKit ${version}`;
  const checksum = readChecksum(await fetchText(checksumUrl, { what, signal }));
  if (checksum !== undefined) return checksum;
  throw new HiveError("failed", `Cannot check BuildKit ${version}: no checksum of ${asset} there`, {
    hint: `It was looked for at ${checksumUrl}. Without one, nothing is run.`,
  });
}

async function receive(
  { version, asset }: Release,
  { url }: ReleaseSource,
  {
    archive,
    expected,
    signal,
    say,
  }: DownloadOptions & { readonly archive: string; readonly expected: string },
): Promise<void> {
  say(`Downloading BuildKit ${version} from ${new URL(url).host}`);
  const file = await open(archive, "wx", 0o600);
  try {
    let hash = createHash("sha256");
    let size = 0;
    const pieces = fetchPieces(url, { what: `BuildKit ${version}`, signal, say, largest });
    for await (const piece of pieces) {
      if (piece === "again") {
        // From the beginning, after a connection that broke.
        hash = createHash("sha256");
        size = 0;
        await file.truncate(0);
        continue;
      }
      hash.update(piece);
      await file.write(piece, 0, piece.byteLength, size);
      size += piece.byteLength;
    }
    await file.datasync();
    const actual = hash.digest("hex");
    if (actual === expected) return;
    throw new HiveError("failed", `Cannot use the downloaded ${asset}: its checksum is wrong`, {
      hint: `Expected sha256:${expected}, got sha256:${actual}. It came from ${url}`,
    });
  } finally {
    await file.close();
  }
}
