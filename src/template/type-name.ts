import type { Value } from "./value.ts";

/** The Go type of a value, as `%T` prints it. */
export function typeName(value: Value): string {
  if (value === undefined || value === null) return "<nil>";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "float64";
  switch (value.kind) {
    case "integer":
    case "list":
    case "map":
      return value.type;
    case "struct":
      return "hive.Template";
    case "time":
      return "time.Time";
    case "version":
      return "*semver.Version";
  }
}

/** The Go kind of a value. */
export function kindName(value: Value): string {
  if (value === undefined || value === null) return "invalid";
  if (typeof value !== "object") return typeName(value);
  switch (value.kind) {
    case "integer":
      return value.type.startsWith("time.") ? "int" : value.type;
    case "list":
      return "slice";
    case "map":
      return "map";
    case "struct":
    case "time":
      return "struct";
    case "version":
      return "ptr";
  }
}
