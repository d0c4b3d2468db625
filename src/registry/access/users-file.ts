import { readFileSync, statSync } from "node:fs";
import { HiveError } from "../../base/hive-error.ts";
import { unreadableFile } from "../../base/unreadable-file.ts";
import { parseUsers, type Users } from "./parse-users.ts";

/** Where the users of a registry come from. */
export type UsersSource = {
  /** As they are now. @throws HiveError when that can't be known. */
  current(): Users;
};

type UsersFileOptions = {
  /** Takes a sentence when the file has changed and can't be used. */
  readonly onWarning?: (text: string) => void;
  /** Milliseconds in which a change is noticed. Default: 1 s. */
  readonly checkEvery?: number;
};

/**
 * The users of a file, read anew when it changes. A version with errors changes nothing but gives a warning; while there
 * is no file, or it can't be read, nobody is known.
 * @throws HiveError when it can't be read or has errors.
 */
export function openUsersFile(path: string, options: UsersFileOptions = {}): UsersSource {
  const { onWarning, checkEvery = 1000 } = options;
  let stamp = stampOf(path);
  let users = parseUsers(read(path), path);
  let checked = performance.now();
  let unfinished: string | undefined;

  const reload = (changed: string): void => {
    const text = read(path);
    // Without an end of line it may be half written, and an entry cut off could allow more than the whole one.
    if (text !== "" && !text.endsWith("\n") && unfinished !== changed) {
      unfinished = changed;
      return;
    }
    stamp = changed;
    try {
      users = parseUsers(text, path);
    } catch (error) {
      if (!(error instanceof HiveError)) throw error;
      onWarning?.(`${error.message}; the users of before stay`);
    }
  };
  return {
    current() {
      if (performance.now() - checked >= checkEvery) {
        const now = stampOf(path);
        if (now !== stamp) reload(now);
        // Not when it failed: then the next request looks again.
        checked = performance.now();
      }
      return users;
    },
  };
}

/** Changes whenever the file does. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join("-");
  } catch (error) {
    throw unreadable(path, error);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): HiveError {
  return unreadableFile(path, cause, {
    kind: "usage",
    what: "users file",
    missing: `Make it with \`hive registry user add NAME --htpasswd ${path}\`.`,
  });
}
