import { describe, expect, test } from "bun:test";
import { quickResolver } from "../../src/lock/quick-resolver.ts";
import { resolveBase } from "../../src/lock/resolve-base.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { serveRegistry } from "../../src/registry/serve-registry.ts";
import { openRegistry, type RemoteRegistry } from "../../src/remote/open-registry.ts";
import { storeSampleImage } from "../oci/support/sample-image.ts";
import { rejection } from "../support/rejection.ts";
import { tempDirectory } from "../support/temp-directory.ts";

/** A registry with `library/thing:latest`; every host is this one. */
async function library() {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDirectory());
  const layout = stack.use(await openLayout(directory.path));
  const image = await storeSampleImage(layout.blobs, { text: "thing" });
  await layout.update(new Map([["library/thing:latest", image]]));
  const server = stack.use(await serveRegistry({ layout }));
  const owned = stack.move();
  const hosts: string[] = [];
  return {
    digest: image.digest,
    hosts,
    open: async (host: string): Promise<RemoteRegistry> => {
      hosts.push(host);
      return openRegistry({ address: server.address, signal: new AbortController().signal });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe("resolveBase()", () => {
  test.each([
    { reference: "thing", host: "docker.io" },
    { reference: "library/thing:latest", host: "docker.io" },
    { reference: "docker.io/thing", host: "docker.io" },
    { reference: "index.docker.io/library/thing", host: "docker.io" },
    { reference: "example.test:5000/library/thing", host: "example.test:5000" },
  ])("asks $host for $reference", async ({ reference, host }) => {
    await using registry = await library();
    expect(await resolveBase(reference, registry.open)).toBe(registry.digest);
    expect(registry.hosts).toEqual([host]);
  });

  test("says that there is no such image, and what is no reference", async () => {
    await using registry = await library();
    expect(await rejection(resolveBase("thing:2", registry.open))).toMatchObject({
      kind: "failed",
      message: "There is no thing:2 at docker.io",
    });
    expect(await rejection(resolveBase("Thing", registry.open))).toMatchObject({ kind: "usage" });
  });
});

describe("quickResolver()", () => {
  test("does without what can't be resolved", async () => {
    await using registry = await library();
    const resolve = quickResolver(registry.open, new AbortController().signal);
    expect(await Promise.all([resolve("thing"), resolve("other"), resolve("Bad")])).toEqual([
      registry.digest,
      undefined,
      undefined,
    ]);
  });

  test("does not wait for a registry that never answers", async () => {
    const limit = new AbortController();
    const resolve = quickResolver(() => new Promise(() => undefined), limit.signal);
    const asked = Array.from({ length: 40 }, (_, index) => resolve(`thing:${index}`));
    limit.abort();
    expect(new Set(await Promise.all(asked))).toEqual(new Set([undefined]));
    expect(await resolve("late")).toBeUndefined();
  });
});
