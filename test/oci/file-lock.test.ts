import { describe, expect, test } from "bun:test";
import { readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../../src/base/hive-error.ts";
import { acquireFileLock } from "../../src/oci/file-lock.ts";
import { currentOwner } from "../../src/oci/run-owner.ts";
import { rejection } from "../support/rejection.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const dead = currentOwner().replace(/^\d+/, "4194305");

/** Makes a file look as if it was written so many milliseconds ago. */
async function aged(path: string, milliseconds: number): Promise<void> {
  const time = new Date(Date.now() - milliseconds);
  await utimes(path, time, time);
}

describe("acquireFileLock()", () => {
  test("lets one in at a time", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "lock");
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        using _ = await acquireFileLock(path);
        inside += 1;
        most = Math.max(most, inside);
        await Promise.resolve();
        inside -= 1;
      }),
    );
    expect(most).toBe(1);
    expect(await readdir(directory.path)).toEqual([]);
  });

  test("tells who holds it when it waited long enough", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "lock");
    using _ = await acquireFileLock(path);
    const error = await acquireFileLock(path, { timeout: 20 }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HiveError);
    expect(error).toMatchObject({
      message: expect.stringContaining(`process ${process.pid} has held it`),
      hint: expect.stringContaining("delete the file"),
    });
  });

  test("gives up when told to", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "lock");
    using _ = await acquireFileLock(path);
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    expect(await rejection(acquireFileLock(path, { signal }))).toBe(reason);
  });

  test.each([
    ["a dead process", `${dead} ${crypto.randomUUID()}`],
    ["a process killed before it wrote its name", ""],
    ["something else", "?"],
  ])("breaks the lock of %s, for one of many", async (_title, text) => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "lock");
    await writeFile(path, text);
    await utimes(path, 1, 1);
    let inside = 0;
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        using _ = await acquireFileLock(path, { timeout: 5000 });
        inside += 1;
        expect(inside).toBe(1);
        await Promise.resolve();
        inside -= 1;
      }),
    );
    expect(await readdir(directory.path)).toEqual([]);
  });

  test("takes a lock whose owner was killed while writing it, however little patience it has", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "lock");
    await writeFile(path, "");
    await aged(path, 4800);
    using _ = await acquireFileLock(path, { timeout: 50 });
    expect(await readdir(directory.path)).toEqual(["lock"]);
  });

  test("takes a dead lock whose breaker was killed, however little patience it has", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "lock");
    const nonce = crypto.randomUUID();
    await writeFile(path, `${dead} ${nonce}`);
    await writeFile(`${path}.break-${nonce}`, dead);
    await aged(`${path}.break-${nonce}`, 4800);
    using _ = await acquireFileLock(path, { timeout: 50 });
    expect(await readdir(directory.path)).toEqual(["lock"]);
  });

  test("sweeps what those left who were killed after they had broken a lock", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "lock");
    const old = `${path}.break-${crypto.randomUUID()}`;
    const fresh = `lock.break-${crypto.randomUUID()}`;
    await writeFile(old, dead);
    await aged(old, 60_000);
    await writeFile(join(directory.path, fresh), currentOwner());
    await writeFile(path, `${dead} ${crypto.randomUUID()}`);
    using _ = await acquireFileLock(path);
    expect((await readdir(directory.path)).toSorted()).toEqual(["lock", fresh]);
  });

  test("dispose leaves a lock that has become another's", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "lock");
    const lock = await acquireFileLock(path);
    await writeFile(path, "theirs");
    lock[Symbol.dispose]();
    expect(await readdir(directory.path)).toEqual(["lock"]);
  });
});
