import { didYouMean } from "../base/closest.ts";
import { shortList } from "../base/short-list.ts";
import { enter, evaluatePipeline, setVariable } from "./evaluate.ts";
import { display } from "./format/format-value.ts";
import { compareText } from "./go-text.ts";
import { failAt, findingAt, textAt, type State } from "./state.ts";
import type { Branch, Pipeline, Statement } from "./template.ts";
import { int, isDict, isInteger, isList, isTrue, type Value } from "./value.ts";

/** How a body was left: at its end, or by a jump out of the loop's turn. */
type Leave = "end" | "break" | "continue";

/** Carries out statements. @throws TemplateError, LimitError */
export function executeBody(state: State, dot: Value, body: readonly Statement[]): Leave {
  for (const statement of body) {
    const leave = executeStatement(state, dot, statement);
    if (leave !== "end") return leave;
  }
  return "end";
}

function executeStatement(state: State, dot: Value, statement: Statement): Leave {
  switch (statement.type) {
    case "text":
      state.context.budget.spend(1);
      state.output.copy(statement.text, statement.at);
      return "end";
    case "action":
      printPipeline(state, dot, statement.pipeline, statement.at);
      return "end";
    case "template":
      executeTemplate(state, dot, statement);
      return "end";
    case "break":
    case "continue":
      return statement.type;
    case "if":
    case "with":
    case "range": {
      enter(state);
      const scope = state.variables.length;
      const execute = statement.type === "range" ? executeRange : executeBranch;
      const leave = execute(state, dot, statement);
      state.variables.length = scope;
      state.depth -= 1;
      return leave;
    }
  }
}

function printPipeline(state: State, dot: Value, pipeline: Pipeline, at: number): void {
  state.missing = undefined;
  const value = evaluatePipeline(state, dot, pipeline);
  if (pipeline.variables.length > 0) return;
  if (value === undefined || value === null) {
    warnOfNoValue(state, pipeline);
    state.output.print("<no value>", at);
  } else {
    state.output.print(display(value, state.context.budget), at);
  }
}

function warnOfNoValue(state: State, pipeline: Pipeline): void {
  const { missing } = state;
  const kind = { severity: "warning", code: "missingKey" } as const;
  if (missing === undefined) {
    const message = `${textAt(state, pipeline)} has no value: "<no value>" is printed`;
    state.warn(findingAt(state, pipeline, { ...kind, message }));
    return;
  }
  const known = missing.known();
  const names = known.map((name) => JSON.stringify(name));
  const all = known.length === 0 ? "the map is empty" : `it has ${shortList(names)}`;
  const message = `there is no key ${JSON.stringify(missing.name)}: "<no value>" is printed`;
  const help = didYouMean(missing.name, known) ?? all;
  state.warn(findingAt(state, missing.node, { ...kind, message, help }));
}

function executeBranch(state: State, dot: Value, statement: Branch & { type: string }): Leave {
  const value = evaluatePipeline(state, dot, statement.pipeline);
  if (!isTrue(value)) return executeBody(state, dot, statement.otherwise ?? []);
  return executeBody(state, statement.type === "with" ? value : dot, statement.body);
}

function executeRange(state: State, dot: Value, statement: Branch): Leave {
  const { pipeline } = statement;
  const scope = state.variables.length;
  // The variables get the elements, not the value itself.
  const value = evaluatePipeline(state, dot, { ...pipeline, variables: [] });
  const [first, second] = pipeline.variables;
  if (isInteger(value) && second !== undefined) {
    const message = `can't use ${value.value} to iterate over more than one variable`;
    throw failAt(state, "failed", message);
  }
  let isEmpty = true;
  for (const [key, element] of elementsOf(state, value)) {
    isEmpty = false;
    state.context.budget.spend(1);
    state.variables.length = scope;
    if (first !== undefined)
      setVariable(state, pipeline, first, second === undefined ? element : key);
    if (second !== undefined) setVariable(state, pipeline, second, element);
    if (executeBody(state, element, statement.body) === "break") return "end";
  }
  return isEmpty ? executeBody(state, dot, statement.otherwise ?? []) : "end";
}

function* elementsOf(state: State, value: Value): Generator<readonly [Value, Value]> {
  if (value === undefined || value === null) return;
  if (isInteger(value)) {
    for (let index = 0n; index < value.value; index++) {
      const element = int(index, value.type);
      yield [element, element];
    }
  } else if (isList(value)) {
    for (const [index, element] of value.items.entries()) yield [int(index), element];
  } else if (isDict(value)) {
    state.context.budget.spend(value.entries.size);
    for (const key of [...value.entries.keys()].toSorted(compareText)) {
      yield [key, value.entries.get(key)];
    }
  } else {
    const shown = display(value, state.context.budget).slice(0, 100);
    throw failAt(state, "failed", `range can't iterate over ${shown}`);
  }
}

function executeTemplate(
  state: State,
  dot: Value,
  statement: Statement & { type: "template" },
): void {
  state.at = statement;
  const { definitions, source, body: root } = state.template;
  const known = definitions.get(statement.name);
  const body = known ?? (statement.name === source.file ? root : undefined);
  if (body === undefined) {
    const message = `template ${JSON.stringify(statement.name)} not defined`;
    throw failAt(state, "failed", message, didYouMean(statement.name, definitions.keys()));
  }
  enter(state);
  const argument =
    statement.pipeline === undefined ? undefined : evaluatePipeline(state, dot, statement.pipeline);
  const outside = state.variables;
  state.variables = [{ name: "$", value: argument }];
  executeBody(state, argument, body);
  state.variables = outside;
  state.depth -= 1;
}
