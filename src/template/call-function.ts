import { errorMessage } from "../base/error-message.ts";
import { charactersOfStep, LimitError, type Budget } from "./budget.ts";
import { FunctionError, type Argument, type TemplateFunction } from "./function.ts";
import { failAt, type State } from "./state.ts";
import { TemplateError } from "./template-error.ts";
import type { Value } from "./value.ts";

/** Calls a function with arguments of its types. @throws TemplateError at the call. */
export function callFunction(
  state: State,
  name: string,
  { call }: TemplateFunction,
  args: readonly Argument[],
): Value {
  const { budget } = state.context;
  try {
    // Functions read their arguments once or twice: that is work too.
    budget.spend(1 + sizeOf(args));
    const value = call(args, state.context);
    spendOn(value, budget);
    return value;
  } catch (error) {
    throw toTemplateError(state, name, error);
  }
}

function toTemplateError(state: State, name: string, error: unknown): TemplateError {
  if (error instanceof TemplateError) return error;
  if (error instanceof LimitError) return failAt(state, "limit", error.message);
  if (error instanceof FunctionError) return failAt(state, error.code, error.message, error.help);
  const message = errorMessage(error);
  return failAt(state, "failed", `error calling ${name}: ${message}`);
}

function sizeOf(args: readonly Argument[]): number {
  let size = 0;
  for (const arg of args) {
    if (typeof arg === "string") size += Math.floor(arg.length / charactersOfStep);
    else if (typeof arg !== "object" || arg === null) continue;
    else if (arg.kind === "list") size += Math.floor(arg.items.length / 16);
    else if (arg.kind === "map") size += Math.floor(arg.entries.size / 16);
  }
  return size;
}

function spendOn(value: Value, budget: Budget): void {
  if (typeof value === "string") budget.spendText(value.length);
  else budget.spend(sizeOf([value]));
}
