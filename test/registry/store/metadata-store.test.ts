import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { type Digest, digestOf } from "../../../src/oci/digest.ts";
import { openJournalMetadataStore } from "../../../src/registry/store/journal-metadata-store.ts";
import type { SyncPolicy } from "../../../src/registry/store/journal.ts";
import { parseMetadataChange } from "../../../src/registry/store/metadata-change.ts";
import {
  applyChange,
  changesOf,
  emptyMetadataState,
} from "../../../src/registry/store/metadata-state.ts";
import { createMemoryMetadataStore } from "../../../src/registry/store/memory-metadata-store.ts";
import type { MetadataStore } from "../../../src/registry/store/metadata-store.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { record, referrer } from "./support/records.ts";

/** A store under test. `step` is called between two steps of a test, and gives the store to go on with. */
type Subject = AsyncDisposable & { step(): Promise<MetadataStore> };

const kinds: readonly { readonly name: string; readonly open: () => Promise<Subject> }[] = [
  { name: "in memory", open: openMemory },
  { name: "with a journal that is synced", open: async () => openJournal("always", false) },
  { name: "with a journal that is not synced", open: async () => openJournal("never", false) },
  { name: "reopened after each step", open: async () => openJournal("never", true) },
  { name: "synced, reopened after each step", open: async () => openJournal("always", true) },
];

async function openMemory(): Promise<Subject> {
  const store = createMemoryMetadataStore();
  return { step: async () => store, [Symbol.asyncDispose]: async () => undefined };
}

async function openJournal(sync: SyncPolicy, reopens: boolean): Promise<Subject> {
  const directory = await tempDirectory();
  const warnings: string[] = [];
  const open = async () =>
    await openJournalMetadataStore({
      path: join(directory.path, "journal"),
      sync,
      onWarning: (message) => warnings.push(message),
    });
  let store = await open();
  return {
    async step() {
      if (!reopens) return store;
      await store[Symbol.asyncDispose]();
      store = await open();
      return store;
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
      expect(warnings).toEqual([]);
    },
  };
}

describe.each(kinds)("a metadata store $name", ({ open }) => {
  test("finds a manifest by tag and by digest, only in its repository", async () => {
    await using subject = await open();
    const one = record("one");
    await (await subject.step()).putManifest("a/b", one, ["1", "latest"]);
    const store = await subject.step();
    expect(store.findTag("a/b", "latest")).toEqual(one);
    expect(store.findManifest("a/b", one.digest)).toEqual(one);
    expect([...store.manifests("a/b")]).toEqual([one]);
    expect(store.findTag("a/b", "2")).toBeUndefined();
    expect(store.findTag("a", "1")).toBeUndefined();
    expect(store.findManifest("a", one.digest)).toBeUndefined();
    expect(store.tags("a/b")).toEqual(["1", "latest"]);
    expect(store.tags("a")).toBeUndefined();
  });

  test("lists tags and repositories in order, whatever came when", async () => {
    await using subject = await open();
    let store = await subject.step();
    for (const tag of ["b", "a10", "B", "a2", "a2", "_"]) {
      await store.putManifest("z", record(tag), [tag]);
      await store.putManifest(`r${tag.toLowerCase().replace("_", "u")}`, record(tag), []);
      store = await subject.step();
      expect(store.tags("z")).toEqual([...(store.tags("z") ?? [])].toSorted());
    }
    expect(store.tags("z")).toEqual(["B", "_", "a10", "a2", "b"]);
    expect(store.repositories()).toEqual(["ra10", "ra2", "rb", "ru", "z"]);
    await store.deleteTag("z", "_");
    store = await subject.step();
    expect(store.tags("z")).toEqual(["B", "a10", "a2", "b"]);
  });

  test("moves a tag, and removes it alone", async () => {
    await using subject = await open();
    let store = await subject.step();
    await store.putManifest("a", record("old"), ["x", "y"]);
    store = await subject.step();
    await store.putManifest("a", record("new"), ["x"]);
    store = await subject.step();
    expect(store.findTag("a", "x")).toEqual(record("new"));
    expect(store.findTag("a", "y")).toEqual(record("old"));
    expect(await store.deleteTag("a", "y")).toBe(true);
    store = await subject.step();
    expect(await store.deleteTag("a", "y")).toBe(false);
    expect(await store.deleteTag("none", "y")).toBe(false);
    expect(store.findManifest("a", digestOf("old"))).toEqual(record("old"));
    expect(store.tags("a")).toEqual(["x"]);
  });

  test("removes a manifest with its tags and nothing else", async () => {
    await using subject = await open();
    let store = await subject.step();
    await store.putManifest("a", record("one"), ["1", "latest"]);
    await store.putManifest("a", record("two"), ["2"]);
    await store.putManifest("b", record("one"), ["1"]);
    store = await subject.step();
    expect(await store.deleteManifest("a", digestOf("one"))).toBe(true);
    store = await subject.step();
    expect(await store.deleteManifest("a", digestOf("one"))).toBe(false);
    expect(store.tags("a")).toEqual(["2"]);
    expect(store.findTag("b", "1")).toEqual(record("one"));
    await store.deleteManifest("a", digestOf("two"));
    store = await subject.step();
    expect(store.repositories()).toEqual(["b"]);
    expect(store.tags("a")).toBeUndefined();
  });

  test("knows when a manifest was last given a tag", async () => {
    await using subject = await open();
    const one = record("one");
    const aTickLater = async (time: number | undefined): Promise<void> => {
      await waitUntil("the clock goes on", 10_000, () => Date.now() > (time ?? 0) || undefined);
    };
    const pushed = async (): Promise<number> =>
      (await subject.step()).pushedAt("a", one.digest) ?? 0;
    await (await subject.step()).putManifest("a", one, []);
    const first = await pushed();
    await aTickLater(first);
    await (await subject.step()).putManifest("a", one, ["1", "latest"]);
    const second = await pushed();
    expect(second).toBeGreaterThan(first);

    await aTickLater(second);
    const store = await subject.step();
    await store.putManifest("a", one, []);
    await store.putManifest("a", record("two"), ["latest"]);
    await store.deleteTag("a", "1");
    expect(await pushed()).toBe(second);
    expect((await subject.step()).untaggedSince("a", one.digest)).toBeGreaterThan(second);
    expect((await subject.step()).pushedAt("a", digestOf("none"))).toBeUndefined();
    expect((await subject.step()).pushedAt("none", one.digest)).toBeUndefined();
  });

  test("knows since when no tag leads to a manifest", async () => {
    await using subject = await open();
    let store = await subject.step();
    const start = Date.now();
    await store.putManifest("a", record("one"), ["x"]);
    await store.putManifest("a", record("two"), []);
    store = await subject.step();
    expect(store.untaggedSince("a", digestOf("one"))).toBeUndefined();
    expect(store.untaggedSince("a", digestOf("two"))).toBeGreaterThanOrEqual(start);
    expect(store.untaggedSince("a", digestOf("none"))).toBeUndefined();
    await Bun.sleep(5);
    await store.putManifest("a", record("two"), ["x"]);
    store = await subject.step();
    expect(store.untaggedSince("a", digestOf("one"))).toBeGreaterThanOrEqual(start + 4);
    expect(store.untaggedSince("a", digestOf("two"))).toBeUndefined();
  });

  test("lists referrers of a subject that need not be there, in the order they came", async () => {
    await using subject = await open();
    let store = await subject.step();
    const target = digestOf("subject");
    const list = ["c", "a", "b"].map((name) => referrer(name, target));
    for (const item of list) {
      await store.putManifest("a", item, []);
      store = await subject.step();
    }
    const descriptors = list.map((item) => item.referrer?.descriptor);
    expect(store.referrers("a", target)).toEqual(descriptors as never);
    expect(store.referrers("b", target)).toEqual([]);
    await store.deleteManifest("a", digestOf("c"));
    store = await subject.step();
    expect(store.referrers("a", target)).toEqual(descriptors.slice(1) as never);
  });

  test("knows which repositories have a blob", async () => {
    await using subject = await open();
    let store = await subject.step();
    const blob = digestOf("blob");
    await store.addBlob("a", blob);
    await store.addBlob("a", blob);
    await store.addBlob("b", blob);
    store = await subject.step();
    expect(store.hasBlob("a", blob)).toBe(true);
    expect(store.hasBlob("c", blob)).toBe(false);
    expect([...store.repositoriesWithBlob(blob)].toSorted()).toEqual(["a", "b"]);
    expect([...store.blobs("a")]).toEqual([blob]);
    expect(store.repositories()).toEqual([]);
    expect(store.repositoryCount()).toBe(2);
    expect(await store.removeBlob("a", blob)).toBe(true);
    store = await subject.step();
    expect(await store.removeBlob("a", blob)).toBe(false);
    expect(store.hasRepository("a")).toBe(false);
    expect([...store.allRepositories()]).toEqual(["b"]);
  });

  test("is not confused by names that mean something in JavaScript", async () => {
    await using subject = await open();
    let store = await subject.step();
    expect(store.findTag("constructor", "__proto__")).toBeUndefined();
    await store.putManifest("constructor", record("one"), ["__proto__", "toString"]);
    store = await subject.step();
    expect(store.tags("constructor")).toEqual(["__proto__", "toString"]);
    expect(store.findTag("constructor", "__proto__")).toEqual(record("one"));
  });

  test("does what a simple model does", async () => {
    const name = fc.constantFrom("a", "b");
    const tag = fc.constantFrom("x", "y", "z");
    const thing = fc.constantFrom("1", "2", "3");
    const change = fc.oneof(
      fc.record({ op: fc.constant("put" as const), name, thing, tags: fc.array(tag) }),
      fc.record({ op: fc.constant("untag" as const), name, tag }),
      fc.record({ op: fc.constant("delete" as const), name, thing }),
      fc.record({ op: fc.constant("link" as const), name, thing }),
      fc.record({ op: fc.constant("unlink" as const), name, thing }),
    );
    const property = fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (changes) => {
      await using subject = await open();
      const model = {
        manifests: new Set<string>(),
        tags: new Map<string, string>(),
        blobs: new Set<string>(),
      };
      let store = await subject.step();
      for (const [index, step] of changes.entries()) {
        const key = "thing" in step ? `${step.name} ${step.thing}` : "";
        switch (step.op) {
          case "put":
            await store.putManifest(step.name, record(step.thing), step.tags);
            model.manifests.add(key);
            for (const each of step.tags) model.tags.set(`${step.name} ${each}`, key);
            break;
          case "untag":
            expect(await store.deleteTag(step.name, step.tag)).toBe(
              model.tags.delete(`${step.name} ${step.tag}`),
            );
            break;
          case "delete":
            expect(await store.deleteManifest(step.name, digestOf(step.thing))).toBe(
              model.manifests.delete(key),
            );
            for (const [each, target] of model.tags) if (target === key) model.tags.delete(each);
            break;
          case "link":
            await store.addBlob(step.name, digestOf(step.thing));
            model.blobs.add(key);
            break;
          case "unlink":
            expect(await store.removeBlob(step.name, digestOf(step.thing))).toBe(
              model.blobs.delete(key),
            );
            break;
        }
        if (index % 5 === 0) store = await subject.step();
      }
      store = await subject.step();
      for (const repository of ["a", "b"]) {
        for (const each of ["1", "2", "3"]) {
          const key = `${repository} ${each}`;
          expect(store.findManifest(repository, digestOf(each)) !== undefined).toBe(
            model.manifests.has(key),
          );
          expect(store.hasBlob(repository, digestOf(each))).toBe(model.blobs.has(key));
        }
        const tags = [...model.tags].filter(([each]) => each.startsWith(`${repository} `));
        expect(store.tags(repository) ?? []).toEqual(
          tags.map(([each]) => each.slice(2)).toSorted(),
        );
        for (const [each, target] of tags) {
          expect(store.findTag(repository, each.slice(2))?.digest).toBe(digestOf(target.slice(2)));
        }
      }
      const listed = new Set([...model.manifests].map((key) => key.slice(0, 1)));
      expect(store.repositories()).toEqual([...listed].toSorted());
    });
    await fc.assert(property, { numRuns: 25 });
  });
});

test("the time when a manifest was last given a tag outlives a journal that is written anew", () => {
  const one = record("one");
  const state = emptyMetadataState();
  const change = (written: Parameters<typeof applyChange>[1]) => applyChange(state, written);
  change({ op: "put", repository: "a", record: one, tags: ["1"], at: 1000 });
  change({ op: "put", repository: "a", record: record("two"), tags: ["1"], at: 2000 });
  const copy = emptyMetadataState();
  for (const line of [...changesOf(state)].map((written) => JSON.stringify(written))) {
    applyChange(copy, parseMetadataChange(line));
  }
  const held = (digest: Digest): unknown => copy.repositories.get("a")?.manifests.get(digest);
  expect(held(one.digest)).toMatchObject({ since: 2000, pushed: 1000 });
  expect(held(digestOf("two"))).toMatchObject({ since: 2000, pushed: 2000 });
  expect([...changesOf(copy)]).toEqual([...changesOf(state)]);

  // Undone, it is as before.
  const undo = applyChange(copy, {
    op: "put",
    repository: "a",
    record: one,
    tags: ["3"],
    at: 3000,
  });
  expect(held(one.digest)).toMatchObject({ pushed: 3000 });
  undo();
  expect(held(one.digest)).toMatchObject({ pushed: 1000 });
});
