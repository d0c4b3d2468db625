import { callFunction } from "./call-function.ts";
import { constantValue, convertConstant } from "./constant.ts";
import { convert } from "./convert.ts";
import { evaluateFields, type Call } from "./fields.ts";
import type { Argument, ParameterType, TemplateFunction } from "./function.ts";
import { parameterNames } from "./parameter-names.ts";
import { failAt, textAt, type State } from "./state.ts";
import type { Command, Expression, Pipeline } from "./template.ts";
import { isTrue, type Value } from "./value.ts";

/** The value of a pipeline; its variables are set. */
export function evaluatePipeline(state: State, dot: Value, pipeline: Pipeline): Value {
  state.at = pipeline;
  enter(state);
  let value: Value;
  let isFirst = true;
  for (const command of pipeline.commands) {
    value = evaluateCommand(state, dot, command, isFirst ? undefined : { value });
    // Nil that is passed on is no value any more.
    value ??= undefined;
    isFirst = false;
  }
  state.depth -= 1;
  for (const name of pipeline.variables) setVariable(state, pipeline, name, value);
  return value;
}

/** Counts a step and a level. The level is left by `state.depth -= 1`. */
export function enter(state: State): void {
  const { budget } = state.context;
  budget.spend(1);
  state.depth += 1;
  if (state.depth > budget.limits.depth) {
    throw failAt(
      state,
      "limit",
      `blocks and templates are nested more than ${budget.limits.depth} deep`,
    );
  }
}

/** Declares a variable, or gives the newest of that name another value, as the pipeline that names it says. */
export function setVariable(state: State, { assigns }: Pipeline, name: string, value: Value): void {
  if (assigns) findVariable(state, name).value = value;
  else state.variables.push({ name, value });
}

// The newest of that name.
function findVariable(state: State, name: string): State["variables"][number] {
  const { variables } = state;
  for (let index = variables.length - 1; index >= 0; index--) {
    const variable = variables[index];
    if (variable?.name !== name) continue;
    state.context.budget.spend(Math.floor((variables.length - index) / 64));
    return variable;
  }
  throw failAt(state, "failed", `undefined variable: ${name}`);
}

/** The value that a pipeline's earlier command passes on. */
type Final = { readonly value: Value } | undefined;

function evaluateCommand(state: State, dot: Value, command: Command, final: Final): Value {
  const [first, ...rest] = command.args;
  switch (first.type) {
    case "field":
    case "chain":
    case "variable":
      return evaluateReference(state, dot, first, { args: rest, final });
    case "identifier":
      return evaluateFunction(state, dot, first, { args: rest, final });
    case "pipeline":
      refuseArguments(state, first, rest, final);
      return evaluatePipeline(state, dot, first);
    case "dot":
    case "nil":
    case "boolean":
    case "string":
    case "number":
      state.at = first;
      refuseArguments(state, first, rest, final);
      if (first.type === "nil") throw failAt(state, "failed", "nil is not a command");
      return first.type === "dot" ? dot : constantValue(state, first);
  }
}

function refuseArguments(
  state: State,
  node: Expression,
  args: readonly Expression[],
  final: Final,
): void {
  if (args.length === 0 && final === undefined) return;
  throw failAt(state, "failed", `can't give argument to non-function ${textAt(state, node)}`);
}

/** The arguments of a method, evaluated when its parameters are known. */
type Arguments = { readonly args: readonly Expression[]; readonly final: Final };

function evaluateReference(
  state: State,
  dot: Value,
  node: Expression & { type: "field" | "chain" | "variable" },
  { args, final }: Arguments,
): Value {
  state.at = node;
  const call: Call = {
    hasArguments: args.length > 0 || final !== undefined,
    invoke: (name, method) => invoke(state, dot, { name, node, args, final, method }),
  };
  if (node.type === "field") return evaluateFields(state, dot, node.names, call);
  if (node.type === "chain") {
    const receiver = evaluateArgument(state, dot, "any", node.node);
    return evaluateFields(state, receiver, node.names, call);
  }
  const value = findVariable(state, node.name).value;
  if (node.names.length === 0) {
    refuseArguments(state, node, args, final);
    return value;
  }
  return evaluateFields(state, value, node.names, call);
}

function evaluateFunction(
  state: State,
  dot: Value,
  node: Expression & { type: "identifier" },
  { args, final }: Arguments,
): Value {
  state.at = node;
  const method = state.find(node.name);
  if (method === undefined)
    throw failAt(state, "unknownFunction", `function "${node.name}" not defined`);
  if (state.shortCircuits.has(method)) return shortCircuit(state, dot, { node, args, final });
  return invoke(state, dot, { name: node.name, node, args, final, method });
}

// `and` and `or` evaluate their arguments only as far as they must.
function shortCircuit(
  state: State,
  dot: Value,
  { node, args, final }: Arguments & { readonly node: Expression & { type: "identifier" } },
): Value {
  checkCount(state, node.name, args.length + (final === undefined ? 0 : 1), {
    parameters: ["any"],
    isVariadic: true,
  });
  const stopsAt = node.name === "or";
  let value: Value;
  for (const arg of args) {
    value = evaluateArgument(state, dot, "any", arg);
    if (isTrue(value) === stopsAt) return value;
  }
  return final === undefined ? value : final.value;
}

type Invocation = Arguments & {
  readonly name: string;
  readonly node: Expression;
  readonly method: TemplateFunction;
};

function invoke(state: State, dot: Value, { name, node, args, final, method }: Invocation): Value {
  const { parameters, rest } = method;
  const given = args.length + (final === undefined ? 0 : 1);
  checkCount(state, name, given, { parameters, isVariadic: rest !== undefined });
  const values: Argument[] = args.map((arg, index) => {
    return evaluateArgument(state, dot, parameters[index] ?? rest ?? "any", arg);
  });
  if (final !== undefined) {
    values.push(convert(state, final.value, parameters[args.length] ?? rest ?? "any"));
  }
  // As in Go, an error of what comes next is told where the last argument was.
  const last = state.at;
  state.at = node;
  const value = callFunction(state, name, method, values);
  state.at = last;
  return value;
}

function checkCount(
  state: State,
  name: string,
  given: number,
  { parameters, isVariadic }: { parameters: readonly unknown[]; isVariadic: boolean },
): void {
  const wanted = parameters.length;
  if (given === wanted || (isVariadic && given > wanted)) return;
  const least = isVariadic ? "at least " : "";
  throw failAt(
    state,
    "failed",
    `wrong number of args for ${name}: want ${least}${wanted} got ${given}`,
  );
}

function evaluateArgument(
  state: State,
  dot: Value,
  type: ParameterType,
  node: Expression,
): Argument {
  state.at = node;
  switch (node.type) {
    case "dot":
      return convert(state, dot, type);
    case "nil":
      if (type === "any" || type === "map") return convert(state, undefined, type);
      throw failAt(state, "failed", `cannot assign nil to ${parameterNames[type]}`);
    case "field":
    case "chain":
    case "variable":
      return convert(state, evaluateReference(state, dot, node, none), type);
    case "identifier":
      return convert(state, evaluateFunction(state, dot, node, none), type);
    case "pipeline":
      return convert(state, evaluatePipeline(state, dot, node), type);
    case "boolean":
    case "string":
    case "number":
      return convertConstant(state, type, node);
  }
}

const none: Arguments = { args: [], final: undefined };
