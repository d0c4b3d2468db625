import { describe, expect, test } from "bun:test";
import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { HiveError } from "../../../src/base/hive-error.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { createMetadataStore } from "../../../src/registry/store/create-metadata-store.ts";
import { openJournalFile } from "../../../src/registry/store/journal-file.ts";
import {
  type JournalMetadataStore,
  openJournalMetadataStore,
} from "../../../src/registry/store/journal-metadata-store.ts";
import { emptyMetadataState } from "../../../src/registry/store/metadata-state.ts";
import type { MetadataStore } from "../../../src/registry/store/metadata-store.ts";
import { run } from "../../support/run.ts";
import { rejection } from "../../support/rejection.ts";
import { smallDisk } from "../../support/small-disk.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { record, referrer } from "./support/records.ts";

async function open(
  path: string,
  { warnings = [], slack }: { readonly warnings?: string[]; readonly slack?: number } = {},
): Promise<JournalMetadataStore> {
  return await openJournalMetadataStore({
    path,
    sync: "always",
    slack,
    onWarning: (message) => warnings.push(message),
  });
}

/** All that a store knows, to be compared. */
function everything(store: MetadataStore): unknown {
  return [...store.allRepositories()].toSorted().map((name) => ({
    name,
    tags: store.tags(name)?.map((tag) => [tag, store.findTag(name, tag)?.digest]),
    manifests: [...store.manifests(name)].toSorted((a, b) => (a.digest < b.digest ? -1 : 1)),
    blobs: [...store.blobs(name)].toSorted(),
    referrers: store
      .referrers(name, digestOf("subject"))
      .toSorted((a, b) => (a.digest < b.digest ? -1 : 1)),
  }));
}

async function fill(store: MetadataStore): Promise<void> {
  await store.putManifest("a", record("one"), ["1"]);
  await store.addBlob("a", digestOf("blob"));
  await store.putManifest("a", referrer("two", digestOf("subject")), []);
}

describe("a journal that ends in the middle of a record", () => {
  test("has all records before it, wherever it ends, and goes on", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "journal");
    const states: unknown[] = [[]];
    const ends: number[] = [0];
    {
      await using store = await open(path);
      const steps = [
        async () => await store.putManifest("a", record("one"), ["1"]),
        async () => await store.addBlob("b", digestOf("blob")),
        async () => await store.deleteTag("a", "1"),
      ];
      for (const step of steps) {
        await step();
        states.push(everything(store));
        ends.push((await readFile(path)).byteLength);
      }
    }
    const whole = await readFile(path);
    for (let length = 0; length <= whole.byteLength; length += 3) {
      await writeFile(path, whole.subarray(0, length));
      const warnings: string[] = [];
      const records = ends.findLastIndex((end) => end <= length);
      {
        await using store = await open(path, { warnings });
        expect(everything(store)).toEqual(states[records]);
        await store.addBlob("c", digestOf("next"));
      }
      await using store = await open(path, { warnings });
      expect(store.hasBlob("c", digestOf("next"))).toBe(true);
      expect(warnings).toEqual([]);
    }
  });
});

describe("a damaged journal", () => {
  const damages: readonly (readonly [string, (text: string) => string])[] = [
    ["a flipped bit", (text) => text.replace('"untag"', '"untac"')],
    ["zeros", (text) => text.replace(/.*"untag".*/, (line) => "\0".repeat(line.length))],
    ["a record of another version", (text) => text.replace(/.*"untag".*/, () => future())],
    ["an empty line", (text) => text.replace(/.*"untag".*/, "")],
  ];

  test.each(damages)("with %s is kept and reported, and the rest counts", async (_, damage) => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "journal");
    {
      await using store = await open(path);
      await store.putManifest("a", record("one"), ["1", "2"]);
      await store.deleteTag("a", "1");
      await store.addBlob("a", digestOf("after"));
    }
    const damaged = damage(await readFile(path, "utf8"));
    await writeFile(path, damaged);
    const warnings: string[] = [];
    {
      await using store = await open(path, { warnings });
      expect(store.tags("a")).toEqual(["1", "2"]);
      expect(store.hasBlob("a", digestOf("after"))).toBe(true);
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("1 of 3 lines can't be read");
    const kept = (await readdir(directory.path)).filter((name) => name !== "journal");
    expect(kept).toHaveLength(1);
    expect(warnings[0]).toContain(kept[0] ?? "?");
    expect(await readFile(join(directory.path, kept[0] ?? ""), "utf8")).toBe(damaged);
    // Once is enough.
    await using again = await open(path, { warnings });
    expect(again.tags("a")).toEqual(["1", "2"]);
    expect(warnings).toHaveLength(1);
  });

  function future(): string {
    const json = '{"op":"rename","repository":"a","to":"b"}';
    return `${Bun.hash.crc32(json).toString(16).padStart(8, "0")} ${json}`;
  }
});

describe("a journal that is rewritten", () => {
  test("at the start, when most of it is over", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "journal");
    let before: unknown;
    {
      await using store = await open(path);
      await fill(store);
      const names = Array.from({ length: 1500 }, (_, i) => (i % 2 === 0 ? "one" : "two"));
      await Promise.all(
        names.map(async (name) => await store.putManifest("a", record(name), ["x"])),
      );
      before = everything(store);
    }
    const size = (await readFile(path)).byteLength;
    await using store = await open(path);
    expect(everything(store)).toEqual(before);
    expect((await readFile(path)).byteLength).toBeLessThan(size / 10);
  });

  test("while it changes, loses and invents nothing", async () => {
    const name = fc.constantFrom("a", "b", "c/d");
    const thing = fc.integer({ min: 0, max: 12 }).map(String);
    const change = fc.record({
      op: fc.constantFrom("put", "put", "refer", "untag", "delete", "link", "unlink", "wait"),
      name,
      thing,
      tags: fc.uniqueArray(fc.constantFrom("x", "y", "z"), { maxLength: 2 }),
    });
    const property = fc.asyncProperty(
      fc.array(change, { minLength: 50, maxLength: 300 }),
      async (changes) => {
        await using directory = await tempDirectory();
        const path = join(directory.path, "journal");
        const warnings: string[] = [];
        let expected: unknown;
        {
          await using store = await open(path, { warnings, slack: 3 });
          const pending: Promise<unknown>[] = [];
          for (const { op, name: repository, thing: text, tags } of changes) {
            if (op === "put") pending.push(store.putManifest(repository, record(text), tags));
            if (op === "refer")
              pending.push(
                store.putManifest(repository, referrer(text, digestOf("subject")), tags),
              );
            if (op === "untag") pending.push(store.deleteTag(repository, tags[0] ?? "x"));
            if (op === "delete") pending.push(store.deleteManifest(repository, digestOf(text)));
            if (op === "link") pending.push(store.addBlob(repository, digestOf(text)));
            if (op === "unlink") pending.push(store.removeBlob(repository, digestOf(text)));
            if (op === "wait") await Bun.sleep(0);
          }
          await Promise.all(pending);
          expected = everything(store);
        }
        const files = await readdir(directory.path);
        expect(files).toEqual(["journal"]);
        await using store = await open(path, { warnings });
        expect(everything(store)).toEqual(expected);
        expect(warnings).toEqual([]);
      },
    );
    await fc.assert(property, { numRuns: 12 });
  }, 60_000);

  test("keeps what comes while much is written", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "journal");
    let expected: unknown;
    {
      await using store = await openJournalMetadataStore({
        path,
        sync: "never",
        slack: 1000,
        onWarning: (message) => expect().fail(message),
      });
      // So many that to write them takes longer than one turn.
      for (let i = 0; i < 9000; i++) await store.putManifest("a", record(`${i}`), []);
      const size = (): number => Bun.file(path).size;
      // Until it was rewritten, which makes it shorter.
      for (let before = 0, turn = 0; size() >= before; turn++) {
        before = size();
        for (let i = 0; i < 200; i++) {
          await store.putManifest("b", record(`${turn} ${i % 20}`), [`t${i % 7}`]);
          await store.deleteManifest("b", record(`${turn - 1} ${i % 20}`).digest);
          await store.deleteManifest("a", digestOf(`${turn * 2 + i}`));
        }
        await Bun.sleep(0);
      }
      expected = everything(store);
    }
    await using store = await open(path);
    expect(everything(store)).toEqual(expected);
  }, 60_000);

  test("does not count what a killed rewriting left", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "journal");
    {
      await using store = await open(path);
      await fill(store);
    }
    await appendFile(`${path}.compacted`, "half a jour");
    await using store = await open(path);
    expect(store.tags("a")).toEqual(["1"]);
    expect(await readdir(directory.path)).toEqual(["journal"]);
  });
});

describe("a full disk", () => {
  test("fails changes without making them, until there is room again", async () => {
    await using disk = await smallDisk();
    const path = join(disk.path, "journal");
    let expected: unknown;
    {
      await using store = await open(path, { slack: 3 });
      await fill(store);
      await run(["sh", "-c", `cat /dev/zero > ${disk.path}/fill 2>/dev/null; true`]);
      // What is left of the last page may still take some.
      const failed: unknown[] = [];
      for (let i = 0; i < 100 && failed.length === 0; i++) {
        await store
          .putManifest("full", record(`${i}`), ["x"])
          .catch((error: unknown) => failed.push(error));
      }
      expect(failed[0]).toBeInstanceOf(HiveError);
      expect(failed[0]).toMatchObject({ message: expect.stringContaining("no space left") });
      const full = everything(store);
      const big = { ...record("big"), mediaType: "x".repeat(5000) };
      const errors = await Promise.all([
        rejection(store.putManifest("a", big, ["1", "2"])),
        rejection(store.putManifest("new", big, [])),
      ]);
      for (const error of errors) expect(error).toBeInstanceOf(HiveError);
      expect(everything(store)).toEqual(full);

      await rm(join(disk.path, "fill"));
      await store.putManifest("again", record("works"), ["1"]);
      expected = everything(store);
    }
    const warnings: string[] = [];
    await using store = await open(path, { warnings });
    expect(everything(store)).toEqual(expected);
    expect(warnings).toEqual([]);
  });
});

describe("a change that can't be made durable", () => {
  test("is undone with all that came after it, the last one first", async () => {
    const thing = fc.integer({ min: 0, max: 3 }).map(String);
    const change = fc.record({
      op: fc.constantFrom("put", "refer", "untag", "delete", "link", "unlink"),
      name: fc.constantFrom("a", "b"),
      thing,
      tags: fc.uniqueArray(fc.constantFrom("x", "y"), { maxLength: 2 }),
    });
    const changes = fc.array(change, { maxLength: 15 });
    const property = fc.asyncProperty(changes, changes, async (first, second) => {
      let undos: (() => void)[] = [];
      // A disk that fails can't be had here: the log stands for one.
      const store = createMetadataStore(emptyMetadataState(), {
        append: () => undefined,
        settle: async (undo) => void (undo !== undefined && undos.push(undo)),
      });
      const apply = async (list: typeof first): Promise<void> => {
        for (const { op, name, thing: text, tags } of list) {
          if (op === "put") await store.putManifest(name, record(text), tags);
          if (op === "refer")
            await store.putManifest(name, referrer(text, digestOf("subject")), tags);
          if (op === "untag") await store.deleteTag(name, tags[0] ?? "x");
          if (op === "delete") await store.deleteManifest(name, digestOf(text));
          if (op === "link") await store.addBlob(name, digestOf(text));
          if (op === "unlink") await store.removeBlob(name, digestOf(text));
        }
      };
      await apply(first);
      const before = everything(store);
      const listed = [...store.repositories()];
      undos = [];
      await apply(second);
      for (const undo of undos.toReversed()) undo();
      expect(everything(store)).toEqual(before);
      expect(store.repositories()).toEqual(listed);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test("leaves no bytes behind", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "journal");
    const file = openJournalFile(path, 0);
    file.append(Buffer.from("durable\n"));
    await file.sync();
    file.append(Buffer.from("not durable\n"));
    file.cutBack();
    file.append(Buffer.from("next\n"));
    file.close();
    expect(await readFile(path, "utf8")).toBe("durable\nnext\n");
  });
});
