/**
 * A value as Go's reflection would see it.
 * - `undefined` is a value that is not there: what a missing key gives. It prints as `<no value>`.
 * - `null` is nil where any type may stand. It prints as `<nil>`.
 * - A number is a float64; integers are tagged, as Go neither mixes nor prints them alike.
 */
export type Value =
  | undefined
  | null
  | boolean
  | string
  | number
  | Integer
  | List
  | Dict
  | Struct
  | Time
  | Version;

export type IntegerType = "int" | "int64" | "uint8" | "uint64" | "time.Month" | "time.Weekday";

export type Integer = {
  readonly kind: "integer";
  readonly type: IntegerType;
  readonly value: bigint;
};

export type ListType = "[]interface {}" | "[]string" | "[]int" | "[][]interface {}";

export type List = {
  readonly kind: "list";
  readonly type: ListType;
  readonly items: readonly Value[];
  /** A nil slice: it is empty, and null in JSON. */
  readonly isNil: boolean;
};

export type DictType = "map[string]interface {}" | "map[string]string";

export type Dict = {
  readonly kind: "map";
  readonly type: DictType;
  /** Changed by `set` and the like: maps are shared, as in Go. */
  readonly entries: Map<string, Value>;
  readonly isNil: boolean;
};

/** The root: its fields are all known. */
export type Struct = {
  readonly kind: "struct";
  readonly fields: ReadonlyMap<string, Value>;
};

/** A time.Time. */
export type Time = {
  readonly kind: "time";
  /** Since 1970 in UTC. */
  readonly nanoseconds: bigint;
  /** "UTC", an IANA name, or an offset as "+0200". */
  readonly zone: string;
  /** A name that a parsed text gave its offset, as "CEST". */
  readonly zoneName?: string;
};

/** A *semver.Version. */
export type Version = {
  readonly kind: "version";
  readonly original: string;
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly prerelease: string;
  readonly metadata: string;
};

/** An int of Go. */
export function int(value: bigint | number, type: IntegerType = "int"): Integer {
  return { kind: "integer", type, value: typeof value === "number" ? BigInt(value) : value };
}

/** An int64 of Go, which wraps. */
export function int64(value: bigint): Integer {
  return { kind: "integer", type: "int64", value: BigInt.asIntN(64, value) };
}

/** A slice of Go; empty it is not nil. */
export function list(items: readonly Value[], type: ListType = "[]interface {}"): List {
  return { kind: "list", type, items, isNil: false };
}

/** A slice that is nil when nothing is in it. */
export function listOrNil(items: readonly Value[], type: ListType = "[]interface {}"): List {
  return { kind: "list", type, items, isNil: items.length === 0 };
}

/** A map of Go; empty it is not nil. */
export function dict(
  entries: Iterable<readonly [string, Value]>,
  type: DictType = "map[string]interface {}",
): Dict {
  return { kind: "map", type, entries: new Map(entries), isNil: false };
}

export function isInteger(value: Value): value is Integer {
  return typeof value === "object" && value !== null && value.kind === "integer";
}

export function isList(value: Value): value is List {
  return typeof value === "object" && value !== null && value.kind === "list";
}

export function isDict(value: Value): value is Dict {
  return typeof value === "object" && value !== null && value.kind === "map";
}

export function isTime(value: Value): value is Time {
  return typeof value === "object" && value !== null && value.kind === "time";
}

export function isVersion(value: Value): value is Version {
  return typeof value === "object" && value !== null && value.kind === "version";
}

/** What an `if` makes of a value. */
export function isTrue(value: Value): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== "object") return typeof value === "number" ? value !== 0 : Boolean(value);
  switch (value.kind) {
    case "integer":
      return value.value !== 0n;
    case "list":
      return value.items.length > 0;
    case "map":
      return value.entries.size > 0;
    case "struct":
    case "time":
    case "version":
      return true;
  }
}
