import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { openInputStore } from "../../src/inputs/input-store.ts";
import { readInputs } from "../../src/inputs/read-inputs.ts";
import { inputKey } from "../../src/inputs/target-inputs.ts";
import { targetStatuses } from "../../src/inputs/target-status.ts";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import type { Target } from "../../src/plan/plan.ts";
import { sampleDependency, sampleTarget } from "../build/sample-target.ts";
import { tempProject } from "../support/temp-project.ts";

const native = parsePlatform("amd64");
const exporter = {};

/** A parent and its child, both built; `statuses` compares others with them. */
async function family(more: Partial<Target> = {}) {
  await using stack = new AsyncDisposableStack();
  const project = stack.use(await tempProject({ Dockerfile: "FROM scratch\n", file: "one" }));
  const directory = join(project.root, ".hive");
  const layout = stack.use(await openLayout(directory));
  const context = {
    directory: project.root,
    dockerfile: join(project.root, "Dockerfile"),
    rootfs: [],
    exclude: [".hive"],
    rendered: {},
  };
  const base = sampleTarget("base", { context, epoch: 1, ...more });
  const child = sampleTarget("child", {
    context: { ...context, exclude: [".hive", "file"] },
    epoch: 1,
    dependencies: [sampleDependency(base, "base:1")],
  });
  const bases = new Map([["debian:12", digestOf("debian")]]);
  const store = openInputStore(directory, layout);
  for (const target of [base, child]) {
    const { inputs, content, volatile } = await readInputs(target, {
      contexts: store.contexts,
      parents: (id) => ({ digest: digestOf(id), dockerfile: "" }),
      bases,
      ignore: undefined,
      exporter,
      frontend: "v1",
      native,
    });
    store.texts.store(inputs.context, content.listing);
    store.texts.store(inputs.dockerfile, () => target.dockerfile.text);
    const key = volatile.length === 0 ? { key: inputKey(inputs) } : {};
    store.records.remember({
      target: target.id,
      ...key,
      digest: digestOf(target.id),
      time: 1,
      inputs,
    });
  }
  const owned = stack.move();
  return {
    base,
    child,
    root: project.root,
    async statuses(
      targets: readonly Target[] = [base, child],
      { pinned = bases, gone }: { pinned?: typeof bases; gone?: Digest } = {},
    ) {
      const found = await targetStatuses(
        { root: project.root, targets, aliases: [], warnings: [] },
        {
          store: openInputStore(directory),
          hasImage: (digest) => digest !== gone,
          basesOf: async () => pinned,
          exporter,
          native,
        },
      );
      return [...found.values()];
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe("targetStatuses()", () => {
  test("nothing changed", async () => {
    await using project = await family();
    const all = await project.statuses();
    expect(all).toMatchObject([{ status: "unchanged" }, { status: "unchanged" }]);
    for (const { changes, reasons } of all) expect([changes, reasons]).toEqual([[], []]);
  });

  test("a parent's change is the child's, too", async () => {
    await using project = await family();
    await Bun.write(join(project.root, "file"), "two");
    expect(await project.statuses()).toMatchObject([
      { status: "changed", changes: [{ kind: "file", path: "file", how: "content" }] },
      { status: "changed", changes: [{ kind: "parent", name: project.base.id }] },
    ]);
  });

  test("what was never built, and the same under another name", async () => {
    await using project = await family();
    const { base } = project;
    const copy = { ...base, id: sampleTarget("copy").id };
    const other = sampleTarget("other", {
      ...base,
      id: sampleTarget("other").id,
      buildArgs: { a: "1" },
    });
    expect(await project.statuses([copy, other])).toMatchObject([
      { status: "unchanged" },
      { status: "new", reasons: ["never built"] },
    ]);
  });

  test("what a registry decides is not known, nor what builds on it", async () => {
    await using project = await family({ externals: [{ reference: "debian:12" }] });
    expect(await project.statuses()).toMatchObject([
      { status: "unchanged" },
      { status: "unchanged" },
    ]);
    expect(await project.statuses(undefined, { pinned: new Map() })).toMatchObject([
      {
        status: "unknown",
        changes: [],
        reasons: [expect.stringContaining("debian:12 is not pinned")],
      },
      { status: "unknown", changes: [{ kind: "parent" }], reasons: [] },
    ]);
    const pinned = new Map([["debian:12", digestOf("other")]]);
    expect(await project.statuses(undefined, { pinned })).toMatchObject([
      { status: "changed", changes: [{ kind: "base", name: "debian:12" }] },
      { status: "changed" },
    ]);
  });

  test("an image that is gone", async () => {
    await using project = await family();
    const { base } = project;
    expect(await project.statuses([base], { gone: digestOf(base.id) })).toMatchObject([
      { status: "changed", reasons: ["its image is no longer in the store"] },
    ]);
  });

  test("ignore patterns that can't be read are left to BuildKit", async () => {
    await using project = await family();
    await Bun.write(join(project.root, ".dockerignore"), "[a\n");
    expect(await project.statuses([project.base])).toMatchObject([{ status: "unknown" }]);
  });
});
