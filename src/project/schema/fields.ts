import { z } from "zod";

/** Text as it stands in the file: `22.10` and `yes` are text here; `~` is empty. */
export const text = z
  .string()
  .nullable()
  .transform((value) => value ?? "");

/** Names with text: the keys are the user's. */
export const settings = z
  .record(z.string(), text)
  .nullish()
  .transform((value) => value ?? {});

/** A list of text; absent is empty. */
export const texts = z
  .array(text)
  .nullish()
  .transform((value) => value ?? []);

/** `true` or `false`; absent stays undefined. */
export const flag = z
  .enum(["true", "True", "TRUE", "false", "False", "FALSE"])
  .nullish()
  .transform((value) => (value == null ? undefined : value.toLowerCase() === "true"));

/** A part of the file that a later stage reads: any shape. */
export const opaque = z.unknown();

/** A map that may be absent, or empty as `key:` with nothing behind it. */
export function section<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodOptional<z.ZodNullable<z.ZodObject<Shape, z.core.$strict>>> {
  return z.strictObject(shape).nullish();
}
