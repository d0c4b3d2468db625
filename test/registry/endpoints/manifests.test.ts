import { describe, expect, test } from "bun:test";
import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { json } from "../../oci/support/sample-image.ts";
import { image, push } from "../support/push-image.ts";
import { codeOf, openRegistry } from "../support/registry-client.ts";

type ErrorBody = {
  readonly errors: readonly {
    readonly code: string;
    readonly detail: { readonly digest: string };
  }[];
};

describe("tags of a push by digest", () => {
  test("are all set, each once, and told", async () => {
    await using r = await openRegistry();
    const pushed = await image(r);
    const tags = Array.from({ length: 100 }, (_, i) => `t${i}`);
    const query = [...tags, "t0"].map((tag) => `tag=${tag}`).join("&");
    const response = await push(r, `/v2/a/manifests/${pushed.digest}?${query}`, pushed);
    expect(response.status).toBe(201);
    expect(response.headers.get("oci-tag")).toBe(tags.join(", "));
    const listed = (await (await r.send("GET", "/v2/a/tags/list")).json()) as { tags: string[] };
    expect(listed.tags).toEqual(tags.toSorted());
  });

  test("are none when there are too many, or one is invalid", async () => {
    await using r = await openRegistry();
    const pushed = await image(r);
    const path = `/v2/a/manifests/${pushed.digest}`;
    const many = Array.from({ length: 101 }, (_, i) => `tag=t${i}`).join("&");
    const tooMany = await push(r, `${path}?${many}`, pushed);
    expect([tooMany.status, await codeOf(tooMany)]).toEqual([414, "UNSUPPORTED"]);
    const invalid = await push(r, `${path}?tag=ok&tag=.x`, pushed);
    expect([invalid.status, await codeOf(invalid)]).toEqual([400, "MANIFEST_INVALID"]);
    expect((await r.send("HEAD", path)).status).toBe(404);
  });
});

describe("an image without its blobs", () => {
  const layers = Array.from({ length: 1000 }, (_, i) => ({
    mediaType: "application/vnd.oci.image.layer.v1.tar",
    digest: digestOf(`${i}`),
    size: 1,
  }));
  const config = { mediaType: mediaTypes.ociConfig, digest: digestOf("config"), size: 6 };
  const bytes = json({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers });

  test("is refused with the digests of some that are missing", async () => {
    await using r = await openRegistry();
    await r.blob("a", "config");
    const response = await push(r, "/v2/a/manifests/1", { bytes, digest: digestOf(bytes) });
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as ErrorBody;
    expect(errors.map(({ detail }) => detail.digest)).toEqual(
      layers.slice(0, 20).map(({ digest }) => digest),
    );
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["MANIFEST_BLOB_UNKNOWN"]));
  });

  test("is taken by a registry that is told to", async () => {
    await using r = await openRegistry({ incompleteImages: "accept" });
    const response = await push(r, "/v2/a/manifests/1", { bytes, digest: digestOf(bytes) });
    expect(response.status).toBe(201);
  });
});

test("an artifactType is no longer than a media type may be", async () => {
  await using r = await openRegistry();
  const pushed = await image(r, { artifactType: `a/${"b".repeat(254)}` });
  const response = await push(r, "/v2/a/manifests/1", pushed);
  expect([response.status, await codeOf(response)]).toEqual([400, "MANIFEST_INVALID"]);
});
