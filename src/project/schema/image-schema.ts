import { z } from "zod";
import {
  flag,
  flagOrTexts,
  list,
  named,
  optionalText,
  optionalTexts,
  section,
  settings,
  text,
  texts,
} from "./fields.ts";

const build = {
  target: text.optional().describe("hive only. The stage to build instead of the last one"),
  contexts: settings.meta({
    description:
      "hive only. What a name in FROM or --from= means: docker-image://REFERENCE, a URL, __hive__/NAME:TAG, or a directory",
    examples: [{ sources: "../shared", alpine: "docker-image://alpine:3.22" }],
  }),
  ssh: optionalTexts.meta({
    description: "hive only. Agents for RUN --mount=type=ssh: default, or ID=/PATH/OF/SOCKET",
    examples: [["default"]],
  }),
  no_cache: flagOrTexts.meta({
    description: "hive only. Run every step again, or those of the stages listed",
    examples: [["fetch"]],
  }),
  pull: flag.describe("hive only. Ask the registry for base images although BuildKit has them"),
  network: z
    .enum(["default", "none", "host"])
    .nullish()
    .describe("hive only. The network of RUN steps; host brings the entitlement network.host"),
  entitlements: z
    .array(
      z
        .string()
        .regex(
          /^(?:network\.host|security\.insecure|device(?:=.+)?)$/,
          "expected network.host, security.insecure, device or device=NAME",
        ),
    )
    .nullish()
    .meta({
      description: "hive only. What steps may do beyond the usual",
      examples: [["security.insecure"]],
    }),
};

const values = {
  versions: settings.meta({
    description: "Versions: `python` is the build argument PYTHON_VERSION",
    examples: [{ python: "3.13" }],
  }),
  build_args: settings.describe("Build arguments, by the names that the Dockerfile declares"),
  labels: settings.describe("Labels by their full names"),
  platforms: texts.meta({
    description: "Platforms instead of those of the level above",
    examples: [["linux/amd64", "arm64"]],
  }),
  ...build,
};

const report = section({
  icon: optionalText.meta({ description: "An icon of devicon", examples: ["python-original"] }),
}).describe("How reports show it");

const tag = z.strictObject({
  name: text.meta({ description: "The tag", examples: ["3.13.7"] }),
  ...values,
});

const variant = z.strictObject({
  name: text.describe("The variant's directory, with a Dockerfile of its own"),
  tag_suffix: text.meta({ description: "Added to every tag", examples: ["-slim"] }),
  ...values,
  report,
});

const secret = z.strictObject({
  source: z.enum(["env", "file", "vault", "plain"]).describe("Where the value is"),
  value: text.meta({
    description:
      "env: the variable's name; file: a path relative to the image; vault: vault://PATH#FIELD; plain: the secret itself",
    examples: ["${API_KEY}", "vault://kv/app#token"],
  }),
});

/** image.yml. */
export const imageSchema = z.strictObject({
  description: text.optional().describe("What the image is; its label, and for reports"),
  tags: list(tag).meta({
    description: "The tags to build; at least one",
    examples: [[{ name: "1.0" }]],
  }),
  variants: list(variant).describe("Other ways to build every tag"),
  ...values,
  secrets: named(secret).meta({
    description: "Secrets for RUN --mount=type=secret, by their ids",
    examples: [{ api_key: { source: "env", value: "API_KEY" } }],
  }),
  depends_on: texts.describe("Images to build first although no Dockerfile names them"),
  report,
  latest_alias: section({
    tag: text.meta({ description: "Another tag for the highest version", examples: ["latest"] }),
    on_missing: z
      .enum(["error", "warning", "silent"])
      .nullish()
      .describe("What it means that no tag is a version; default: error"),
  }).describe("A name for the highest version among the tags"),
});
