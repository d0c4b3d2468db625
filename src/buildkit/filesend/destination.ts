import { chmodSync, lstatSync, mkdirSync, realpathSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { writeError } from "./write-error.ts";

/**
 * A directory that a build's result is laid into, by one transfer or several at once. Paths are the daemon's: relative,
 * and not to be trusted. Nothing outside is written or changed: every directory on the way to a path was announced, and
 * found or made here as a real one, and no directory ever becomes anything else.
 */
export type Destination = {
  /** As its owner named it, for messages. */
  readonly root: string;
  /** The absolute path for `path`. @throws RangeError for one that isn't clean, or whose parent was not announced */
  resolve(path: string): string;
  /** Makes a directory, or takes the one that is there; a link or file in its place is removed. */
  directory(path: string): void;
  /** Makes a symlink in place of any file or link. */
  symlink(path: string, linkname: string): void;
  /** Sees to it that a file may be put at `path`. @throws HiveError when a directory is there */
  claim(path: string): string;
  /** Leaves something out that can't be made: a device, a pipe, a socket. */
  skip(path: string): void;
};

/** @param root absolute; made by the first transfer. It may be a link itself: its owner put it there. */
export function createDestination(
  root: string,
  onSkipped: (path: string) => void = () => {},
): Destination {
  const directories = new Set<string>();
  let realRoot: string | undefined;

  function opened(): string {
    if (realRoot !== undefined) return realRoot;
    try {
      mkdirSync(root, { recursive: true });
      realRoot = realpathSync(root);
    } catch (error) {
      throw writeError(root, error);
    }
    return realRoot;
  }

  function resolve(path: string): string {
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    if (name === "" || name === "." || name === ".." || name.includes("\0")) {
      throw new RangeError(`the daemon sent a path that isn't clean: ${JSON.stringify(path)}`);
    }
    // A parent's own path was looked at when it was announced.
    if (slash !== -1 && !directories.has(path.slice(0, slash))) {
      throw new RangeError(`the daemon sent ${JSON.stringify(path)} without its directory`);
    }
    return join(opened(), path);
  }

  function claim(path: string): string {
    const target = resolve(path);
    if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory() !== true) return target;
    throw new HiveError("failed", `Cannot write "${target}": a directory is there`, {
      hint: "The result has something else of this name. Remove the directory, or choose an empty one for the result.",
    });
  }

  return {
    root,
    resolve,
    claim,
    directory(path) {
      const target = resolve(path);
      const found = lstatSync(target, { throwIfNoEntry: false });
      if (found?.isDirectory() !== true) {
        if (found !== undefined) unlinkSync(target);
        mkdirSync(target, 0o700);
        // One that an earlier result made read-only is opened for this one.
      } else if ((found.mode & 0o700) !== 0o700) chmodSync(target, 0o700);
      directories.add(path);
    },
    symlink(path, linkname) {
      const target = claim(path);
      if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) unlinkSync(target);
      symlinkSync(linkname, target);
    },
    skip: (path) => onSkipped(path),
  };
}
