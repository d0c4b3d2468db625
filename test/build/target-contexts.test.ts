import { expect, test } from "bun:test";
import { registryHandover } from "../../src/build/handover.ts";
import { targetContexts } from "../../src/build/target-contexts.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { sampleDependency, sampleTarget } from "./sample-target.ts";

test("targetContexts() sends directories, hands on images of the project and leaves the rest to the daemon", () => {
  const base = sampleTarget("base");
  const digest = digestOf("x");
  const { settings } = base;
  const contexts = {
    shared: "local:/project/shared",
    tools: "__hive__/base:1",
    alpine: "docker-image://alpine:3.22",
  };
  const target = sampleTarget("app", {
    settings: { ...settings, contexts },
    dependencies: [sampleDependency(base, "base:1")],
  });
  const finished = new Map([[base.id, { target: base, digest }]]);
  const found = targetContexts(target, finished, registryHandover("127.0.0.1:5000"));
  expect(found.namedContexts).toEqual({
    tools: `docker-image://127.0.0.1:5000/base:1@${digest}`,
    alpine: "docker-image://alpine:3.22",
  });
  expect([...found.localContexts.keys()]).toEqual(["shared"]);
});
