import { scanAction, type ScannedAction } from "./scan-action.ts";

/** A stretch of the template: text as it will be printed, or an action. Comments are gone. */
export type Piece =
  | { readonly type: "text"; readonly text: string; readonly start: number; readonly end: number }
  | (Pick<ScannedAction, "tokens" | "problem"> & {
      readonly type: "action";
      readonly start: number;
      readonly end: number;
    });

const trimsLeft = /\{\{-[ \t\r\n]/y;

/** Splits a template at its actions, and trims the text beside `{{- ` and ` -}}`. */
export function splitTemplate(text: string): Piece[] {
  const pieces: Piece[] = [];
  let trim = false;
  for (let at = 0; at < text.length;) {
    const found = text.indexOf("{{", at);
    const open = found === -1 ? text.length : found;
    trimsLeft.lastIndex = open;
    const trimsEnd = trimsLeft.test(text);
    pieces.push(textPiece(text, [at, open], { start: trim, end: trimsEnd }));
    if (open === text.length) return pieces;
    const start = open + (trimsEnd ? 3 : 2);
    const action: Comment = scanComment(text, open, start) ?? scanAction(text, start);
    if (action.tokens.length > 0 || action.problem !== undefined || !action.isComment) {
      const { tokens, problem, end } = action;
      pieces.push({ type: "action", tokens, problem, start: open, end });
    }
    trim = action.trimsRight;
    at = action.end;
  }
  return pieces;
}

function textPiece(
  text: string,
  [start, end]: readonly [number, number],
  trims: { readonly start: boolean; readonly end: boolean },
): Piece & { type: "text" } {
  let from = start;
  let to = end;
  if (trims.start) while (from < to && isSpace(text[from])) from += 1;
  if (trims.end) while (to > from && isSpace(text[to - 1])) to -= 1;
  return { type: "text", text: text.slice(from, to), start: from, end: to };
}

function isSpace(char: string | undefined): boolean {
  return char === " " || char === "\t" || char === "\r" || char === "\n";
}

type Comment = ScannedAction & { readonly isComment?: boolean };

function scanComment(text: string, open: number, start: number): Comment | undefined {
  // Behind "{{-" one white space may stand, no more.
  const from = start > open + 2 ? start + 1 : start;
  if (!text.startsWith("/*", from)) return undefined;
  const close = text.indexOf("*/", from + 2);
  const after = close === -1 ? "" : text.slice(close + 2, close + 6);
  if (after.startsWith("}}")) return { ...comment, end: close + 4 };
  if (/^[ \t\r\n]-\}\}/.test(after)) return { ...comment, end: close + 6, trimsRight: true };
  const braces = text.indexOf("}}", from);
  const message = close === -1 ? "unclosed comment" : "comment ends before closing delimiter";
  const end = close === -1 || braces === -1 ? text.length : braces + 2;
  return { ...comment, problem: { message, start: open, end: open + 2 }, end };
}

const comment = { tokens: [], problem: undefined, trimsRight: false, isComment: true } as const;
