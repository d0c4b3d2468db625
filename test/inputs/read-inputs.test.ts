import { describe, expect, test } from "bun:test";
import { chmod, mkdir, rename, rm, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { createContextReader } from "../../src/inputs/context-reader.ts";
import { type InputSources, readInputs } from "../../src/inputs/read-inputs.ts";
import { inputKey } from "../../src/inputs/target-inputs.ts";
import { Hidden } from "../../src/base/hidden.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import type { Target } from "../../src/plan/plan.ts";
import { sampleDependency, sampleTarget } from "../build/sample-target.ts";
import { tempProject } from "../support/temp-project.ts";

const base = sampleTarget("base");
const files = {
  Dockerfile: "FROM scratch\nCOPY . /\n",
  ".dockerignore": "*.log\nlogs/\n!keep.log\n",
  file: "one",
  "sub/other": "two",
  "noise.log": "ignored",
  link: "-> file",
};

/** A target whose context is a directory with `files`. */
async function sample(more: Partial<Target> = {}) {
  const project = await tempProject(files);
  const target = sampleTarget("app", {
    dependencies: [sampleDependency(base, "base:1")],
    epoch: 1,
    context: {
      directory: project.root,
      dockerfile: join(project.root, "Dockerfile"),
      rootfs: [],
      exclude: [],
      rendered: {},
    },
    ...more,
  });
  return { ...project, target };
}

function sources(more: Partial<InputSources> = {}): InputSources {
  return {
    contexts: createContextReader(undefined),
    parents: () => ({ digest: digestOf("parent"), dockerfile: "" }),
    bases: new Map(),
    ignore: undefined,
    exporter: { compression: "gzip" },
    frontend: "v1",
    native: parsePlatform("amd64"),
    ...more,
  };
}

async function keyOf(target: Target, more: Partial<InputSources> = {}): Promise<string> {
  return inputKey((await readInputs(target, sources(more))).inputs);
}

async function volatileOf(more: Partial<Target>, from: Partial<InputSources> = {}) {
  await using project = await sample(more);
  return (await readInputs(project.target, sources(from))).volatile;
}

const withDockerfile = (text: string): Partial<Target> => ({
  dockerfile: { file: "Dockerfile", text },
});

const secret = {
  id: "token",
  source: "env",
  value: new Hidden("A"),
  place: sampleDependency(base).place,
} as const;
const settings = sampleTarget("app").settings;

describe("readInputs() gives another key for", () => {
  test.each<{ what: string; target?: Partial<Target>; from?: Partial<InputSources> }>([
    { what: "the Dockerfile", target: withDockerfile("FROM scratch\nLABEL a=b\n") },
    { what: "a build argument", target: { buildArgs: { a: "1" } } },
    { what: "a label", target: { labels: { a: "1" } } },
    { what: "the platform", target: { platform: parsePlatform("arm64") } },
    { what: "the epoch", target: { epoch: 2 } },
    { what: "a stage", target: { settings: { ...settings, stage: "dev" } } },
    { what: "the network", target: { settings: { ...settings, network: "none" } } },
    {
      what: "an entitlement",
      target: { settings: { ...settings, entitlements: ["network.host"] } },
    },
    {
      what: "a named context",
      target: { settings: { ...settings, contexts: { x: `docker-image://x@${digestOf("x")}` } } },
    },
    { what: "a secret's id", target: { secrets: [secret] } },
    { what: "an ssh id", target: { settings: { ...settings, ssh: { default: "default" } } } },
    {
      what: "a parent's digest",
      from: { parents: () => ({ digest: digestOf("other"), dockerfile: "" }) },
    },
    {
      what: "an external base's digest",
      target: { externals: [{ reference: "debian:12" }] },
      from: { bases: new Map([["debian:12", digestOf("d")]]) },
    },
    { what: "patterns of the Dockerfile's own", from: { ignore: "file" } },
    { what: "the exporter's settings", from: { exporter: { compression: "zstd" } } },
    { what: "the daemon's version", from: { frontend: "v2" } },
  ])("$what", async ({ target = {}, from = {} }) => {
    await using project = await sample();
    const before = await keyOf(project.target);
    expect(await keyOf({ ...project.target, ...target }, from)).not.toBe(before);
  });

  test.each<{ what: string; change: (root: string) => Promise<unknown> }>([
    { what: "a file's content", change: (root) => Bun.write(join(root, "file"), "two") },
    { what: "a file's mode", change: (root) => chmod(join(root, "file"), 0o755) },
    { what: "a directory's mode", change: (root) => chmod(join(root, "sub"), 0o700) },
    { what: "a new file", change: (root) => Bun.write(join(root, "new"), "") },
    { what: "a file that is gone", change: (root) => rm(join(root, "file")) },
    { what: "a file's name", change: (root) => rename(join(root, "file"), join(root, "file2")) },
    { what: "an empty directory", change: (root) => mkdir(join(root, "empty")) },
    {
      what: "where a link leads",
      change: async (root) => {
        await rm(join(root, "link"));
        await symlink("sub", join(root, "link"));
      },
    },
    {
      what: "a file that was ignored and is no longer",
      change: (root) => Bun.write(join(root, ".dockerignore"), "logs/\n"),
    },
  ])("$what", async ({ change }) => {
    await using project = await sample();
    const before = await keyOf(project.target);
    await change(project.root);
    expect(await keyOf(project.target)).not.toBe(before);
  });

  test("a file's time only where no epoch sets it", async () => {
    await using project = await sample();
    const timed = sampleTarget("app", { context: project.target.context });
    const before = [await keyOf(project.target), await keyOf(timed)];
    await utimes(join(project.root, "file"), 1000, 1000);
    expect(await keyOf(project.target)).toBe(before[0] ?? "");
    expect(await keyOf(timed)).not.toBe(before[1] ?? "");
  });

  test("the daemon's own platform only where the Dockerfile asks for it", async () => {
    await using plain = await sample();
    await using asking = await sample(withDockerfile("FROM --platform=$BUILDPLATFORM scratch\n"));
    const arm = { native: parsePlatform("arm64") };
    expect(await keyOf(plain.target, arm)).toBe(await keyOf(plain.target));
    expect(await keyOf(asking.target, arm)).not.toBe(await keyOf(asking.target));
  });

  test("the daemon's own platform also where ONBUILD of a parent asks for it", async () => {
    await using project = await sample();
    const arm = { native: parsePlatform("arm64") };
    const child = {
      ...project.target,
      dependencies: [sampleDependency(sampleTarget("base"), "base:1")],
    };
    const on = (dockerfile: string): Partial<InputSources> => ({
      parents: () => ({ digest: digestOf("base"), dockerfile }),
    });
    const asking = on("FROM scratch\nONBUILD RUN echo $BUILDPLATFORM\n");
    expect(await keyOf(child, { ...asking, ...arm })).not.toBe(await keyOf(child, asking));
    const plain = on("FROM --platform=$BUILDPLATFORM scratch\n");
    expect(await keyOf(child, { ...plain, ...arm })).toBe(await keyOf(child, plain));
  });

  test("the text of a rendered file, which lies over the one on disk", async () => {
    await using project = await sample();
    const rendered = (text: string): Target => ({
      ...project.target,
      context: { ...project.target.context, rendered: { file: text } },
    });
    const contexts = createContextReader(undefined);
    const first = await keyOf(rendered("x"), { contexts });
    expect(await keyOf(rendered("y"), { contexts })).not.toBe(first);
    expect(await keyOf(rendered("x"), { contexts })).toBe(first);
  });
});

describe("readInputs() gives the same key", () => {
  test.each<{ what: string; change: (root: string) => Promise<unknown> }>([
    {
      what: "a file that was only touched",
      change: (root) => utimes(join(root, "file"), 9e8, 9e8),
    },
    {
      what: "a file that is ignored",
      change: (root) => Bun.write(join(root, "noise.log"), "more"),
    },
    {
      what: "files in a directory that is ignored",
      change: (root) => Bun.write(join(root, "logs/a"), "a"),
    },
  ])("for $what", async ({ change }) => {
    await using project = await sample();
    const before = await keyOf(project.target);
    await change(project.root);
    expect(await keyOf(project.target)).toBe(before);
  });

  test("whatever the order of names, and a secret's value", async () => {
    await using project = await sample();
    const one = { ...project.target, buildArgs: { a: "1", b: "2" }, secrets: [secret] };
    const two = {
      ...project.target,
      buildArgs: { b: "2", a: "1" },
      secrets: [{ ...secret, value: new Hidden("B") }],
    };
    expect(await keyOf(two)).toBe(await keyOf(one));
  });

  test("in another directory with the same files", async () => {
    await using here = await sample();
    await using there = await sample();
    expect(await keyOf(there.target)).toBe(await keyOf(here.target));
  });
});

describe("readInputs() says that a target may change by itself", () => {
  test.each<{ why: string; target: Partial<Target> }>([
    { why: "debian:12 is not pinned", target: { externals: [{ reference: "debian:12" }] } },
    { why: "network", target: withDockerfile("FROM scratch\nADD https://example.test/x /x\n") },
    {
      why: "network",
      target: withDockerfile("FROM scratch\nONBUILD ADD https://example.test/x /x\n"),
    },
    { why: "network", target: withDockerfile("FROM scratch\nARG u\nADD $u /x\n") },
    { why: "network", target: withDockerfile("FROM scratch\nADD git@example.test:x.git /x\n") },
    { why: "frontend", target: withDockerfile("# syntax=example.test/frontend\nFROM scratch\n") },
    { why: "no_cache", target: { settings: { ...settings, noCache: true } } },
    { why: "no_cache", target: { settings: { ...settings, noCache: ["build"] } } },
    {
      why: "address",
      target: { settings: { ...settings, contexts: { x: "https://example.test/x.git" } } },
    },
  ])("$why", async ({ why, target }) => {
    expect(await volatileOf(target)).toEqual([expect.stringContaining(why)]);
  });

  test("ONBUILD of a parent fetches something", async () => {
    await using project = await sample();
    const dockerfile = "FROM scratch\nONBUILD ADD https://example.test/x /x\n";
    const parents = () => ({ digest: digestOf("parent"), dockerfile });
    const { volatile } = await readInputs(project.target, sources({ parents }));
    expect(volatile).toEqual([expect.stringContaining("ONBUILD")]);
  });

  test("a stage has the name of its base, which no named context can stand for then", async () => {
    const target = {
      ...withDockerfile("FROM alpine AS alpine\nRUN x\n"),
      externals: [{ reference: "alpine" }],
    };
    const bases = new Map([["alpine", digestOf("a")]]);
    expect(await volatileOf(target, { bases })).toEqual([expect.stringContaining("stage")]);
    const tagged = { ...target, externals: [{ reference: "alpine:3" }] };
    expect(await volatileOf(tagged, { bases: new Map([["alpine:3", digestOf("a")]]) })).toEqual([]);
  });

  test("not for a base that is pinned, or that the user's own context stands for", async () => {
    const externals = [{ reference: "debian:12" }];
    const bases = new Map([["debian:12", digestOf("d")]]);
    expect(await volatileOf({ externals }, { bases })).toEqual([]);
    const named = { debian: "docker-image://debian:12" };
    expect(
      await volatileOf({ externals, settings: { ...settings, contexts: named } }, { bases }),
    ).toEqual([]);
    const contexts = { "debian:12": `docker-image://debian@${digestOf("d")}` };
    expect(await volatileOf({ externals, settings: { ...settings, contexts } })).toEqual([]);
    const same = { "debian:12": "docker-image://debian:12" };
    expect(await volatileOf({ externals, settings: { ...settings, contexts: same } })).toHaveLength(
      1,
    );
  });
});
