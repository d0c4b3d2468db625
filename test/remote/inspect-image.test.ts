import { describe, expect, test } from "bun:test";
import { storeBlob } from "../../src/oci/blob-store.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { inspectImage, manifestFor } from "../../src/remote/inspect-image.ts";
import { json, storeSampleImage, storeSampleIndex } from "../oci/support/sample-image.ts";
import { connect, failure } from "./support/connect.ts";
import { type ServedRegistry, servedRegistry } from "./support/served-registry.ts";

async function inspect(registry: ServedRegistry, tag: string, platform?: string) {
  const remote = connect(registry.address);
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  return await inspectImage(remote, "app", await manifestFor(remote, "app", tag, wanted));
}

function onPlatform(image: Descriptor, architecture: string, variant?: string): Descriptor {
  const platform = { os: "linux", architecture, ...(variant === undefined ? {} : { variant }) };
  return { ...image, platform };
}

describe("inspectImage()", () => {
  test("an index shows its platforms, each of them its image", async () => {
    await using registry = await servedRegistry();
    const { blobs } = registry.layout;
    const amd64 = await storeSampleImage(blobs);
    const arm64 = await storeSampleImage(blobs, { architecture: "arm64" });
    const index = await storeSampleIndex(blobs, [
      onPlatform(amd64, "amd64"),
      onPlatform(arm64, "arm64", "v8"),
    ]);
    await registry.publish("app:1", index);
    const sbom = await registry.attach("app", index, "application/spdx+json");

    const whole = await inspect(registry, "1");
    expect(whole).toMatchObject({ ...index, annotations: {} });
    expect(whole.image).toBeUndefined();
    expect(whole.platforms?.map(({ platform, digest }) => [platform, digest])).toEqual([
      ["linux/amd64", amd64.digest],
      ["linux/arm64", arm64.digest],
    ]);
    expect(whole.referrers.map(({ digest }): string => digest)).toEqual([sbom]);

    const half = await inspect(registry, "1", "linux/arm64");
    expect(half).toMatchObject({ digest: arm64.digest, referrers: [] });
    expect(half.image?.config).toMatchObject({ platform: "linux/arm64", cmd: ["/hello"] });
    expect(half.image?.layers).toHaveLength(1);

    const none = await failure(inspect(registry, "1", "windows/amd64"));
    expect([none.kind, none.hint]).toEqual(["usage", "It has linux/amd64, linux/arm64."]);
  });

  test("a single image is there for its own platform only", async () => {
    await using registry = await servedRegistry();
    const image = await storeSampleImage(registry.layout.blobs, { architecture: "arm64" });
    await registry.publish("app:1", image);
    expect(await inspect(registry, "1", "linux/arm64/v8")).toMatchObject({ digest: image.digest });
    const none = await failure(inspect(registry, "1", "linux/amd64"));
    expect([none.kind, none.hint]).toEqual(["usage", "It is a single image, for linux/arm64."]);
  });

  test("an index of one image and its attestation shows that image", async () => {
    await using registry = await servedRegistry();
    const { blobs } = registry.layout;
    const image = await storeSampleImage(blobs);
    const attestation = await storeSampleImage(blobs, { text: "attestation" });
    const index = await storeSampleIndex(blobs, [
      onPlatform(image, "amd64"),
      { ...attestation, platform: { os: "unknown", architecture: "unknown" } },
    ]);
    await registry.publish("app:1", index);
    expect((await inspect(registry, "1")).image?.digest).toBe(image.digest);
  });

  test("an artifact has no configuration of an image", async () => {
    await using registry = await servedRegistry();
    const image = await storeSampleImage(registry.layout.blobs);
    await registry.publish("app:1", image);
    const digest = await registry.attach("app", image, "application/spdx+json");
    const artifact = await inspect(registry, digest);
    expect(artifact).toMatchObject({
      artifactType: "application/spdx+json",
      subject: image.digest,
    });
    expect(artifact.image?.config).toBeUndefined();
  });

  test("a configuration says what there is in it, and bears what should not be", async () => {
    await using registry = await servedRegistry();
    const { blobs } = registry.layout;
    const put = async (content: unknown, mediaType: string): Promise<Descriptor> => {
      const { digest, size } = await storeBlob(blobs, json(content));
      return { mediaType, digest, size };
    };
    const config = await put(
      {
        os: "linux",
        architecture: "arm",
        variant: "v7",
        created: "2026-01-02T03:04:05Z",
        config: {
          User: "app",
          WorkingDir: "/srv",
          Entrypoint: ["/app", 7],
          Cmd: "no list",
          Env: ["A=b", "C=d=e"],
          ExposedPorts: { "8080/tcp": {}, "53/udp": {} },
          Volumes: { "/data": {} },
          Labels: { a: "b", c: 7 },
        },
        history: [{ created_by: "RUN make" }, { created_by: 7, empty_layer: true }],
      },
      mediaTypes.ociConfig,
    );
    const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [] };
    await registry.publish("app:1", await put(manifest, mediaTypes.ociManifest));
    expect((await inspect(registry, "1")).image?.config).toEqual({
      platform: "linux/arm/v7",
      created: "2026-01-02T03:04:05Z",
      user: "app",
      workingDirectory: "/srv",
      entrypoint: ["/app"],
      cmd: [],
      env: ["A=b", "C=d=e"],
      exposedPorts: ["53/udp", "8080/tcp"],
      volumes: ["/data"],
      labels: { a: "b" },
      history: [
        { createdBy: "RUN make", emptyLayer: false },
        { createdBy: "", emptyLayer: true },
      ],
    });
  });

  test("a configuration that is none, or too big to read, is told", async () => {
    await using registry = await servedRegistry();
    const { blobs } = registry.layout;
    const broken = await storeBlob(blobs, json(["no object"]));
    const named = async (tag: string, config: Descriptor): Promise<void> => {
      const manifest = json({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config,
        layers: [],
      });
      const { digest, size } = await storeBlob(blobs, manifest);
      await registry.publish(`app:${tag}`, { mediaType: mediaTypes.ociManifest, digest, size });
    };
    await named("broken", { mediaType: mediaTypes.ociConfig, ...broken });
    const huge = { digest: digestOf("huge"), size: 2 ** 40 };
    await named("huge", { mediaType: mediaTypes.ociConfig, ...huge });
    expect((await failure(inspect(registry, "broken"))).message).toContain("no JSON object");
    expect((await failure(inspect(registry, "huge"))).message).toContain("too big");
  });
});
