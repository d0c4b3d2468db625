import { describe, expect, test } from "bun:test";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { applyDeletions, planDeletion } from "../../src/remote/plan-deletion.ts";
import { storeSampleImage, storeSampleIndex } from "../oci/support/sample-image.ts";
import { all, connect } from "./support/connect.ts";
import { type ServedRegistry, servedRegistry } from "./support/served-registry.ts";

type Sample = AsyncDisposable & {
  readonly registry: ServedRegistry;
  readonly remote: ReturnType<typeof connect>;
  /** `latest` and `1.0` stand for the index of amd64 and arm64, `amd64` for its one half, `other` for another image. */
  readonly index: Descriptor;
  readonly amd64: Descriptor;
  readonly other: Descriptor;
};

async function sample(): Promise<Sample> {
  const registry = await servedRegistry();
  const { blobs } = registry.layout;
  const amd64 = await storeSampleImage(blobs);
  const arm64 = await storeSampleImage(blobs, { architecture: "arm64" });
  const other = await storeSampleImage(blobs, { text: "other" });
  const index = await storeSampleIndex(blobs, [amd64, arm64]);
  const names = { latest: index, "1.0": index, amd64, other };
  for (const [tag, image] of Object.entries(names)) await registry.publish(`app:${tag}`, image);
  const remote = connect(registry.address);
  return {
    registry,
    remote,
    index,
    amd64,
    other,
    [Symbol.asyncDispose]: registry[Symbol.asyncDispose],
  };
}

const keep = { keepManifest: true };
const sweep = { keepManifest: false };

describe("deleting", () => {
  test("a tag keeps what another tag needs", async () => {
    await using s = await sample();
    const plan = await planDeletion(s.remote, "app", ["latest"], sweep);
    expect(plan).toEqual({
      deletions: [
        {
          repository: "app",
          reference: "latest",
          digest: s.index.digest,
          manifest: "kept",
          tags: ["latest"],
          neededBy: ["1.0"],
        },
      ],
      missing: [],
    });
    await all(applyDeletions(s.remote, plan.deletions));
    expect(await all(s.remote.tags("app"))).toEqual(["1.0", "amd64", "other"]);
    expect(await s.remote.headManifest("app", s.index.digest)).toBeDefined();
  });

  test("a tag keeps what an index needs that has a tag", async () => {
    await using s = await sample();
    const { deletions } = await planDeletion(s.remote, "app", ["amd64"], sweep);
    expect(deletions[0]).toMatchObject({ manifest: "kept", neededBy: ["1.0", "latest"] });
    await all(applyDeletions(s.remote, deletions));
    expect(await s.remote.headManifest("app", "amd64")).toBeUndefined();
    expect(await s.remote.headManifest("app", s.amd64.digest)).toBeDefined();
  });

  test("the last of the tags takes the manifest along", async () => {
    await using s = await sample();
    const { deletions } = await planDeletion(s.remote, "app", ["latest", "other", "1.0"], sweep);
    expect(deletions.map(({ reference, manifest }) => [reference, manifest])).toEqual([
      ["latest", "deleted"],
      ["other", "deleted"],
      ["1.0", "deleted"],
    ]);
    await all(applyDeletions(s.remote, deletions));
    expect(await all(s.remote.tags("app"))).toEqual(["amd64"]);
    expect(await s.remote.headManifest("app", s.index.digest)).toBeUndefined();
    expect(await s.remote.headManifest("app", s.other.digest)).toBeUndefined();
    // It has a tag of its own.
    expect(await s.remote.headManifest("app", s.amd64.digest)).toBeDefined();
  });

  test("with --keep-manifest only tags go, and no other tag is asked for", async () => {
    await using s = await sample();
    const { deletions } = await planDeletion(s.remote, "app", ["other"], keep);
    expect(deletions[0]).toMatchObject({ manifest: "kept", neededBy: [] });
    expect(s.registry.requests).toEqual(["HEAD /v2/app/manifests/other"]);
    await all(applyDeletions(s.remote, deletions));
    expect(await s.remote.headManifest("app", s.other.digest)).toBeDefined();
  });

  test("a digest takes its tags along, and says who needed it", async () => {
    await using s = await sample();
    const plan = await planDeletion(s.remote, "app", [s.amd64.digest, s.other.digest], keep);
    expect(plan.deletions).toMatchObject([
      { manifest: "deleted", tags: ["amd64"], neededBy: ["1.0", "latest"] },
      { manifest: "deleted", tags: ["other"], neededBy: [] },
    ]);
    await all(applyDeletions(s.remote, plan.deletions));
    expect(await all(s.remote.tags("app"))).toEqual(["1.0", "latest"]);
  });

  test("planning deletes nothing, and tells what there is not", async () => {
    await using s = await sample();
    const missing = digestOf("nothing");
    const plan = await planDeletion(s.remote, "app", ["other", "none", missing, "other"], sweep);
    expect([plan.deletions.length, plan.missing]).toEqual([1, ["none", missing]]);
    expect(s.registry.requests.filter((request) => request.startsWith("DELETE"))).toEqual([]);
    expect(await planDeletion(s.remote, "none", ["1"], sweep)).toEqual({
      deletions: [],
      missing: ["1"],
    });
  });

  test("a tag that was moved meanwhile stays", async () => {
    await using s = await sample();
    const { deletions } = await planDeletion(s.remote, "app", ["other"], sweep);
    await s.registry.publish("app:other", s.amd64);
    await all(applyDeletions(s.remote, deletions));
    expect(await s.remote.headManifest("app", "other")).toEqual(s.amd64);
  });
});
