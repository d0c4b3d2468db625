import type { Expression, Pipeline, Statement, Template } from "../template/template.ts";

/** Whether what a template gives may differ by platform: it names the field, or hands on all there is. Says yes when in doubt. */
export function asksPlatform({ body, definitions }: Template): boolean {
  // What a definition gets may be the root.
  return [body, ...definitions.values()].some((statements) => statementsAsk(statements, true));
}

// In `range` and `with` the dot is something else than the root.
function statementsAsk(statements: readonly Statement[], atRoot: boolean): boolean {
  return statements.some((statement) => statementAsks(statement, atRoot));
}

function statementAsks(statement: Statement, atRoot: boolean): boolean {
  switch (statement.type) {
    case "text":
    case "break":
    case "continue":
      return false;
    case "action":
      return pipelineAsks(statement.pipeline, atRoot);
    case "template":
      return (
        statement.pipeline !== undefined &&
        !isDot(statement.pipeline) &&
        pipelineAsks(statement.pipeline, atRoot)
      );
    case "if":
    case "with":
    case "range": {
      const { type, pipeline, body, otherwise = [] } = statement;
      return (
        pipelineAsks(pipeline, atRoot) ||
        statementsAsk(body, atRoot && type === "if") ||
        statementsAsk(otherwise, atRoot)
      );
    }
  }
}

// `template "x" .`: whether the root is asked for its platform there is seen in the definition.
function isDot({ commands, variables }: Pipeline): boolean {
  const [command, ...others] = commands;
  return (
    variables.length === 0 &&
    others.length === 0 &&
    command?.args.length === 1 &&
    command.args[0].type === "dot"
  );
}

function pipelineAsks({ commands }: Pipeline, atRoot: boolean): boolean {
  return commands.some(({ args }) => args.some((argument) => expressionAsks(argument, atRoot)));
}

function expressionAsks(expression: Expression, atRoot: boolean): boolean {
  switch (expression.type) {
    case "dot":
      return atRoot;
    case "field":
      return atRoot && expression.names[0] === field;
    case "variable": {
      const { name, names } = expression;
      return name === "$" && (names.length === 0 || names[0] === field);
    }
    case "chain":
      return expressionAsks(expression.node, atRoot);
    case "pipeline":
      return pipelineAsks(expression, atRoot);
    case "nil":
    case "boolean":
    case "string":
    case "number":
    case "identifier":
      return false;
  }
}

const field = "Platform";
