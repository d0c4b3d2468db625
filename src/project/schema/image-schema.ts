import { z } from "zod";
import { section, settings, text, texts } from "./fields.ts";

const values = { versions: settings, build_args: settings, labels: settings, platforms: texts };

const tag = z.strictObject({ name: text, ...values });

const variant = z.strictObject({
  name: text,
  tag_suffix: text,
  ...values,
  report: section({ icon: text.optional() }),
});

const secret = z.strictObject({ source: z.enum(["env", "plain", "file", "vault"]), value: text });

/** image.yml. */
export const imageSchema = z.strictObject({
  description: text.optional(),
  tags: z
    .array(tag)
    .nullish()
    .transform((value) => value ?? []),
  variants: z
    .array(variant)
    .nullish()
    .transform((value) => value ?? []),
  ...values,
  secrets: z
    .record(z.string(), secret)
    .nullish()
    .transform((value) => value ?? {}),
  depends_on: texts,
  report: section({ icon: text.optional() }),
  latest_alias: section({
    tag: text,
    on_missing: z.enum(["error", "warning", "silent"]).default("error"),
  }),
});
