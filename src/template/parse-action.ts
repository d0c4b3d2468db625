import { readPipeline, SyntaxProblem, unexpected, type Reader } from "./parse-expression.ts";
import type { Token } from "./scan-action.ts";
import type { Pipeline } from "./template.ts";
import { unquote } from "./unquote.ts";

/** What an action says, before it has its place in the tree. */
export type Action =
  | { readonly type: "action"; readonly pipeline: Pipeline }
  | { readonly type: "if" | "with" | "range"; readonly pipeline: Pipeline }
  /** `branch` is what `else if` or `else with` begins. */
  | { readonly type: "else"; readonly branch: "if" | "with" | undefined; pipeline?: Pipeline }
  | { readonly type: "end" | "break" | "continue" }
  | { readonly type: "define"; readonly name: string }
  | { readonly type: "block"; readonly name: string; readonly pipeline: Pipeline }
  | NamedTemplate;

type NamedTemplate = {
  readonly type: "template";
  readonly name: string;
  /** Where Go says the action is. */
  readonly at: number;
  readonly pipeline: Pipeline | undefined;
};

/** Reads one action. @throws SyntaxProblem */
export function parseAction(reader: Reader): Action {
  const first = reader.tokens[reader.at];
  const keyword = first?.type === "identifier" ? first.text : "";
  reader.at += 1;
  switch (keyword) {
    case "if":
    case "with":
    case "range":
      return { type: keyword, pipeline: readPipeline(reader, keyword) };
    case "else":
      return readElse(reader);
    case "end":
    case "break":
    case "continue":
      if (reader.at < reader.tokens.length) throw unexpected(reader, `{{${keyword}}}`);
      return { type: keyword };
    case "define": {
      const { name } = readName(reader, "define clause");
      if (reader.at < reader.tokens.length) throw unexpected(reader, "define clause");
      return { type: "define", name };
    }
    case "block": {
      const { name } = readName(reader, "block clause");
      return { type: "block", name, pipeline: readPipeline(reader, "block clause") };
    }
    case "template": {
      const { name, at } = readName(reader, "template clause");
      const isBare = reader.at >= reader.tokens.length;
      const pipeline = isBare ? undefined : readPipeline(reader, "template clause");
      return { type: "template", name, at, pipeline };
    }
    default:
      reader.at -= 1;
      return { type: "action", pipeline: readPipeline(reader, "command") };
  }
}

/** The block that an action opens, even if the rest of it is wrong: its {{end}} is not another problem. */
export function opensBlock(tokens: readonly Token[]): boolean {
  const first = tokens[0];
  return first?.type === "identifier" && /^(?:if|with|range|define|block)$/.test(first.text);
}

function readElse(reader: Reader): Action {
  const token = reader.tokens[reader.at];
  if (token === undefined) return { type: "else", branch: undefined };
  if (token.text !== "if" && token.text !== "with") throw unexpected(reader, "else");
  reader.at += 1;
  return { type: "else", branch: token.text, pipeline: readPipeline(reader, token.text) };
}

function readName(reader: Reader, where: string): { name: string; at: number } {
  const token = reader.tokens[reader.at];
  if (token?.type !== "string" && token?.type !== "raw") throw unexpected(reader, where);
  reader.at += 1;
  const name = token.type === "raw" ? token.text.slice(1, -1) : unquote(token.text);
  if (name !== undefined) return { name, at: token.start };
  throw new SyntaxProblem(`${token.text} has an escape that does not exist`, token);
}
