import { expect, test } from "bun:test";
import { pinContexts, pinnedContext } from "../../src/inputs/pin-contexts.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { sampleTarget } from "../build/sample-target.ts";

const digest = digestOf("x");

test("pinContexts() names what is pinned as BuildKit looks it up", () => {
  const references = [
    "docker.io/library/alpine:latest",
    "ghcr.io/a/b:1",
    "unknown:1",
    `c@${digest}`,
  ];
  const target = sampleTarget("app", { externals: references.map((reference) => ({ reference })) });
  const bases = new Map(
    references.filter((name) => name !== "unknown:1").map((name) => [name, digest]),
  );
  expect(pinContexts(target, bases)).toEqual({
    alpine: `docker-image://docker.io/library/alpine:latest@${digest}`,
    "ghcr.io/a/b:1": `docker-image://ghcr.io/a/b:1@${digest}`,
  });
});

test("pinContexts() never stands for a stage", () => {
  const target = sampleTarget("app", {
    dockerfile: { file: "Dockerfile", text: "FROM Alpine as ALPINE\nFROM alpine:3\n" },
    externals: [{ reference: "alpine" }, { reference: "alpine:3" }],
  });
  const bases = new Map([
    ["alpine", digest],
    ["alpine:3", digest],
  ]);
  expect(Object.keys(pinContexts(target, bases))).toEqual(["alpine:3"]);
});

test("pinContexts() takes no other words for the name of a stage", () => {
  const text = "# the same as alpine\nFROM alpine AS base\nRUN echo as alpine\n";
  const target = sampleTarget("app", {
    dockerfile: { file: "Dockerfile", text },
    externals: [{ reference: "alpine" }],
  });
  expect(Object.keys(pinContexts(target, new Map([["alpine", digest]])))).toEqual(["alpine"]);
});

test("pinnedContext() adds the digest to images that are known", () => {
  const bases = new Map([["a:1", digest]]);
  expect(pinnedContext("docker-image://a:1", bases)).toBe(`docker-image://a:1@${digest}`);
  for (const value of ["docker-image://b:1", `docker-image://a:1@${digest}`, "https://a:1"])
    expect(pinnedContext(value, bases)).toBe(value);
});
