import {
  chmodSync,
  closeSync,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Stat } from "../../gen/session/fsutil_pb.ts";
import { compareBytes } from "../filesync/byte-order.ts";
import { goMode } from "../filesync/go-file-mode.ts";
import type { Destination } from "./destination.ts";
import { writeError } from "./write-error.ts";

/** Lays one transfer's entries into a destination. Every method throws a HiveError for what can't be written. */
export type TreeWriter = Disposable & {
  /** Entries come in the order of their paths. `wanted`: its content has to be asked for. @throws RangeError for what must not be sent */
  announce(id: number, stat: Stat): "wanted" | "done";
  /** The file's content was asked for. */
  expect(id: number): void;
  write(id: number, data: Uint8Array): void;
  /** The file's content is complete. */
  end(id: number): void;
  /** Makes hard links, and gives directories their modes and times. */
  finish(): void;
};

type Entry = { readonly path: string; readonly mode: number; readonly mtime: number };
type Writing = Entry & { readonly target: string; temporary: string; file: number };

/** Permissions alone: a file that belongs to us must not make others into us. */
const kept = 0o777;
const keptOfDirectory = 0o1777;

/** Files are ours, and written beside their place first: what is there is never half a file. */
export function createTreeWriter(destination: Destination): TreeWriter {
  const announced = new Map<number, Entry>();
  const writing = new Map<number, Writing>();
  const directories: Entry[] = [];
  const links: { readonly path: string; readonly to: string }[] = [];
  const scratch = `.hive-${crypto.randomUUID().slice(0, 8)}`;
  let lastPath = "";

  function announce(id: number, stat: Stat): "wanted" | "done" {
    const { path, linkname } = stat;
    if (lastPath !== "" && comparePaths(lastPath, path) >= 0) {
      throw new RangeError(`the daemon sent ${JSON.stringify(path)} out of order`);
    }
    lastPath = path;
    const { type, permissions } = goMode(stat.mode);
    // Nanoseconds don't fit; what is lost is less than a microsecond.
    const mtime = Number(stat.modTime) / 1e9;
    switch (type) {
      case "directory":
        destination.directory(path);
        directories.push({ path, mode: permissions & keptOfDirectory, mtime });
        return "done";
      case "symlink":
        destination.symlink(path, linkname);
        lutimesSync(destination.resolve(path), mtime, mtime);
        return "done";
      case "other":
        destination.resolve(path);
        destination.skip(path);
        return "done";
      case "file":
        destination.claim(path);
        if (linkname !== "") {
          links.push({ path, to: linkname });
          return "done";
        }
        announced.set(id, { path, mode: permissions & kept, mtime });
        return "wanted";
    }
  }

  function expect(id: number): void {
    const entry = announced.get(id);
    if (entry === undefined) throw new Error("Internal error: nobody announced this file");
    announced.delete(id);
    writing.set(id, { ...entry, target: destination.claim(entry.path), temporary: "", file: -1 });
  }

  function opened(id: number): Writing {
    const found = writing.get(id);
    if (found === undefined) throw new RangeError(`the daemon sent file ${id}, unasked`);
    if (found.file !== -1) return found;
    const slash = found.target.lastIndexOf("/");
    found.temporary = `${found.target.slice(0, slash)}/${scratch}-${id}`;
    found.file = openSync(found.temporary, "wx", 0o600);
    return found;
  }

  function write(id: number, data: Uint8Array): void {
    const { file } = opened(id);
    for (let done = 0; done < data.length;) {
      done += writeSync(file, data, done, data.length - done);
    }
  }

  function end(id: number): void {
    const found = opened(id);
    const { file, path, mode, mtime } = found;
    fchmodSync(file, mode);
    futimesSync(file, mtime, mtime);
    closeSync(file);
    found.file = -1;
    renameSync(found.temporary, destination.claim(path));
    writing.delete(id);
  }

  function finish(): void {
    for (const { path, to } of links) {
      const target = destination.claim(path);
      const original = destination.resolve(to);
      if (lstatSync(original, { throwIfNoEntry: false })?.isFile() !== true) {
        throw new RangeError(`the daemon sent ${JSON.stringify(path)}, a link to no file`);
      }
      if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) unlinkSync(target);
      linkSync(original, target);
    }
    // What is inside comes first: it would change its directory's time, and may need a right that the mode takes away.
    for (const { path, mode, mtime } of directories.toReversed()) {
      const target = destination.resolve(path);
      chmodSync(target, mode);
      lutimesSync(target, mtime, mtime);
    }
  }

  function told<A extends unknown[], R>(
    pathOf: (...args: A) => string,
    task: (...args: A) => R,
  ): (...args: A) => R {
    return (...args) => {
      try {
        return task(...args);
      } catch (error) {
        throw error instanceof RangeError
          ? error
          : writeError(join(destination.root, pathOf(...args)), error);
      }
    };
  }
  const pathOfId = (id: number): string => writing.get(id)?.path ?? "";
  return {
    announce: told((_id, { path }) => path, announce),
    expect: told(pathOfId, expect),
    write: told((id, _data) => pathOfId(id), write),
    end: told(pathOfId, end),
    finish: told(() => "", finish),
    [Symbol.dispose]() {
      for (const { file, temporary } of writing.values()) {
        if (file !== -1) closeSync(file);
        if (temporary !== "") rmSync(temporary, { force: true });
      }
      writing.clear();
    },
  };
}

/** The order of a walk: a directory's content comes directly behind it. */
function comparePaths(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const order = compareBytes(left[at] ?? "", right[at] ?? "");
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
