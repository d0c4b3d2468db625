import { describe, expect, test } from "bun:test";
import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { image, push } from "../support/push-image.ts";
import { openRegistry, type RegistryFixture } from "../support/registry-client.ts";

type Listed = {
  readonly digest: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
};

type Page = {
  readonly manifests: readonly Listed[];
  readonly bytes: number;
  readonly next: string | undefined;
};

const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf("subject"), size: 7 };
const first = `/v2/a/referrers/${subject.digest}`;

async function refer(
  r: RegistryFixture,
  name: string,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const pushed = await image(r, { subject, annotations: { name }, ...extra });
  expect((await push(r, `/v2/a/manifests/${pushed.digest}`, pushed)).status).toBe(201);
  return pushed.digest;
}

async function page(r: RegistryFixture, path: string): Promise<Page> {
  const response = await r.send("GET", path);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe(mediaTypes.ociIndex);
  const text = await response.text();
  const { manifests } = JSON.parse(text) as { manifests: Listed[] };
  const next = /^<(\/v2\/[^>]+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
  return { manifests, bytes: Buffer.byteLength(text), next };
}

describe("pages of referrers", () => {
  test("list each once while others come and go", async () => {
    await using r = await openRegistry({ limits: { pageSize: 7 } });
    const there: string[] = [];
    for (let i = 0; i < 40; i++) there.push(await refer(r, `${i}`));
    const gone = new Set<string>();
    const seen: string[] = [];
    let path: string | undefined = first;
    for (let round = 0; path !== undefined; round++) {
      const { manifests, next }: Page = await page(r, path);
      expect(manifests.length).toBeLessThanOrEqual(7);
      seen.push(...manifests.map(({ digest }) => digest));
      await refer(r, `new ${round}`);
      // The one that the next page starts after, too.
      const removed = round === 2 ? seen.at(-1) : there[round];
      if (removed !== undefined) {
        await r.send("DELETE", `/v2/a/manifests/${removed}`);
        gone.add(removed);
      }
      path = next;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(there.filter((digest) => !gone.has(digest) && !seen.includes(digest))).toEqual([]);
  });

  test("keep the filter", async () => {
    await using r = await openRegistry({ limits: { pageSize: 2 } });
    const wanted: string[] = [];
    for (let i = 0; i < 5; i++) {
      await refer(r, `${i}`, { artifactType: "application/other" });
      wanted.push(await refer(r, `${i}`, { artifactType: "application/a+json" }));
    }
    const seen: Listed[] = [];
    let path: string | undefined = `${first}?artifactType=application%2Fa%2Bjson`;
    while (path !== undefined) {
      const { manifests, next }: Page = await page(r, path);
      seen.push(...manifests);
      path = next;
    }
    expect(seen.map(({ digest }) => digest)).toEqual(wanted.toSorted());
    expect(new Set(seen.map(({ artifactType }) => artifactType))).toEqual(
      new Set(["application/a+json"]),
    );
  });

  test("are no bigger than a manifest may be, and have all annotations of big ones", async () => {
    const limit = 200_000;
    await using r = await openRegistry({ limits: { manifestSize: limit } });
    const pushed = new Map<string, string>();
    for (let i = 0; i < 6; i++) {
      const text = `${i}`.repeat(90_000);
      pushed.set(await refer(r, `${i}`, { annotations: { text } }), text);
    }
    let path: string | undefined = first;
    let pages = 0;
    while (path !== undefined) {
      const { manifests, bytes, next }: Page = await page(r, path);
      expect(bytes).toBeLessThan(limit + 1000);
      for (const { digest, annotations } of manifests) {
        expect(annotations).toEqual({ text: pushed.get(digest) ?? "" });
        pushed.delete(digest);
      }
      pages += 1;
      path = next;
    }
    expect([pages, pushed.size]).toEqual([3, 0]);
  });

  test("after the end are empty, and an empty filter is none", async () => {
    await using r = await openRegistry();
    await refer(r, "x");
    expect((await page(r, `${first}?last=sha256:${"f".repeat(64)}`)).manifests).toEqual([]);
    expect((await page(r, `${first}?artifactType=`)).manifests).toHaveLength(1);
  });
});

test("the type of a referrer that says an empty one is that of its config", async () => {
  await using r = await openRegistry();
  await refer(r, "x", { artifactType: "" });
  const { manifests } = await page(r, first);
  expect(manifests).toMatchObject([{ artifactType: mediaTypes.ociConfig }]);
});
