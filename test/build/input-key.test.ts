import { describe, expect, test } from "bun:test";
import { contextFingerprint } from "../../src/build/context-fingerprint.ts";
import { inputKey } from "../../src/build/input-key.ts";
import { createMemoryTree } from "../../src/buildkit/memory-tree.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import type { Target } from "../../src/plan/plan.ts";
import { sampleDependency, sampleTarget } from "./sample-target.ts";

/** Of a context that exists only in memory. */
function fingerprintOf(files: Parameters<typeof createMemoryTree>[0], mtime: bigint) {
  return () => contextFingerprint(createMemoryTree(files, mtime));
}

const base = sampleTarget("base");
const inputs = {
  target: sampleTarget("app", { dependencies: [sampleDependency(base, "base:1")] }),
  needs: new Map([[base.id, { target: base, digest: digestOf("one") }]]),
  fingerprint: fingerprintOf([{ path: "file", bytes: new Uint8Array(3) }], 1n),
  settings: { compression: "gzip" },
  frontend: "v1",
};

const withDockerfile = (text: string): Target => ({
  ...inputs.target,
  dockerfile: { file: "Dockerfile", text },
});

describe("inputKey()", () => {
  test("is the same for the same inputs, whatever the order of settings", async () => {
    const target = { ...inputs.target, buildArgs: { a: "1", b: "2" } };
    const turned = { ...inputs.target, buildArgs: { b: "2", a: "1" } };
    expect(await inputKey({ ...inputs, target })).toBe(
      (await inputKey({ ...inputs, target: turned })) ?? "none",
    );
  });

  test.each([
    { what: "the Dockerfile", changed: { target: withDockerfile("FROM scratch\nLABEL a=b\n") } },
    { what: "a build argument", changed: { target: { ...inputs.target, buildArgs: { a: "1" } } } },
    { what: "its ignore patterns", changed: { ignore: "*.md" } },
    { what: "a label", changed: { target: { ...inputs.target, labels: { a: "1" } } } },
    {
      what: "the platform",
      changed: { target: { ...inputs.target, platform: parsePlatform("arm64") } },
    },
    {
      what: "a parent",
      changed: { needs: new Map([[base.id, { target: base, digest: digestOf("two") }]]) },
    },
    {
      what: "a file",
      changed: { fingerprint: fingerprintOf([{ path: "file", bytes: new Uint8Array(4) }], 1n) },
    },
    {
      what: "a file's time",
      changed: { fingerprint: fingerprintOf([{ path: "file", bytes: new Uint8Array(3) }], 2n) },
    },
    {
      what: "a file's name",
      changed: { fingerprint: fingerprintOf([{ path: "file2", bytes: new Uint8Array(3) }], 1n) },
    },
    { what: "the exporter's settings", changed: { settings: { compression: "zstd" } } },
    { what: "the daemon's version", changed: { frontend: "v2" } },
  ])("changes with $what", async ({ changed }) => {
    const before = await inputKey(inputs);
    expect(before).toBeString();
    expect(await inputKey({ ...inputs, ...changed })).not.toBe(before);
  });

  test.each([
    {
      what: "an image from elsewhere by tag",
      target: { ...inputs.target, externals: [{ reference: "debian:12" }] },
    },
    { what: "a URL", target: withDockerfile("FROM scratch\nADD https://example.test/x /x\n") },
    {
      what: "a URL behind ONBUILD",
      target: withDockerfile("FROM scratch\nONBUILD ADD https://example.test/x /x\n"),
    },
    {
      what: "a source that a variable names",
      target: withDockerfile("FROM scratch\nARG u\nADD $u /x\n"),
    },
    {
      what: "a Git repository",
      target: withDockerfile("FROM scratch\nADD git@example.test:x.git /x\n"),
    },
    {
      what: "another frontend",
      target: withDockerfile("# syntax=example.test/frontend\nFROM scratch\n"),
    },
  ])("can't be told with $what", async ({ target }) => {
    expect(await inputKey({ ...inputs, target })).toBeUndefined();
  });

  test("can be told with an image from elsewhere by digest", async () => {
    const target = { ...inputs.target, externals: [{ reference: `debian@${digestOf("debian")}` }] };
    expect(await inputKey({ ...inputs, target })).toBeString();
  });

  test("can't be told for a file that changed this moment, or in the second that a coarse clock shows", async () => {
    const treeChanged = (changed: bigint) => ({
      list: async () => [
        { name: "file", type: "file" as const, mode: 0o644, size: 1, mtime: 1n, changed },
      ],
      find: async () => undefined,
    });
    const now = BigInt(Date.now()) * 1_000_000n;
    const second = (now / 1_000_000_000n) * 1_000_000_000n;
    expect(
      await inputKey({ ...inputs, fingerprint: () => contextFingerprint(treeChanged(now + 1n)) }),
    ).toBeUndefined();
    expect(
      await inputKey({ ...inputs, fingerprint: () => contextFingerprint(treeChanged(second)) }),
    ).toBeUndefined();
    expect(
      await inputKey({
        ...inputs,
        fingerprint: () => contextFingerprint(treeChanged(second - 10_000_000_000n)),
      }),
    ).toBeString();
    expect(
      await inputKey({
        ...inputs,
        fingerprint: () => contextFingerprint(treeChanged(now - 1_000_000_001n)),
      }),
    ).toBeString();
  });
});
