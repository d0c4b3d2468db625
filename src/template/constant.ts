import type { Argument, ParameterType } from "./function.ts";
import { parameterNames } from "./parameter-names.ts";
import { failAt, textAt, type State } from "./state.ts";
import type { Expression, NumberNode } from "./template.ts";
import { int, type Value } from "./value.ts";

type Constant = Expression & { type: "boolean" | "string" | "number" };

/** A constant for a parameter of `type`. @throws TemplateError */
export function convertConstant(state: State, type: ParameterType, node: Constant): Argument {
  const found = (wanted: string): Error =>
    failAt(state, "failed", `expected ${wanted}; found ${textAt(state, node)}`);
  switch (type) {
    case "any":
      return constantValue(state, node);
    case "string":
      if (node.type === "string") return node.value;
      throw found("string");
    case "int":
      if (node.type === "number" && node.integer !== undefined) return Number(wholeOf(state, node));
      throw found("integer");
    case "float64":
      if (node.type === "number") return node.float;
      throw found("float");
    case "bool":
      if (node.type === "boolean") return node.value;
      throw found("bool");
    case "map":
    case "time":
    case "version":
      throw failAt(
        state,
        "failed",
        `can't handle ${textAt(state, node)} for arg of type ${parameterNames[type]}`,
      );
  }
}

function wholeOf(state: State, node: NumberNode): bigint {
  const whole = node.integer ?? 0n;
  if (BigInt.asIntN(64, whole) === whole) return whole;
  throw failAt(state, "failed", `${textAt(state, node)} overflows int`);
}

/** A constant where any type is welcome. @throws TemplateError */
export function constantValue(state: State, node: Constant): Value {
  if (node.type !== "number") return node.value;
  return node.isFloat ? node.float : int(wholeOf(state, node));
}
