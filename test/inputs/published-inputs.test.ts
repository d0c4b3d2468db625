import { expect, test } from "bun:test";
import { publishedRecord } from "../../src/inputs/published-inputs.ts";
import type { TargetInputs } from "../../src/inputs/target-inputs.ts";
import { digestOf } from "../../src/oci/digest.ts";

const inputs: TargetInputs = {
  frontend: "v0.32.2",
  exporter: { "oci-mediatypes": "true" },
  platform: "linux/amd64",
  dockerfile: digestOf("FROM scratch"),
  context: digestOf("files"),
  buildArgs: { TOKEN: "s3cret", WHO: "me" },
  labels: { a: "b" },
  epoch: 7,
  settings: {},
  contexts: {
    code: "https://user:s3cret@git.test/code.git#main",
    tools: "docker-image://tools@sha256:1",
    here: `local:${digestOf("listing")}`,
  },
  secrets: { npm: "env" },
  ssh: ["default"],
  parents: [],
  bases: { "alpine:3": digestOf("alpine") },
};

test("what is told others of an image's inputs has no values that may be secret", () => {
  const record = { target: "app:1 linux/amd64", key: "k", digest: digestOf("image"), inputs };
  const published = publishedRecord(record);
  expect(JSON.stringify(published)).not.toContain("s3cret");
  const { buildArgs, contexts, ...rest } = inputs;
  expect(published).toEqual({
    ...record,
    inputs: {
      ...rest,
      buildArgs: { TOKEN: digestOf("s3cret"), WHO: digestOf("me") },
      contexts: { ...contexts, code: digestOf(contexts["code"] ?? "") },
    },
  });
  expect(Object.keys(buildArgs)).toEqual(Object.keys(published.inputs.buildArgs));
});
