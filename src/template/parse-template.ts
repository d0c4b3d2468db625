import { diagnosticAt, type SourceText } from "../base/source-text.ts";
import { parseAction, opensBlock, type Action } from "./parse-action.ts";
import { SyntaxProblem, type Reader } from "./parse-expression.ts";
import { splitTemplate, type Piece } from "./split-template.ts";
import { TemplateError, templateCodes } from "./template-error.ts";
import type { Pipeline, Statement, Template } from "./template.ts";

/**
 * Parses Go's text/template language. {@link https://pkg.go.dev/text/template}
 * That functions exist is checked by `renderTemplate`, which knows them.
 * @throws TemplateError with all problems that can be told apart.
 */
export function parseTemplate(source: SourceText): Template {
  const builder = createBuilder(source);
  for (const piece of splitTemplate(source.text)) {
    if (builder.isTooDeep) break;
    if (piece.type === "text") addText(builder, piece);
    else addAction(builder, piece);
  }
  const last = builder.frames.at(-1);
  if (last !== undefined && builder.frames.length > 1 && !builder.isTooDeep) {
    report(builder, last.start, last.end, `unexpected end of the file: this has no {{end}}`);
  }
  const [first, ...others] = builder.problems.toSorted((a, b) => a.start - b.start);
  if (first !== undefined) {
    const find = ({ start, end, message }: Problem): ReturnType<typeof diagnosticAt> =>
      diagnosticAt(source, [start, end], {
        code: templateCodes.syntax,
        severity: "error",
        message,
      });
    throw new TemplateError([find(first), ...others.map((problem) => find(problem))]);
  }
  const { definitions, calls } = builder;
  return { source, body: builder.root.body, definitions, calls };
}

type Problem = { readonly start: number; readonly end: number; readonly message: string };

/** A block that is open. */
type Frame = {
  readonly type: "root" | "if" | "with" | "range" | "define" | "block" | "broken";
  readonly start: number;
  readonly end: number;
  readonly pipeline?: Pipeline;
  readonly name?: string;
  readonly body: Statement[];
  otherwise?: Statement[];
  /** Opened by `else if`: the {{end}} of the outer one closes it too. */
  readonly isElse: boolean;
  /** The variables known outside. */
  readonly outside: readonly string[];
};

type Builder = {
  readonly source: SourceText;
  readonly root: Frame;
  readonly frames: Frame[];
  readonly definitions: Map<string, readonly Statement[]>;
  readonly calls: Reader["calls"];
  readonly problems: Problem[];
  variables: string[];
  /** How many of them were known before the present action. */
  known: number;
  isTooDeep: boolean;
};

const deepest = 200;
const mostProblems = 100;

function createBuilder(source: SourceText): Builder {
  const root: Frame = { type: "root", start: 0, end: 0, body: [], isElse: false, outside: [] };
  return {
    source,
    root,
    frames: [root],
    definitions: new Map(),
    calls: [],
    problems: [],
    variables: ["$"],
    known: 1,
    isTooDeep: false,
  };
}

function report(builder: Builder, start: number, end: number, message: string): void {
  if (builder.problems.length < mostProblems) builder.problems.push({ start, end, message });
}

function addText(builder: Builder, { text, start, end }: Piece & { type: "text" }): void {
  if (text !== "") addStatement(builder, { type: "text", text, at: start, end });
}

function top(builder: Builder): Frame {
  return builder.frames.at(-1) ?? builder.root;
}

function addStatement(builder: Builder, statement: Statement): void {
  const frame = top(builder);
  (frame.otherwise ?? frame.body).push(statement);
}

function addAction(builder: Builder, piece: Piece & { type: "action" }): void {
  const { tokens, start, end, problem } = piece;
  if (problem !== undefined) report(builder, problem.start, problem.end, problem.message);
  const { variables, calls } = builder;
  builder.known = variables.length;
  const reader: Reader = { tokens, at: 0, end: end - 2, variables, calls, depth: 0 };
  try {
    if (problem !== undefined) {
      if (opensBlock(tokens)) open(builder, { type: "broken", start, end });
      return;
    }
    apply(builder, parseAction(reader), start, end);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    report(builder, error.start, error.end, error.message);
    if (opensBlock(tokens)) open(builder, { type: "broken", start, end });
  }
}

type Opening = Pick<Frame, "type" | "start" | "end"> & {
  readonly pipeline?: Pipeline;
  readonly name?: string;
  readonly isElse?: boolean;
};

function open(builder: Builder, opening: Opening): void {
  if (builder.frames.length > deepest) {
    const message = `blocks are nested more than ${deepest} deep`;
    report(builder, opening.start, opening.end, message);
    builder.isTooDeep = true;
    return;
  }
  const isApart = opening.type === "define" || opening.type === "block";
  // A pipeline's own variables were added before its block opens: they live as long as the block.
  const outside = isApart ? builder.variables : builder.variables.slice(0, builder.known);
  builder.frames.push({ isElse: false, ...opening, body: [], outside });
  if (isApart) builder.variables = ["$"];
}

function apply(builder: Builder, action: Action, start: number, end: number): void {
  switch (action.type) {
    case "action":
      return addStatement(builder, { type: "action", pipeline: action.pipeline, at: start, end });
    case "template":
      return addStatement(builder, { ...action, end });
    case "if":
    case "with":
    case "range":
    case "block":
      return open(builder, { ...action, start, end });
    case "define":
      if (builder.frames.length > 1 && top(builder).type !== "broken") {
        throw new SyntaxProblem("unexpected {{define}}: it can't stand in another block", {
          start,
          end,
        });
      }
      return open(builder, { ...action, start, end });
    case "break":
    case "continue":
      return addJump(builder, action.type, start, end);
    case "else":
      return addElse(builder, action, start, end);
    case "end":
      return close(builder, start, end);
  }
}

function addJump(builder: Builder, type: "break" | "continue", start: number, end: number): void {
  const inner = builder.frames.findLast((frame) =>
    /^(?:range|broken|define|block)$/.test(frame.type),
  );
  if (inner?.type !== "range" && inner?.type !== "broken") {
    throw new SyntaxProblem(`{{${type}}} outside {{range}}`, { start, end });
  }
  addStatement(builder, { type, at: start, end });
}

function addElse(
  builder: Builder,
  action: Action & { type: "else" },
  start: number,
  end: number,
): void {
  const frame = top(builder);
  if (frame.type === "broken") return;
  if (!/^(?:if|with|range)$/.test(frame.type)) {
    throw new SyntaxProblem("unexpected {{else}}", { start, end });
  }
  if (frame.otherwise !== undefined) {
    throw new SyntaxProblem("expected {{end}}; found {{else}}", { start, end });
  }
  if (action.branch !== undefined && action.branch !== frame.type) {
    const message = `unexpected {{else ${action.branch}}} in {{${frame.type}}}`;
    throw new SyntaxProblem(message, { start, end });
  }
  frame.otherwise = [];
  if (action.branch === undefined || action.pipeline === undefined) return;
  open(builder, { type: action.branch, pipeline: action.pipeline, start, end, isElse: true });
}

function close(builder: Builder, start: number, end: number): void {
  if (builder.frames.length === 1) throw new SyntaxProblem("unexpected {{end}}", { start, end });
  for (let isElse = true; isElse;) {
    const frame = builder.frames.pop();
    if (frame === undefined) return;
    builder.variables = [...frame.outside];
    isElse = frame.isElse;
    finish(builder, frame);
  }
}

function finish(builder: Builder, frame: Frame): void {
  const { type, pipeline, name, body, otherwise, start, end } = frame;
  if (type === "define" || type === "block") {
    define(builder, name ?? "", frame);
    // A block is a definition and its use in one.
    if (type === "block" && name !== undefined) {
      addStatement(builder, { type: "template", name, pipeline, at: start, end });
    }
  } else if (pipeline !== undefined && (type === "if" || type === "with" || type === "range")) {
    addStatement(builder, { type, pipeline, body, otherwise, at: start, end });
  }
}

// A definition of white space and comments only does not replace another one.
function define(builder: Builder, name: string, { body, start, end }: Frame): void {
  const known = builder.definitions.get(name);
  if (known !== undefined && !isEmpty(known) && !isEmpty(body)) {
    report(builder, start, end, `multiple definition of template ${JSON.stringify(name)}`);
  }
  if (known === undefined || isEmpty(known)) builder.definitions.set(name, body);
}

function isEmpty(body: readonly Statement[]): boolean {
  return body.every((statement) => statement.type === "text" && statement.text.trim() === "");
}
