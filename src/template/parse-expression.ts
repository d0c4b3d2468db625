import type { Token } from "./scan-action.ts";
import { parseNumber } from "./scan-number.ts";
import type { Command, Expression, Pipeline } from "./template.ts";
import { unquote } from "./unquote.ts";

/** What is wrong with the characters from `start` up to `end`. */
export class SyntaxProblem extends Error {
  readonly start: number;
  readonly end: number;

  constructor(message: string, range: { readonly start: number; readonly end: number }) {
    super(message);
    this.start = range.start;
    this.end = range.end;
  }
}

/** An action's tokens being read, and the variables that are known where it stands. */
export type Reader = {
  readonly tokens: readonly Token[];
  at: number;
  /** Where the action's content ends. */
  readonly end: number;
  /** With their `$`; declarations are added. */
  readonly variables: string[];
  /** Every function named, added to. */
  readonly calls: { readonly name: string; readonly at: number; readonly end: number }[];
  depth: number;
};

const deepest = 100;

/** The problem of a token that can't stand where it does; at the action's end, of something missing. */
export function unexpected(reader: Reader, where: string): SyntaxProblem {
  const token = reader.tokens[reader.at];
  if (token === undefined) return missing(reader, `missing value for ${where}`);
  return new SyntaxProblem(`unexpected ${JSON.stringify(token.text)} in ${where}`, token);
}

function missing(reader: Reader, message: string): SyntaxProblem {
  return new SyntaxProblem(message, { start: reader.end, end: reader.end + 2 });
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.type === "mark" && token.text === text;
}

/** Reads a pipeline up to the action's end, or up to ")". */
export function readPipeline(reader: Reader, where: string): Pipeline {
  reader.depth += 1;
  if (reader.depth > deepest) throw missing(reader, "parentheses are nested too deeply");
  const at = reader.tokens[reader.at]?.start ?? reader.end;
  const { variables, assigns } = readVariables(reader, where);
  const commands: Command[] = [];
  while (!endsPipeline(reader)) {
    if (commands.length === 0 || isMark(reader.tokens[reader.at], "|")) {
      if (commands.length > 0) reader.at += 1;
      // As Go has it, "|" may also be the last.
      if (commands.length > 0 && endsPipeline(reader)) break;
      commands.push(readCommand(reader, commands.length + 1));
    } else {
      throw unexpected(reader, "operand");
    }
  }
  reader.depth -= 1;
  if (commands.length === 0) throw missing(reader, `missing value for ${where}`);
  const end = reader.tokens[reader.at - 1]?.end ?? at;
  return { type: "pipeline", at, end, variables, assigns, commands };
}

function endsPipeline(reader: Reader): boolean {
  const token = reader.tokens[reader.at];
  if (!isMark(token, ")")) return token === undefined;
  if (reader.depth > 1 || token === undefined) return true;
  throw new SyntaxProblem("unexpected right paren", token);
}

function readVariables(
  reader: Reader,
  where: string,
): { variables: readonly string[]; assigns: boolean } {
  const names: string[] = [];
  let at = reader.at;
  for (; reader.tokens[at]?.type === "variable"; at += 2) {
    names.push(reader.tokens[at]?.text ?? "");
    const mark = reader.tokens[at + 1];
    if (isMark(mark, ",")) continue;
    if (!isMark(mark, ":=") && !isMark(mark, "=")) return { variables: [], assigns: false };
    if (names.length > (where === "range" ? 2 : 1)) break;
    reader.at = at + 2;
    const assigns = isMark(mark, "=");
    declare(reader, names);
    return { variables: names, assigns };
  }
  const token = reader.tokens[reader.at];
  if (names.length < 2 || token === undefined) return { variables: [], assigns: false };
  throw new SyntaxProblem(`too many declarations in ${where}`, token);
}

const mostVariables = 1000;

function declare(reader: Reader, names: readonly string[]): void {
  reader.variables.push(...names.filter((name) => !reader.variables.includes(name)));
  if (reader.variables.length <= mostVariables) return;
  throw missing(reader, `the template has more than ${mostVariables} variables`);
}

function readCommand(reader: Reader, stage: number): Command {
  const first = readOperand(reader);
  const args: [Expression, ...Expression[]] = [first];
  for (
    let token = reader.tokens[reader.at];
    token !== undefined;
    token = reader.tokens[reader.at]
  ) {
    if (isMark(token, "|") || isMark(token, ")")) break;
    if (!token.spaced) throw unexpected(reader, "operand");
    args.push(readOperand(reader));
  }
  if (stage > 1 && /^(?:dot|nil|boolean|string|number)$/.test(first.type)) {
    const message = `non executable command in pipeline stage ${stage}`;
    throw new SyntaxProblem(message, { start: first.at, end: first.end });
  }
  return { args, at: first.at, end: args.at(-1)?.end ?? first.end };
}

// A term and the fields that follow it without white space.
function readOperand(reader: Reader): Expression {
  const node = readTerm(reader);
  const start = reader.tokens[reader.at]?.start ?? 0;
  const names: string[] = [];
  let end = node.end;
  for (let token = reader.tokens[reader.at]; token?.type === "field" && !token.spaced;) {
    names.push(token.text.slice(1));
    end = token.end;
    reader.at += 1;
    token = reader.tokens[reader.at];
  }
  if (names.length === 0) return node;
  // Go's place of a chain is its second piece.
  if (node.type === "field") return { ...node, names: [...node.names, ...names], at: start, end };
  if (node.type === "variable") return { ...node, names, at: start, end };
  if (/^(?:dot|nil|boolean|string|number)$/.test(node.type)) {
    throw new SyntaxProblem("unexpected . after a constant", { start, end });
  }
  return { type: "chain", node, names, at: start, end };
}

function readTerm(reader: Reader): Expression {
  const token = reader.tokens[reader.at];
  if (token === undefined) throw unexpected(reader, "command");
  reader.at += 1;
  const located = { at: token.start, end: token.end };
  switch (token.type) {
    case "dot":
      return { type: "dot", ...located };
    case "field":
      return { type: "field", names: [token.text.slice(1)], ...located };
    case "variable":
      if (!reader.variables.includes(token.text)) {
        throw new SyntaxProblem(`undefined variable "${token.text}"`, token);
      }
      return { type: "variable", name: token.text, names: [], ...located };
    case "identifier":
      return readIdentifier(reader, token);
    case "raw":
      return { type: "string", value: token.text.slice(1, -1).replaceAll("\r", ""), ...located };
    case "string":
    case "character":
    case "number":
      return readConstant(token);
    case "mark":
      if (token.text === "(") return readParentheses(reader, token);
      reader.at -= 1;
      throw unexpected(reader, "command");
  }
}

const keywords = "if else end range with define template block".split(" ");

function readIdentifier(reader: Reader, token: Token): Expression {
  const located = { at: token.start, end: token.end };
  if (token.text === "nil") return { type: "nil", ...located };
  if (token.text === "true" || token.text === "false") {
    return { type: "boolean", value: token.text === "true", ...located };
  }
  if (keywords.includes(token.text)) {
    reader.at -= 1;
    throw unexpected(reader, "command");
  }
  reader.calls.push({ name: token.text, ...located });
  return { type: "identifier", name: token.text, ...located };
}

function readConstant(token: Token): Expression {
  const located = { at: token.start, end: token.end };
  if (token.type === "string") {
    const value = unquote(token.text);
    if (value !== undefined) return { type: "string", value, ...located };
    throw new SyntaxProblem(`${token.text} has an escape that does not exist`, token);
  }
  if (token.type === "character") {
    const value = unquote(token.text) ?? "";
    const code = value.codePointAt(0);
    if (code === undefined || String.fromCodePoint(code) !== value) {
      throw new SyntaxProblem(`malformed character constant: ${token.text}`, token);
    }
    const constant = { integer: BigInt(code), float: code, isFloat: false };
    return { type: "number", text: token.text, ...constant, ...located };
  }
  const constant = parseNumber(token.text);
  if (constant !== undefined) return { type: "number", text: token.text, ...constant, ...located };
  const isImaginary = /^[0-9.]+i$/.test(token.text);
  throw new SyntaxProblem(
    isImaginary ? "hive has no imaginary numbers" : `bad number syntax: "${token.text}"`,
    token,
  );
}

function readParentheses(reader: Reader, open: Token): Expression {
  const pipeline = readPipeline(reader, "parenthesized pipeline");
  const close = reader.tokens[reader.at];
  if (close === undefined) throw new SyntaxProblem("unclosed left paren", open);
  reader.at += 1;
  return { ...pipeline, end: close.end };
}
