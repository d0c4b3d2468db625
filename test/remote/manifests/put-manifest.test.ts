import { describe, expect, test } from "bun:test";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { json, storeSampleImage } from "../../oci/support/sample-image.ts";
import { connect, failure } from "../support/connect.ts";
import { servedRegistry } from "../support/served-registry.ts";

const empty = {
  mediaType: "application/vnd.oci.empty.v1+json",
  digest: digestOf("{}"),
  size: 2,
};

const subject: Descriptor = {
  mediaType: mediaTypes.ociManifest,
  digest: digestOf("subject"),
  size: 7,
};

const tag = subject.digest.replace(":", "-");

function referrer(name: string): { bytes: Uint8Array<ArrayBuffer>; mediaType: string } {
  const bytes = json({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: `application/${name}`,
    config: empty,
    layers: [empty],
    subject,
    annotations: { name },
  });
  return { bytes, mediaType: mediaTypes.ociManifest };
}

/** A registry of before there were subjects: it keeps manifests, and that is all. */
function oldRegistry(
  interfere?: (manifests: Map<string, Uint8Array>, count: number) => void,
  /** Takes lists only of what is there. */
  isStrict = false,
) {
  const manifests = new Map<string, Uint8Array>();
  let written = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const reference = pathname.slice(pathname.lastIndexOf("/") + 1);
      if (request.method === "PUT") {
        // So that what is written at the same time could be lost.
        const bytes = await request.bytes();
        const { manifests: listed = [] } = JSON.parse(Buffer.from(bytes).toString()) as {
          manifests?: Descriptor[];
        };
        if (isStrict && listed.some(({ digest }) => !manifests.has(digest))) {
          const errors = [{ code: "MANIFEST_BLOB_UNKNOWN", message: "blob unknown to registry" }];
          return Response.json({ errors }, { status: 404 });
        }
        manifests.set(reference, bytes);
        manifests.set(digestOf(bytes), bytes);
        interfere?.(manifests, ++written);
        return new Response(null, { status: 201 });
      }
      const found = manifests.get(reference);
      if (request.method === "DELETE") {
        return new Response(null, { status: manifests.delete(reference) ? 202 : 404 });
      }
      if (found === undefined) return new Response(null, { status: 404 });
      const { mediaType = "" } = JSON.parse(Buffer.from(found).toString());
      return new Response(found, { headers: { "Content-Type": mediaType } });
    },
  });
  return {
    address: `127.0.0.1:${server.port}`,
    manifests,
    listed: () =>
      JSON.parse(Buffer.from(manifests.get(tag) ?? new Uint8Array()).toString()).manifests,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

describe("putManifest()", () => {
  test("writes under tags and digests, of any algorithm", async () => {
    await using registry = await servedRegistry();
    const image = await storeSampleImage(registry.layout.blobs);
    await registry.publish("app:1", image);
    const remote = connect(registry.address);
    const { bytes } = await remote.manifest("app", "1");
    const content = { mediaType: image.mediaType, bytes };
    const long = digestOf(bytes, "sha512");
    for (const reference of ["2", image.digest, long]) {
      await remote.putManifest("app", reference, content);
      expect((await remote.manifest("app", reference)).bytes).toEqual(bytes);
    }
    const wrong = await failure(remote.putManifest("app", digestOf("x"), content));
    expect(wrong.kind).toBe("failed");
  });

  test("leaves the list to a registry that keeps one", async () => {
    await using registry = await servedRegistry();
    const remote = connect(registry.address);
    await remote.writeBlob("app", empty, () => new Blob(["{}"]));
    const { bytes, mediaType } = referrer("sbom");
    await remote.putManifest("app", digestOf(bytes), { bytes, mediaType });
    expect(await remote.referrers("app", subject.digest)).toHaveLength(1);
    expect(await remote.findManifest("app", tag)).toBeUndefined();
  });

  test("lists it under the subject's tag otherwise, beside what is there, once", async () => {
    await using registry = oldRegistry();
    const remote = connect(registry.address);
    const contents = ["a", "b", "c", "d"].map(referrer);
    await Promise.all(
      [...contents, ...contents].map((content) =>
        remote.putManifest("app", digestOf(content.bytes), content),
      ),
    );
    const listed = registry.listed() as Descriptor[];
    expect(listed.map(({ digest }) => digest).toSorted()).toEqual(
      contents.map(({ bytes }) => digestOf(bytes)).toSorted(),
    );
    expect(await remote.referrers("app", subject.digest)).toEqual(listed);
    const [content] = contents;
    expect(listed.find(({ artifactType }) => artifactType === "application/a")).toEqual({
      mediaType: mediaTypes.ociManifest,
      digest: digestOf(content?.bytes ?? ""),
      size: content?.bytes.byteLength ?? 0,
      artifactType: "application/a",
      annotations: { name: "a" },
    });
  });

  test("writes the list again when somebody else's took its place", async () => {
    const other = { mediaType: mediaTypes.ociManifest, digest: digestOf("other"), size: 1 };
    const theirs = json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [other] });
    await using registry = oldRegistry((manifests, count) => {
      if (count === 2) manifests.set(tag, theirs);
    });
    const content = referrer("a");
    await connect(registry.address).putManifest("app", digestOf(content.bytes), content);
    expect((registry.listed() as Descriptor[]).map(({ digest }) => digest)).toEqual([
      other.digest,
      digestOf(content.bytes),
    ]);
    await using busy = oldRegistry((manifests) => manifests.set(tag, theirs));
    const error = await failure(
      connect(busy.address).putManifest("app", digestOf(content.bytes), content),
    );
    expect(error.message).toContain(`Cannot write the list under app:${tag}`);
  });

  test("leaves out of the list what others have deleted, where the registry takes it no other way", async () => {
    await using registry = oldRegistry(undefined, true);
    const remote = connect(registry.address);
    const [gone, here, added] = [referrer("gone"), referrer("here"), referrer("added")];
    for (const content of [gone, here]) {
      await remote.putManifest("app", digestOf(content.bytes), content);
    }
    registry.manifests.delete(digestOf(gone.bytes));
    await remote.putManifest("app", digestOf(added.bytes), added);
    expect((registry.listed() as Descriptor[]).map(({ digest }) => digest)).toEqual([
      digestOf(here.bytes),
      digestOf(added.bytes),
    ]);
  });

  test("what is deleted is taken off the list", async () => {
    await using registry = oldRegistry(undefined, true);
    const remote = connect(registry.address);
    const [one, other] = [referrer("one"), referrer("other")];
    for (const content of [one, other]) {
      await remote.putManifest("app", digestOf(content.bytes), content);
    }
    expect(await remote.deleteManifest("app", digestOf(one.bytes))).toBe(true);
    const [left, ...more] = await remote.referrers("app", subject.digest);
    expect([left?.digest, more]).toEqual([digestOf(other.bytes), []]);
    expect(await remote.deleteManifest("app", digestOf(one.bytes))).toBe(false);
    expect(await remote.deleteManifest("app", digestOf(other.bytes))).toBe(true);
    expect(await remote.referrers("app", subject.digest)).toEqual([]);
  });

  test("keeps its hands off what is no list", async () => {
    await using registry = oldRegistry();
    const content = referrer("a");
    registry.manifests.set(tag, content.bytes);
    const error = await failure(
      connect(registry.address).putManifest("app", digestOf(content.bytes), content),
    );
    expect(error.hint).toContain("Something else stands there");
    expect(registry.manifests.get(tag)).toEqual(content.bytes);
  });
});
