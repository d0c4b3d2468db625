import type { ParameterType } from "./function.ts";

/** The Go types of parameters. */
export const parameterNames: Readonly<Record<ParameterType, string>> = {
  any: "interface {}",
  string: "string",
  int: "int",
  bool: "bool",
  float64: "float64",
  map: "map[string]interface {}",
  time: "time.Time",
  version: "*semver.Version",
};
