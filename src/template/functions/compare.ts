import { compareText } from "../go-text.ts";
import { typeName } from "../type-name.ts";
import { isInteger, type Value } from "../value.ts";

function basicKind(value: Value): "bool" | "integer" | "float" | "string" | undefined {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "float";
  if (typeof value === "string") return "string";
  return isInteger(value) ? "integer" : undefined;
}

function incompatible(a: Value, b: Value): Error {
  return new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}

/** `eq` of two values. @throws Error when Go compares no such values. */
export function areEqual(a: Value, b: Value): boolean {
  if (typeof a === "object" && a !== null && (a.kind === "list" || a.kind === "map")) {
    if (b === null || b === undefined) return false;
    throw new Error(`non-comparable type ${typeName(a)}`);
  }
  if (a === null || a === undefined || b === null || b === undefined) return a === b;
  const kind = basicKind(a);
  if (kind !== basicKind(b)) throw incompatible(a, b);
  if (isInteger(a) && isInteger(b)) return a.value === b.value;
  if (kind !== undefined) return a === b;
  if (typeName(a) !== typeName(b)) throw incompatible(a, b);
  if (typeof a === "object" && typeof b === "object" && a.kind === "time" && b.kind === "time") {
    return a.nanoseconds === b.nanoseconds && a.zone === b.zone;
  }
  return a === b;
}

/** `lt` of two values. @throws Error when they have no order. */
export function isLess(a: Value, b: Value): boolean {
  const kind = basicKind(a);
  if (kind === undefined || basicKind(b) === undefined) {
    throw new Error("invalid type for comparison");
  }
  if (kind !== basicKind(b)) throw incompatible(a, b);
  if (isInteger(a) && isInteger(b)) return a.value < b.value;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b) < 0;
  if (typeof a === "number" && typeof b === "number") return a < b;
  throw new Error("invalid type for comparison");
}
