import { z } from "zod";

/** Text as it stands in the file: `22.10` and `yes` are text here; `~` is empty. */
export const text = z
  .string()
  .nullable()
  .transform((value) => value ?? "");

/** Text that tells absent and `~` (both undefined) from empty. */
export const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

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

/** A list of text that tells absent (undefined) from empty. */
export const optionalTexts = z
  .array(text)
  .nullish()
  .transform((value) => value ?? undefined);

// What Go's YAML library takes for a boolean where one belongs.
const yes = ["true", "True", "TRUE", "yes", "y", "Y", "on"] as const;
const no = ["false", "False", "FALSE", "no", "n", "N", "off"] as const;

const boolean = z.enum([...yes, ...no]).transform((value) => yes.some((word) => word === value));

/** `true` or `false`; absent stays undefined. */
export const flag = boolean.nullish().transform((value) => value ?? undefined);

/** `true`, `false`, or a list of text; absent stays undefined. */
export const flagOrTexts = z
  .union([boolean, z.array(text)], { error: "expected true, false or a list of text" })
  .nullish()
  .transform((value) => value ?? undefined);

/** A whole number, which may be negative; absent stays undefined. */
export const integer = z
  .string()
  .regex(/^-?\d{1,9}$/, "expected a whole number")
  .nullish()
  .transform((value) => (value == null ? undefined : Number(value)));

/** A number of things; absent stays undefined. */
export const count = z
  .string()
  .regex(/^\d{1,9}$/, "expected a whole number")
  .nullish()
  .transform((value) => (value == null ? undefined : Number(value)));

/** A list of maps, or of lists; absent is empty. */
export function list<Item extends z.ZodType>(
  item: Item,
): z.ZodPipe<
  z.ZodOptional<z.ZodNullable<z.ZodArray<Item>>>,
  z.ZodTransform<z.output<Item>[], z.output<Item>[] | null | undefined>
> {
  return z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);
}

/** Maps by the user's names; absent is empty. */
export function named<Value extends z.ZodType>(
  value: Value,
): z.ZodPipe<
  z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, Value>>>,
  z.ZodTransform<
    Record<string, z.output<Value>>,
    Record<string, z.output<Value>> | null | undefined
  >
> {
  return z
    .record(z.string(), value)
    .nullish()
    .transform((record) => record ?? {});
}

/** A map that may be absent, or empty as `key:` with nothing behind it. */
export function section<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodOptional<z.ZodNullable<z.ZodObject<Shape, z.core.$strict>>> {
  return z.strictObject(shape).nullish();
}
