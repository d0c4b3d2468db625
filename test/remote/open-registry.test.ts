import { describe, expect, test } from "bun:test";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { storeSampleImage, storeSampleIndex } from "../oci/support/sample-image.ts";
import { all, connect, failure } from "./support/connect.ts";
import { servedRegistry } from "./support/served-registry.ts";

const missing = digestOf("nothing");

describe("a registry of ours", () => {
  test("lists repositories and tags over many pages", async () => {
    await using registry = await servedRegistry({ limits: { pageSize: 2 } });
    const image = await storeSampleImage(registry.layout.blobs);
    for (const name of ["a", "b/c", "d", "e", "f"]) await registry.publish(`${name}:1`, image);
    for (const tag of ["2", "3", "4"]) await registry.publish(`a:${tag}`, image);
    const remote = connect(registry.address);
    await remote.ping();
    expect(await all(remote.catalog())).toEqual(["a", "b/c", "d", "e", "f"]);
    expect(await all(remote.tags("a"))).toEqual(["1", "2", "3", "4"]);
    expect(registry.requests.filter((request) => request.includes("_catalog"))).toHaveLength(3);
  });

  test("asks for the next page only when it is wanted", async () => {
    await using registry = await servedRegistry({ limits: { pageSize: 1 } });
    const image = await storeSampleImage(registry.layout.blobs);
    for (const name of ["a", "b", "c"]) await registry.publish(`${name}:1`, image);
    for await (const name of connect(registry.address).catalog()) {
      expect(name).toBe("a");
      break;
    }
    expect(registry.requests).toEqual(["GET /v2/_catalog?n=1000"]);
  });

  test("reads indexes, images and configurations, by tag and by digest", async () => {
    await using registry = await servedRegistry();
    const image = await storeSampleImage(registry.layout.blobs);
    const index = await storeSampleIndex(registry.layout.blobs, [image]);
    await registry.publish("team/app:1.0", index);
    const remote = connect(registry.address);

    const byTag = await remote.manifest("team/app", "1.0");
    expect(byTag.descriptor).toEqual(index);
    expect(digestOf(byTag.bytes)).toBe(index.digest);
    const child = await remote.manifest("team/app", image.digest);
    if (child.manifest.kind !== "image") throw new Error("it is an index");
    const config = await remote.blob("team/app", child.manifest.config);
    expect(JSON.parse(new TextDecoder().decode(config))).toMatchObject({ architecture: "amd64" });

    expect(await remote.headManifest("team/app", "1.0")).toEqual(index);
    expect(await remote.headManifest("team/app", image.digest)).toEqual(image);
    expect(await remote.headManifest("team/app", "none")).toBeUndefined();
    expect(await remote.findManifest("none", "1.0")).toBeUndefined();
  });

  test("tells what is not there", async () => {
    await using registry = await servedRegistry();
    const remote = connect(registry.address);
    const noManifest = await failure(remote.manifest("app", "1.0"));
    expect([noManifest.kind, noManifest.message]).toEqual([
      "failed",
      `There is no app:1.0 on ${registry.address}`,
    ]);
    const noTags = await failure(all(remote.tags("app")));
    expect(noTags.message).toBe(
      `Cannot list the tags of app on ${registry.address}: 404, NAME_UNKNOWN: unknown repository`,
    );
    const descriptor = { mediaType: mediaTypes.ociConfig, digest: missing, size: 1 };
    expect((await failure(remote.blob("app", descriptor))).message).toContain("BLOB_UNKNOWN");
  });

  test("lists what refers to an image", async () => {
    await using registry = await servedRegistry();
    const image = await storeSampleImage(registry.layout.blobs);
    await registry.publish("app:1", image);
    const digest = await registry.attach("app", image, "application/spdx+json");
    const remote = connect(registry.address);
    const [found, ...others] = await remote.referrers("app", image.digest);
    expect(found).toMatchObject({ digest, artifactType: "application/spdx+json" });
    expect(others).toEqual([]);
    expect(await remote.referrers("app", missing)).toEqual([]);
  });

  test("deletes tags, manifests and blobs, and says whether there was one", async () => {
    await using registry = await servedRegistry();
    const image = await storeSampleImage(registry.layout.blobs);
    for (const tag of ["1", "2"]) await registry.publish(`app:${tag}`, image);
    const remote = connect(registry.address);
    expect([await remote.deleteTag("app", "1"), await remote.deleteTag("app", "1")]).toEqual([
      true,
      false,
    ]);
    expect(await remote.headManifest("app", image.digest)).toBeDefined();
    expect(await remote.deleteManifest("app", image.digest)).toBe(true);
    expect(await remote.headManifest("app", "2")).toBeUndefined();
    expect(await remote.deleteManifest("app", image.digest)).toBe(false);
    expect(await remote.deleteBlob("app", missing)).toBe(false);
  });

  test("asks for no path that a name could lead to", async () => {
    await using registry = await servedRegistry();
    const remote = connect(registry.address);
    await failure(all(remote.tags("../v2/x")));
    await failure(all(remote.tags("a?b")));
    await failure(remote.manifest("a", "../x"));
    await failure(remote.deleteTag("a", "b/c"));
    expect(registry.requests).toEqual([]);
  });
});

describe("Basic authentication", () => {
  const credential = { username: "user", secret: "hunter2:with:colons" };

  test("shows the credential, once asked how", async () => {
    await using registry = await servedRegistry({ credential });
    const image = await storeSampleImage(registry.layout.blobs);
    await registry.publish("app:1", image);
    const remote = connect(registry.address, { credential });
    expect(await all(remote.tags("app"))).toEqual(["1"]);
    await remote.manifest("app", "1");
    expect(registry.requests.map((request) => request.split("?")[0])).toEqual([
      "GET /v2/",
      "GET /v2/app/tags/list",
      "GET /v2/app/manifests/1",
    ]);
  });

  test.each([
    [undefined, "Log in with"],
    [{ username: "user", secret: "hunter3" }, "The name or password is wrong: log in again with"],
    [
      { bearer: "hunter3" },
      "What was shown has expired or was revoked, or gives no right to this: log in again with",
    ],
  ])("is told to log in with %p", async (shown, hint) => {
    await using registry = await servedRegistry({ credential });
    const error = await failure(connect(registry.address, { credential: shown }).ping());
    expect(error.kind).toBe("unauthorized");
    expect(error.message).toContain("401, UNAUTHORIZED: authentication required");
    expect(error.hint).toBe(`${hint} \`hive login ${registry.address}\`.`);
    expect(`${error.message}${error.hint}`).not.toContain("hunter3");
  });
});
