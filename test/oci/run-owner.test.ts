import { describe, expect, test } from "bun:test";
import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  currentOwner,
  isOwnerAlive,
  ownerPid,
  parseOwner,
  type RunOwner,
} from "../../src/oci/run-owner.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";

const module = join(import.meta.dir, "../../src/oci/run-owner.ts");

describe("isOwnerAlive()", () => {
  test("is true of this process", () => {
    const own = currentOwner();
    expect(parseOwner(own)).toBe(own);
    expect(ownerPid(own)).toBe(process.pid);
    expect(isOwnerAlive(own, "/")).toBe(true);
  });

  test("is false of a process that has ended, and while nobody has waited for it", async () => {
    // The shell makes a child that tells its name and then becomes a program that never waits for it.
    const print = `process.stdout.write((await import(${JSON.stringify(module)})).currentOwner()+"\\n"); setTimeout(() => 0, 60000)`;
    await using parent = Bun.spawn(
      ["sh", "-c", `"$0" -e '${print}' & exec sleep 60`, process.execPath],
      { stdout: "pipe" },
    );
    const reader = parent.stdout.getReader();
    const owner = parseOwner(
      Buffer.from((await reader.read()).value ?? [])
        .toString()
        .trim(),
    );
    if (owner === undefined) throw new Error("the child did not tell its name");
    expect(isOwnerAlive(owner, "/")).toBe(true);
    process.kill(ownerPid(owner), "SIGKILL");
    const stat = await waitUntil("the child is a zombie", 5000, async () => {
      const text = await readFile(`/proc/${ownerPid(owner)}/stat`, "utf8");
      return text.includes(") Z ") ? text : undefined;
    });
    expect(stat).toContain(") Z ");
    expect(isOwnerAlive(owner, "/")).toBe(false);
  });

  test("goes by the age of a file where the owner can't be asked for", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "lock");
    await writeFile(path, "");
    const foreign = currentOwner().replace(/[0-9a-f]{8}$/, "00000000") as RunOwner;
    expect(isOwnerAlive(foreign, path)).toBe(true);
    await utimes(path, 1, 1);
    expect(isOwnerAlive(foreign, path)).toBe(false);
    expect(isOwnerAlive(foreign, join(directory.path, "none"))).toBe(false);
  });

  test.each(["", "1", "1-2-3-4", "a-1-00000000-00000000", "../x"])("%j is no owner", (text) => {
    expect(parseOwner(text)).toBeUndefined();
  });
});
