import { expect, test } from "bun:test";
import { compareInputs, type InputChange } from "../../src/inputs/compare-inputs.ts";
import type { TargetInputs } from "../../src/inputs/target-inputs.ts";
import { digestOf } from "../../src/oci/digest.ts";

const before: TargetInputs = {
  frontend: "v1",
  exporter: { compression: "gzip" },
  platform: "linux/amd64",
  dockerfile: digestOf("FROM a\n"),
  context: digestOf("old"),
  buildArgs: { A: "1", B: "1" },
  labels: { team: "x" },
  epoch: 1,
  settings: { stage: "dev" },
  contexts: {},
  secrets: { token: "env" },
  ssh: ["default"],
  parents: [{ target: "base:1 linux/amd64", reference: "base:1", digest: digestOf("base") }],
  bases: { "debian:12": digestOf("debian") },
};

const entry = (...fields: unknown[]): string => JSON.stringify(fields);

const listing = [
  entry("changed", "file", 0o644, "1"),
  entry("gone", "file", 0o644, "1"),
  entry("kind", "file", 0o644, "1"),
  entry("link", "symlink", 0o777, "a"),
  entry("mode", "file", 0o644, "1"),
  entry("same", "file", 0o644, "1"),
  entry("time", "file", 0o644, "1", "5"),
].join("\n");

const newListing = [
  entry("changed", "file", 0o755, "2"),
  entry("kind", "directory", 0o755, ""),
  entry("link", "symlink", 0o777, "b"),
  entry("mode", "file", 0o755, "1"),
  entry("new", "file", 0o644, "1"),
  entry("same", "file", 0o644, "1"),
  entry("time", "file", 0o644, "1", "6"),
].join("\n");

function changes(more: Partial<TargetInputs>, isKnown = true): InputChange[] {
  return compareInputs(
    before,
    { ...before, ...more },
    {
      before: (digest) => (!isKnown ? undefined : digest === before.context ? listing : "FROM a\n"),
      dockerfile: "FROM b\n",
      listing: () => newListing,
    },
  );
}

test("nothing changed", () => {
  expect(changes({})).toEqual([]);
});

test("each file that changed, by what matters most", () => {
  expect(changes({ context: digestOf("new") })).toEqual([
    { kind: "file", path: "changed", how: "content" },
    { kind: "file", path: "gone", how: "removed" },
    { kind: "file", path: "kind", how: "type", from: "file", to: "directory" },
    { kind: "file", path: "link", how: "link", from: "a", to: "b" },
    { kind: "file", path: "mode", how: "mode", from: "0644", to: "0755" },
    { kind: "file", path: "new", how: "added" },
    { kind: "file", path: "time", how: "time" },
  ]);
});

test.each<{ what: string; more: Partial<TargetInputs>; change: InputChange }>([
  {
    what: "an argument",
    more: { buildArgs: { A: "2", B: "1" } },
    change: { kind: "argument", name: "A", from: "1", to: "2" },
  },
  {
    what: "an argument that is gone",
    more: { buildArgs: { A: "1" } },
    change: { kind: "argument", name: "B", from: "1" },
  },
  {
    what: "a label",
    more: { labels: { team: "x", a: "b" } },
    change: { kind: "label", name: "a", to: "b" },
  },
  {
    what: "a setting",
    more: { settings: {} },
    change: { kind: "setting", name: "stage", from: "dev" },
  },
  {
    what: "a named context",
    more: { contexts: { x: "local:1" } },
    change: { kind: "context", name: "x", to: "local:1" },
  },
  {
    what: "a secret",
    more: { secrets: { token: "vault" } },
    change: { kind: "secret", name: "token", from: "env", to: "vault" },
  },
  { what: "an agent", more: { ssh: [] }, change: { kind: "ssh", name: "default", from: "" } },
  {
    what: "a parent",
    more: { parents: [{ target: "base:1 linux/amd64", digest: digestOf("b2") }] },
    change: {
      kind: "parent",
      name: "base:1 linux/amd64",
      from: digestOf("base"),
      to: digestOf("b2"),
    },
  },
  {
    what: "a parent to be built",
    more: { parents: [{ target: "base:1 linux/amd64", digest: undefined }] },
    change: { kind: "parent", name: "base:1 linux/amd64", from: digestOf("base") },
  },
  {
    what: "an external base",
    more: { bases: { "debian:12": digestOf("d2") } },
    change: { kind: "base", name: "debian:12", from: digestOf("debian"), to: digestOf("d2") },
  },
  {
    what: "the exporter",
    more: { exporter: { compression: "zstd" } },
    change: { kind: "exporter", name: "compression", from: "gzip", to: "zstd" },
  },
  {
    what: "the frontend",
    more: { frontend: "v2" },
    change: { kind: "frontend", name: "frontend", from: "v1", to: "v2" },
  },
  {
    what: "the epoch",
    more: { epoch: 2 },
    change: { kind: "epoch", name: "epoch", from: "1", to: "2" },
  },
  {
    what: "the daemon's platform",
    more: { native: "linux/arm64" },
    change: { kind: "native platform", name: "native platform", to: "linux/arm64" },
  },
  {
    what: "the Dockerfile",
    more: { dockerfile: digestOf("FROM b\n") },
    change: {
      kind: "dockerfile",
      lines: [
        { sign: "-", line: 1, text: "FROM a" },
        { sign: "+", line: 1, text: "FROM b" },
      ],
    },
  },
])("$what", ({ more, change }) => {
  expect(changes(more)).toEqual([change]);
});

test("a Dockerfile that is also in the context is told once, and so is the time that is also a label", () => {
  const listingOf = (digest: string): string =>
    [entry("Dockerfile", "file", 0o644, digest), entry("x", "file", 0o644, digest)].join("\n");
  const created = (time: string) => ({ "org.opencontainers.image.created": time, a: time });
  const found = compareInputs(
    { ...before, labels: created("1") },
    {
      ...before,
      dockerfile: digestOf("FROM b\n"),
      context: digestOf("new"),
      labels: created("2"),
      epoch: 2,
    },
    {
      before: (digest) => (digest === before.context ? listingOf("1") : "FROM a\n"),
      dockerfile: "FROM b\n",
      listing: () => listingOf("2"),
    },
  );
  expect(found).toEqual([
    expect.objectContaining({ kind: "dockerfile" }),
    { kind: "file", path: "x", how: "content" },
    { kind: "epoch", name: "epoch", from: "1", to: "2" },
    { kind: "label", name: "a", from: "1", to: "2" },
  ]);
});

test("texts that are not known any more", () => {
  const more = { dockerfile: digestOf("FROM b\n"), context: digestOf("new") };
  expect(changes(more, false)).toEqual([
    { kind: "dockerfile" },
    { kind: "file", path: "", how: "content" },
  ]);
});
