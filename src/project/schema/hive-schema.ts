import { z } from "zod";
import { requiredCacheKeys, type CacheType } from "./cache-keys.ts";
import { count, flag, list, named, section, settings, text, texts } from "./fields.ts";

/** Sections in whose values `${VAR}` is replaced before anything else is looked at. */
export const expandedKeys = ["buildkit", "cache", "registry", "registries"] as const;

const cacheTypes = Object.keys(requiredCacheKeys) as CacheType[];

const cache = section({
  type: z.enum(cacheTypes).describe("Where the cache is kept"),
  endpoint: text.optional().describe("s3: URL of a server other than Amazon's"),
  bucket: text.optional().describe("s3: the bucket; needed"),
  region: text.optional().describe("s3: the region; needed"),
  access_key_id: text.optional().meta({
    description: "s3: the access key",
    examples: ["${AWS_ACCESS_KEY_ID}"],
  }),
  secret_access_key: text.optional().meta({
    description: "s3: the secret of the access key; keep it out of the file",
    examples: ["${AWS_SECRET_ACCESS_KEY}"],
  }),
  use_path_style: flag.describe("s3: the bucket is part of the path, not of the host name"),
  ref: text.optional().meta({
    description: "registry: the repository that holds the cache; needed",
    examples: ["registry.example.test/cache"],
  }),
  insecure: flag.describe("registry: allow plain HTTP and certificates that nobody knows"),
  path: text.optional().describe("local: a directory, relative to hive.yml; needed"),
}).meta({
  description: "Where build caches are kept besides the daemon",
  allOf: Object.entries(requiredCacheKeys)
    .filter(([, required]) => required.length > 0)
    .map(([type, required]) => ({
      anyOf: [{ not: { properties: { type: { const: type } }, required: ["type"] } }, { required }],
    })),
});

const registry = z.strictObject({
  address: text.meta({
    description: "Host, port, and a path below which its images are",
    examples: ["ci.example.test:5000"],
  }),
  role: z
    .enum(["sandbox", "ci", "prod", "archive"])
    .nullish()
    .describe("What it is for: who writes, and how long things stay"),
  retention: section({
    keep_last: count.describe("How many images of a repository stay, the newest"),
    max_age: z
      .string()
      .regex(/^(?:0|(?:\d{1,9}(?:ms|s|m|h|d))+)$/i, "expected a span of time, as 14d or 1h30m")
      .nullish()
      .meta({ description: "How young an image must be to stay", examples: ["14d", "36h"] }),
  }).describe("Which images stay there when `hive registry prune` tidies up"),
  promote_from: texts.describe("Registries that images may be promoted from, by their names here"),
  require: texts.meta({
    description:
      "What must be attached to an image before it is promoted there: tests, sbom, signature, provenance, or the type of an artifact",
    examples: [["tests", "sbom"]],
  }),
  mirror: texts.meta({
    description: "Images from elsewhere that it keeps copies of",
    examples: [["docker.io/library/debian:*-slim"]],
  }),
});

/** hive.yml. */
export const hiveSchema = z.strictObject({
  buildkit: section({
    address: text.optional().meta({
      description: "Where BuildKit is; --buildkit and BUILDKIT_HOST come first",
      examples: ["tcp://127.0.0.1:8502", "unix:///run/buildkit/buildkitd.sock"],
    }),
    version: text.optional().meta({
      description: "The release that `hive dev buildkitd` runs",
      examples: ["v0.32.2"],
    }),
    nodes: list(
      z.strictObject({
        address: text.meta({ description: "As `address`", examples: ["tcp://arm-builder:1234"] }),
        platforms: texts.meta({
          description: "What is built on it; without it, what it says itself",
          examples: [["linux/arm64"]],
        }),
        max_parallel: count.describe("How many images are built on it at a time"),
      }),
    ).describe("Several BuildKits to build on, instead of one `address`"),
  }).describe("The BuildKit to build on"),
  platforms: texts.meta({
    description: "Platforms of all images; without it, the platform of the BuildKit",
    examples: [["linux/amd64", "linux/arm64"]],
  }),
  cache,
  registry: section({
    address: text.optional().meta({
      description: "The remote registry; HIVE_REGISTRY and CONTAINER_HIVE_REGISTRY come first",
      examples: ["registry.example.test"],
    }),
    docker_media_types: flag.describe(
      "Docker's media types instead of OCI's; without it, only for Docker Hub",
    ),
    tag_strategy: text.optional().meta({
      description:
        "How `hive registry push` makes tags, with spaces between; HIVE_TAG_STRATEGY and --strategy come first",
      examples: ["sha branch latest"],
    }),
  }).describe("The registry that images are pushed to"),
  registries: named(registry).describe("Registries by name, with what they are for"),
  template_options: settings.describe("Text for templates of CI pipelines"),
  labels: section({
    vendor: text.optional().describe("org.opencontainers.image.vendor"),
    authors: text.optional().describe("org.opencontainers.image.authors"),
    url: text.optional().meta({
      description: "org.opencontainers.image.url; %image% and %tag% are replaced",
      examples: ["https://example.test/images/%image%"],
    }),
    documentation: text.optional().meta({
      description: "org.opencontainers.image.documentation; %image% and %tag% are replaced",
      examples: ["https://docs.example.test/%image%/%tag%"],
    }),
    custom: settings.describe("Labels by their full names"),
  }).describe("Labels of all images"),
  lint: section({
    ignored: texts.meta({ description: "Rules that do not apply", examples: [["DL3008"]] }),
    trusted_registries: texts.describe("Registries that images may come from"),
    label_schema: settings.meta({
      description: "Labels that Dockerfiles must set, and the kind of each",
      examples: [{ "com.example.team": "text" }],
    }),
    strict_labels: flag.describe("No labels but those of label_schema"),
    failure_threshold: text.optional().meta({
      description: "The least severity that fails",
      examples: ["error", "warning", "info", "style", "ignore"],
    }),
  }).describe("How Dockerfiles are linted"),
});
