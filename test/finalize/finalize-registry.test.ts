import { describe, expect, test } from "bun:test";
import { finalizeRegistry } from "../../src/finalize/finalize-registry.ts";
import type { WantedReference } from "../../src/finalize/wanted-references.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { storeSampleImage, storeSampleIndex } from "../oci/support/sample-image.ts";
import { connect, failure } from "../remote/support/connect.ts";
import { scriptedServer } from "../remote/support/scripted-server.ts";
import { type ServedRegistry, servedRegistry } from "../remote/support/served-registry.ts";

const platforms = ["amd64", "arm64"].map((text) => parsePlatform(text));
const options = {
  prefix: "",
  select: [],
  buildId: undefined,
  dockerMediaTypes: false,
  dryRun: false,
};

const app: WantedReference = {
  repository: "app",
  tag: "1.2",
  reference: "app:1.2",
  platforms,
  listed: platforms,
  aliases: ["1", "latest"],
};

async function publishAll(registry: ServedRegistry, suffix = ""): Promise<Descriptor[]> {
  const images: Descriptor[] = [];
  for (const architecture of ["amd64", "arm64"]) {
    const image = await storeSampleImage(registry.layout.blobs, { architecture });
    await registry.publish(`app:1.2.linux-${architecture}${suffix}`, image);
    images.push(image);
  }
  return images;
}

const written = ({ requests }: ServedRegistry): string[] =>
  requests.filter((request) => request.startsWith("PUT"));

describe("finalizeRegistry()", () => {
  test("writes the index, then its aliases, and nothing the second time", async () => {
    await using registry = await servedRegistry();
    const images = await publishAll(registry);
    const remote = connect(registry.address);
    const [first] = await finalizeRegistry(remote, [app], options);
    expect(written(registry)).toEqual([
      "PUT /v2/app/manifests/1.2",
      "PUT /v2/app/manifests/1",
      "PUT /v2/app/manifests/latest",
    ]);
    const { manifest, descriptor } = await remote.manifest("app", "latest");
    expect([descriptor.digest]).toEqual(first === undefined ? [] : [first.digest]);
    if (manifest.kind !== "index") throw new Error("It is no index");
    expect(manifest.manifests).toEqual(
      images.map((image, at) => Object.assign({}, image, { platform: platforms[at] })),
    );

    const before = registry.requests.length;
    const again = await finalizeRegistry(remote, [app], options);
    expect(again.some(({ changed }) => changed)).toBe(false);
    expect(registry.requests.slice(before).map((request) => request.split(" ")[0])).toEqual(
      Array.from({ length: 5 }, () => "HEAD"),
    );
  });

  test("goes on where a run broke off", async () => {
    await using registry = await servedRegistry();
    await publishAll(registry);
    const remote = connect(registry.address);
    await finalizeRegistry(remote, [{ ...app, aliases: [] }], options);
    await finalizeRegistry(remote, [app], options);
    expect(written(registry)).toEqual([
      "PUT /v2/app/manifests/1.2",
      "PUT /v2/app/manifests/1",
      "PUT /v2/app/manifests/latest",
    ]);
  });

  test("takes one platform for what it is, and the image out of an index with that alone", async () => {
    await using registry = await servedRegistry();
    const [amd64] = await publishAll(registry);
    if (amd64 === undefined) throw new Error("There is no image");
    const platform = { os: "linux", architecture: "amd64" };
    const unknown = { os: "unknown", architecture: "unknown" };
    const attestation = await storeSampleImage(registry.layout.blobs, { text: "attestation" });
    const index = await storeSampleIndex(registry.layout.blobs, [
      { ...amd64, platform },
      { ...attestation, platform: unknown },
    ]);
    await registry.publish("app:1.2.linux-amd64-build.7", index);
    const one = { ...app, platforms: platforms.slice(0, 1), listed: [] };
    const named = await finalizeRegistry(connect(registry.address), [one], {
      ...options,
      buildId: "7",
    });
    expect(named.map(({ name, digest }) => [name.split("/").at(-1), digest])).toEqual([
      ["app:1.2-build.7", amd64.digest],
      ["app:1-build.7", amd64.digest],
      ["app:latest-build.7", amd64.digest],
    ]);
  });

  test("writes nothing when one of them is not whole", async () => {
    await using registry = await servedRegistry();
    await publishAll(registry);
    const other = { ...app, tag: "3", reference: "app:3", aliases: [] };
    const error = await failure(finalizeRegistry(connect(registry.address), [app, other], options));
    expect(error.message).toContain(" does not have app:3.linux-amd64 and app:3.linux-arm64");
    expect(error.hint).toContain("`hive build app:3`");
    expect(written(registry)).toEqual([]);
  });

  test("writes nothing when it is asked what it would do", async () => {
    await using registry = await servedRegistry();
    await publishAll(registry);
    const remote = connect(registry.address);
    const dry = await finalizeRegistry(remote, [app], { ...options, dryRun: true });
    expect(dry.map(({ changed }) => changed)).toEqual([true, true, true]);
    expect(written(registry)).toEqual([]);
  });

  test("refuses an index of several platforms under the tag of one", async () => {
    await using registry = await servedRegistry();
    const images = await publishAll(registry);
    const platform = { os: "linux", architecture: "amd64" };
    const twice = images.map((image) => ({ ...image, platform }));
    await registry.publish(
      "app:1.2.linux-amd64",
      await storeSampleIndex(registry.layout.blobs, twice),
    );
    const error = await failure(finalizeRegistry(connect(registry.address), [app], options));
    expect(error.message).toContain("an index with 2 images for linux/amd64");
  });

  test("refuses OCI images where Docker's media types are asked for", async () => {
    await using registry = await servedRegistry();
    await publishAll(registry);
    const docker = { ...options, dockerMediaTypes: true };
    const error = await failure(finalizeRegistry(connect(registry.address), [app], docker));
    expect([error.message, error.hint]).toEqual([
      expect.stringContaining("has OCI media types, and Docker ones are asked for"),
      expect.stringContaining("docker_media_types to false"),
    ]);
  });
});

describe("putManifest()", () => {
  const content = { mediaType: mediaTypes.ociIndex, bytes: new TextEncoder().encode("{}") };

  test("is sent again when the registry is busy, and asks for the right to write", async () => {
    await using server = scriptedServer((asked, count) => {
      if (asked.authorization === null && !asked.path.startsWith("/token")) {
        const challenge = `Bearer realm="${server.url}/token",service="s"`;
        return new Response("", { status: 401, headers: { "WWW-Authenticate": challenge } });
      }
      if (asked.path.startsWith("/token")) return Response.json({ token: "t" });
      return new Response("", { status: count < 5 ? 503 : 201 });
    });
    await connect(server.address).putManifest("app", "1", content);
    const puts = server.asked.filter(({ authorization }) => authorization === "Bearer t");
    expect(puts.length).toBeGreaterThan(1);
    expect(puts.map(({ method, body }) => [method, body])).toContainEqual(["PUT", "{}"]);
    expect(server.asked.find(({ path }) => path.startsWith("/token"))?.path).toContain(
      encodeURIComponent("repository:app:pull,push"),
    );
  });

  test("fails when it is refused, or something else is stored", async () => {
    await using refusing = scriptedServer(() =>
      Response.json({ errors: [{ code: "DENIED", message: "tag is immutable" }] }, { status: 409 }),
    );
    const refused = await failure(connect(refusing.address).putManifest("app", "1", content));
    expect(refused.message).toContain("tag is immutable");
    const headers = { "Docker-Content-Digest": `sha256:${"0".repeat(64)}` };
    await using changing = scriptedServer(() => new Response("", { status: 201, headers }));
    const changed = await failure(connect(changing.address).putManifest("app", "1", content));
    expect(changed.message).toContain("stored sha256:000");
  });
});
