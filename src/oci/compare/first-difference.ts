import { isRecord } from "../../base/is-record.ts";

export type FieldDifference = {
  /** `config.Env[2]`. */
  readonly field: string;
  /** JSON; "nothing" when it is not there. */
  readonly first: string;
  readonly second: string;
};

/** The first field, in the order of the first document, in which two JSON values differ. */
export function firstDifference(
  first: unknown,
  second: unknown,
  field = "",
): FieldDifference | undefined {
  if (Array.isArray(first) && Array.isArray(second)) {
    return inOrder(
      Array.from({ length: Math.max(first.length, second.length) }, (_, index) => index),
      (index) => firstDifference(first[index], second[index], `${field}[${index}]`),
    );
  }
  if (isRecord(first) && isRecord(second)) {
    return inOrder([...new Set([...Object.keys(first), ...Object.keys(second)])], (key) =>
      firstDifference(first[key], second[key], field === "" ? key : `${field}.${key}`),
    );
  }
  const [one, other] = [format(first), format(second)];
  return one === other ? undefined : { field, first: one, second: other };
}

function inOrder<Key>(
  keys: readonly Key[],
  compare: (key: Key) => FieldDifference | undefined,
): FieldDifference | undefined {
  for (const key of keys) {
    const found = compare(key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function format(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
