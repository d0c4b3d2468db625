import type { TargetInputs } from "../../../src/inputs/target-inputs.ts";
import { digestOf } from "../../../src/oci/digest.ts";

/** What a target is made of that has nothing but a Dockerfile and a context. */
export const sampleInputs: TargetInputs = {
  frontend: "v1",
  exporter: {},
  platform: "linux/amd64",
  dockerfile: digestOf("d"),
  context: digestOf("c"),
  buildArgs: {},
  labels: {},
  settings: {},
  contexts: {},
  secrets: {},
  ssh: [],
  parents: [],
  bases: {},
};
