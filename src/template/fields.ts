import { didYouMean } from "../base/closest.ts";
import type { TemplateFunction } from "./function.ts";
import { methodsOf } from "./methods.ts";
import { failAt, type State } from "./state.ts";
import { typeName } from "./type-name.ts";
import type { Value } from "./value.ts";

/** How the last name of a chain is called. */
export type Call = {
  readonly hasArguments: boolean;
  /** Calls a method with the arguments, if there are some. */
  readonly invoke: (name: string, method: TemplateFunction) => Value;
};

/** `receiver.a.b.c` @throws TemplateError where Go fails. */
export function evaluateFields(
  state: State,
  receiver: Value,
  names: readonly string[],
  call: Call,
): Value {
  let value = receiver;
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    value = evaluateField(state, value, name, isLast ? call : { ...call, hasArguments: false });
  }
  return value;
}

function evaluateField(state: State, receiver: Value, name: string, call: Call): Value {
  // What is missing has no fields, and that is no error.
  if (receiver === undefined) return undefined;
  if (receiver === null)
    throw failAt(state, "failed", `nil pointer evaluating interface {}.${name}`);
  const method = methodsOf(receiver)?.get(name);
  if (method !== undefined) return call.invoke(name, method);
  if (typeof receiver === "object" && receiver.kind === "map") {
    if (call.hasArguments) {
      throw failAt(state, "failed", `${name} is not a method but has arguments`);
    }
    const { entries } = receiver;
    if (!entries.has(name)) {
      state.missing = { node: state.at, name, known: () => [...entries.keys()] };
    }
    return entries.get(name);
  }
  if (typeof receiver === "object" && receiver.kind === "struct" && receiver.fields.has(name)) {
    if (call.hasArguments) {
      const message = `${name} has arguments but cannot be invoked as function`;
      throw failAt(state, "failed", message);
    }
    return receiver.fields.get(name);
  }
  throw unknownField(state, receiver, name);
}

function unknownField(state: State, receiver: Value, name: string): Error {
  const message = `can't evaluate field ${name} in type ${typeName(receiver)}`;
  if (typeof receiver !== "object" || receiver === null || receiver.kind !== "struct") {
    return failAt(state, "failed", message);
  }
  const fields = [...receiver.fields.keys()];
  const all = `templates have ${fields.map((field) => `.${field}`).join(", ")}`;
  return failAt(state, "failed", message, didYouMean(name, fields) ?? all);
}
