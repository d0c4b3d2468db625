import { describe, expect, test } from "bun:test";
import { describeDaemon, fitToDaemon } from "../../../src/build/handover/daemon-limits.ts";
import type { Capabilities } from "../../../src/buildkit/capabilities.ts";
import type { Buildkit } from "../../../src/buildkit/connect-buildkit.ts";
import { createMemoryTree } from "../../../src/buildkit/memory-tree.ts";
import type { BuildRequest } from "../../../src/buildkit/solve-request.ts";
import type { Engine } from "../../../src/docker/engine.ts";
import { parsePlatform } from "../../../src/oci/platform.ts";
import type { Target } from "../../../src/plan/plan.ts";
import { rejection } from "../../support/rejection.ts";
import { sampleDependency, sampleTarget } from "../sample-target.ts";

const tree = createMemoryTree([], 0n);

const request: BuildRequest = {
  dockerfile: { name: "Dockerfile", bytes: new Uint8Array() },
  context: tree,
  sharedKey: "key",
  platform: parsePlatform("linux/amd64"),
  exporter: { type: "moby", attrs: {} },
};

const registryCache = { type: "registry", attrs: { ref: "cache:1" } };
const inlineCache = { type: "inline", attrs: {} };

type Limits = Pick<Capabilities, "namedContexts" | "exportsCache" | "exportsImages">;

/** The request as it comes out, and what was said about it. */
function fitted(limits: Partial<Limits>, ...builds: readonly [Target, Partial<BuildRequest>][]) {
  const warnings: string[] = [];
  const fit = fitToDaemon(
    { namedContexts: true, exportsCache: true, exportsImages: true, ...limits },
    { daemon: "Docker Engine 20.10", warn: ({ name }, text) => warnings.push(`${name}: ${text}`) },
  );
  const requests = builds.map(([target, more]) => fit(target, { ...request, ...more }));
  return { requests, warnings };
}

describe("fitToDaemon()", () => {
  test("leaves out caches that the daemon can't write, and says so once", () => {
    const cacheExports = [registryCache, inlineCache];
    const cacheImports = [registryCache];
    const { requests, warnings } = fitted(
      { exportsCache: false },
      [sampleTarget("inline"), { cacheExports: [inlineCache] }],
      [sampleTarget("a"), { cacheExports, cacheImports }],
      [sampleTarget("b"), { cacheExports, cacheImports }],
    );
    expect(requests.map((made) => made.cacheExports)).toEqual([
      [inlineCache],
      [inlineCache],
      [inlineCache],
    ]);
    expect(requests[1]?.cacheImports).toEqual(cacheImports);
    expect(warnings).toEqual([expect.stringMatching(/^a: Nothing is written to the build cache/)]);
  });

  test("tells once that images are not reproducible, where they were to be", () => {
    const { requests, warnings } = fitted(
      { exportsImages: false },
      [sampleTarget("timeless"), {}],
      [sampleTarget("a", { epoch: 1 }), {}],
      [sampleTarget("b", { epoch: 1 }), {}],
    );
    expect(requests).toEqual([request, request, request]);
    expect(warnings).toEqual([
      "a: Images of Docker Engine 20.10 are not reproducible: its old image store keeps the times of files that steps make",
    ]);
  });

  test("builds images without parents where names can't mean something else, without pins", () => {
    const pins = { "alpine:3": "docker-image://alpine:3@sha256:abc" };
    const { requests, warnings } = fitted(
      { namedContexts: false },
      [sampleTarget("scratch"), { namedContexts: {} }],
      [sampleTarget("a"), { namedContexts: pins }],
      [sampleTarget("b"), { namedContexts: pins }],
    );
    expect(requests.map(({ namedContexts }) => namedContexts)).toEqual([{}, {}, {}]);
    expect(warnings).toEqual([expect.stringMatching(/^a: .* by tag, not by the digest/)]);
  });

  test("refuses what can't be built without named contexts, with the daemon's name and what to do", async () => {
    const onParent = sampleTarget("app", {
      dependencies: [sampleDependency(sampleTarget("base"), "base:1")],
    });
    const { settings } = sampleTarget("any");
    const withContext = sampleTarget("data", {
      settings: { ...settings, contexts: { assets: "local:/assets" } },
    });
    const localContexts = new Map([["assets", { tree, sharedKey: "x" }]]);
    for (const [target, more, words] of [
      [onParent, {}, 'Docker Engine 20.10 can\'t build app:1: it is built on "base:1"'],
      [withContext, { localContexts }, 'can\'t build data:1: it names the context "assets"'],
    ] as const) {
      expect(fitted({}, [target, more]).warnings).toEqual([]);
      const building = Promise.try(() => fitted({ namedContexts: false }, [target, more]));
      expect(await rejection(building)).toMatchObject({
        kind: "failed",
        message: expect.stringContaining(words),
        hint: expect.stringContaining("Docker Engine 23"),
      });
    }
  });

  test("lets images wait for others that they only depend on", () => {
    const after = sampleTarget("app", { dependencies: [sampleDependency(sampleTarget("base"))] });
    expect(fitted({ namedContexts: false }, [after, {}]).requests).toHaveLength(1);
  });
});

describe("describeDaemon()", () => {
  const signal = AbortSignal.timeout(10_000);
  const buildkit = (engine?: Partial<Engine>): Buildkit =>
    ({ address: "unix:///x", version: "v0.9.3", dialer: { engine } }) as unknown as Buildkit;

  test("names BuildKit by its version, and an engine by its own", async () => {
    expect(await describeDaemon(buildkit(), { signal })).toBe("BuildKit v0.9.3 at unix:///x");
    const told = async (): Promise<Response> => Response.json({ Version: "20.10.24+dfsg1" });
    expect(await describeDaemon(buildkit({ request: told }), { signal })).toBe(
      "Docker Engine 20.10.24+dfsg1",
    );
    const silent = async (): Promise<Response> => new Response("", { status: 500 });
    expect(await describeDaemon(buildkit({ request: silent }), { signal })).toBe(
      "Docker Engine of an unknown version",
    );
  });
});
