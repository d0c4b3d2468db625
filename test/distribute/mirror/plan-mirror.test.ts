import { afterAll, beforeAll, expect, test } from "bun:test";
import { globPattern } from "../../../src/plan/glob-pattern.ts";
import { planMirror } from "../../../src/distribute/mirror/plan-mirror.ts";
import type { WantedImage } from "../../../src/distribute/mirror/wanted-image.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { openRegistry, type RemoteRegistry } from "../../../src/remote/open-registry.ts";
import { rejection } from "../../support/rejection.ts";
import { storeSampleImage } from "../../oci/support/sample-image.ts";
import { type ServedRegistry, servedRegistry } from "../../remote/support/served-registry.ts";

let served: ServedRegistry;
let registry: RemoteRegistry;
const { signal } = new AbortController();

beforeAll(async () => {
  served = await servedRegistry();
  const image = await storeSampleImage(served.layout.blobs);
  for (const tag of ["2", "1", "1-slim"]) await served.publish(`library/os:${tag}`, image);
  registry = openRegistry({ address: served.address, signal });
});
afterAll(() => served[Symbol.asyncDispose]());

/** `repository from -> repository:tags`, for what stands for docker.io. */
async function plan(prefix: string, ...wanted: readonly Partial<WantedImage>[]): Promise<string[]> {
  const transfers = await planMirror(
    wanted.map((image) => ({
      registry: "docker.io",
      repository: "library/os",
      written: "os:x",
      ...image,
    })),
    {
      destination: openRegistry({ address: "archive.test", signal }),
      prefix,
      open: async () => registry,
      referrers: false,
    },
  );
  return transfers.map(
    ({ from, to }) => `${from.repository} ${from.reference} -> ${to.repository} ${to.tags.join()}`,
  );
}

const digest = digestOf("image");

test("copies are called as they are elsewhere, below the name of their registry", async () => {
  expect(await plan("", { tag: "1" })).toEqual(["library/os 1 -> docker.io/library/os 1"]);
  expect(await plan("copies", { tag: "1", registry: "index.docker.io" })).toEqual([
    "library/os 1 -> copies/docker.io/library/os 1",
  ]);
  expect(await plan("", { tag: "1", registry: "r.test:5000", repository: "a/b" })).toEqual([
    "a/b 1 -> r.test_5000/a/b 1",
  ]);
});

test("what is left out is latest, a digest alone has no tag, with one it is what the tag stands for", async () => {
  expect(await plan("", {}, { digest }, { digest, tag: "1" })).toEqual([
    "library/os latest -> docker.io/library/os latest",
    `library/os ${digest} -> docker.io/library/os `,
    `library/os ${digest} -> docker.io/library/os 1`,
  ]);
});

test("a glob is every tag that it matches, sorted, and nothing is brought twice", async () => {
  expect(await plan("", { tags: globPattern("1*") }, { tag: "1" })).toEqual([
    "library/os 1 -> docker.io/library/os 1",
    "library/os 1-slim -> docker.io/library/os 1-slim",
  ]);
});

test("a name that is too long fails as a transfer", async () => {
  const long = `${"a".repeat(120)}/${"b".repeat(120)}`;
  const [transfer] = await planMirror(
    [{ registry: "registry.example.com", repository: long, tag: "1", written: `${long}:1` }],
    {
      destination: openRegistry({ address: "archive.test", signal }),
      prefix: "",
      open: async () => registry,
      referrers: false,
    },
  );
  const failure = rejection(Promise.resolve(transfer?.source.findDescriptor(long, "1")));
  expect(String(await failure)).toContain("is no repository name");
});
