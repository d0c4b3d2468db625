import { z } from "zod";
import { flag, opaque, section, settings, text, texts } from "./fields.ts";

/** hive.yml. */
export const hiveSchema = z.strictObject({
  buildkit: section({ address: text.optional() }),
  platforms: texts,
  cache: section({
    type: z.enum(["s3", "registry", "local", "gha", "inline"]).optional(),
    endpoint: text.optional(),
    bucket: text.optional(),
    region: text.optional(),
    access_key_id: text.optional(),
    secret_access_key: text.optional(),
    use_path_style: flag,
    ref: text.optional(),
    insecure: flag,
    path: text.optional(),
  }),
  registry: section({ address: text.optional(), docker_media_types: flag }),
  registries: z.record(z.string(), opaque).nullish(),
  template_options: settings,
  labels: section({
    vendor: text.optional(),
    authors: text.optional(),
    url: text.optional(),
    documentation: text.optional(),
    custom: settings,
  }),
  lint: section({
    ignored: texts,
    trusted_registries: texts,
    label_schema: settings,
    strict_labels: flag,
    failure_threshold: text.optional(),
  }),
});
