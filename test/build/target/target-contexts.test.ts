import { expect, test } from "bun:test";
import { targetContexts } from "../../../src/build/target/target-contexts.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { sampleTarget } from "../sample-target.ts";

const digest = digestOf("debian");

test("targetContexts() sends directories, pins images whose digests are known, and leaves addresses as they are", () => {
  const app = sampleTarget("app");
  const at = `docker-image://debian@${digest}`;
  const contexts = {
    sources: "local:/project/sources",
    debian: "docker-image://debian:12",
    other: "docker-image://other",
    at,
    remote: "https://example.test/x.git",
    base: "__hive__/base:1",
  };
  const target = { ...app, settings: { ...app.settings, contexts } };
  const found = targetContexts(target, new Map([["debian:12", digest]]));
  expect(found.namedContexts).toEqual({
    debian: `docker-image://debian:12@${digest}`,
    other: "docker-image://other",
    at,
    remote: "https://example.test/x.git",
  });
  expect([...found.localContexts.keys()]).toEqual(["sources"]);
});
