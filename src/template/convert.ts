import type { Argument, ParameterType } from "./function.ts";
import { parameterNames } from "./parameter-names.ts";
import { failAt, type State } from "./state.ts";
import { typeName } from "./type-name.ts";
import { isDict, isInteger, isTime, isVersion, type Dict, type Value } from "./value.ts";

/** A value for a parameter of `type`: Go converts nothing. */
export function convert(state: State, value: Value, type: ParameterType): Argument {
  const converted = convertTo(value, type);
  if (converted !== undefined || (type === "any" && value === undefined)) return converted ?? null;
  if (value === undefined) {
    throw failAt(state, "failed", `invalid value; expected ${parameterNames[type]}`);
  }
  const got = typeName(value);
  throw failAt(
    state,
    "failed",
    `wrong type for value; expected ${parameterNames[type]}; got ${got}`,
  );
}

const nilMap: Dict = {
  kind: "map",
  type: "map[string]interface {}",
  entries: new Map(),
  isNil: true,
};

function convertTo(value: Value, type: ParameterType): Argument | undefined {
  switch (type) {
    case "any":
      return value;
    case "string":
      return typeof value === "string" ? value : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "float64":
      return typeof value === "number" ? value : undefined;
    case "int":
      return isInteger(value) && value.type === "int" ? Number(value.value) : undefined;
    case "map":
      if (value === undefined) return nilMap;
      return isDict(value) && value.type === "map[string]interface {}" ? value : undefined;
    case "time":
      return isTime(value) ? value : undefined;
    case "version":
      return isVersion(value) ? value : undefined;
  }
}
