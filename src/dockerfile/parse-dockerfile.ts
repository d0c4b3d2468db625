import type { Diagnostic } from "../base/diagnostic.ts";
import { diagnosticAt, type SourceText } from "../base/source-text.ts";
import type { Dockerfile, Heredoc, Instruction } from "./dockerfile.ts";
import { heredocWords } from "./heredoc-words.ts";
import { rangeOfText, sliceText, trimText, type LocatedText } from "./located-text.ts";
import { readFlags } from "./read-flags.ts";

/** Reads a Dockerfile; it never throws: what is wrong with the file is in `problems`. */
export function parseDockerfile(source: SourceText): Dockerfile {
  const reader: Reader = {
    source,
    line: 0,
    escape: "\\",
    directives: new Set(),
    directivesDone: false,
    problems: [],
  };
  const instructions: Instruction[] = [];
  for (let text = nextLine(reader); text !== undefined; text = nextLine(reader)) {
    const instruction = readInstruction(text, reader.escape);
    if (instruction === undefined) continue;
    instructions.push(withHeredocs(instruction, text, reader));
  }
  if (instructions.length === 0 && reader.problems.length === 0) {
    report(reader, [0, 1], `Cannot read "${source.file}": it has no instructions`);
  }
  return {
    source,
    escape: reader.escape,
    instructions,
    problems: reader.problems,
  };
}

type Reader = {
  readonly source: SourceText;
  /** Index of the next line to read. */
  line: number;
  escape: "\\" | "`";
  readonly directives: Set<string>;
  directivesDone: boolean;
  readonly problems: Diagnostic[];
};

type Line = { readonly start: number; readonly text: string };

function takeLine(reader: Reader): Line | undefined {
  const { lineStarts, text } = reader.source;
  const start = lineStarts[reader.line];
  if (start === undefined || start >= text.length) return undefined;
  reader.line += 1;
  const end = lineStarts[reader.line] ?? text.length;
  return { start, text: trimLineBreak(text.slice(start, end)) };
}

// The next instruction with its continuation lines joined; "" for empty lines and comments.
function nextLine(reader: Reader): LocatedText | undefined {
  const first = takeLine(reader);
  if (first === undefined) return undefined;
  const indent = first.text.length - first.text.trimStart().length;
  const line = { start: first.start + indent, text: first.text.slice(indent) };
  readDirective(line, reader);
  const pieces: Line[] = [];
  let continued = isComment(line.text) ? false : addPiece(line, pieces, reader.escape);
  while (continued) {
    const next = takeLine(reader);
    if (next === undefined) break;
    readDirective(next, reader);
    if (isComment(next.text) || next.text.trim() === "") continue;
    continued = addPiece(next, pieces, reader.escape);
  }
  return {
    text: pieces.map((piece) => piece.text).join(""),
    offsets: pieces.flatMap(({ start, text }) => offsetsFrom(start, text.length)),
  };
}

function offsetsFrom(start: number, length: number): number[] {
  const offsets: number[] = [];
  for (let offset = start; offset < start + length; offset++) offsets.push(offset);
  return offsets;
}

// True when the line goes on: its last character is the escape, and the one before it is not.
function addPiece(line: Line, pieces: Line[], escape: string): boolean {
  let end = line.text.length;
  while (line.text[end - 1] === " " || line.text[end - 1] === "\t") end -= 1;
  const trimmed = line.text.slice(0, end);
  const continued = trimmed.endsWith(escape) && trimmed.at(-2) !== escape;
  pieces.push(continued ? { ...line, text: trimmed.slice(0, -1) } : line);
  return continued;
}

function isComment(text: string): boolean {
  return text.trimStart().startsWith("#");
}

function trimLineBreak(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end -= 1;
  return text.slice(0, end);
}

// `# escape=`, `# syntax=`, `# check=`: only before anything else, each once.
function readDirective({ start, text }: Line, reader: Reader): void {
  if (reader.directivesDone) return;
  const equals = text.indexOf("=");
  const name = text.slice(1, Math.max(1, equals)).trim().toLowerCase();
  const value = text.slice(equals + 1).trim();
  if (!text.startsWith("#") || !/^(?:escape|syntax|check)$/.test(name) || value === "") {
    reader.directivesDone = true;
    return;
  }
  const range: [number, number] = [start, start + text.length];
  if (reader.directives.has(name)) report(reader, range, `Duplicate parser directive "${name}"`);
  reader.directives.add(name);
  if (name !== "escape") return;
  if (value === "\\" || value === "`") reader.escape = value;
  else report(reader, range, `Cannot use "${value}" as the escape character: expected \\ or \``);
}

function report(reader: Reader, range: readonly [number, number], message: string): void {
  reader.problems.push(
    diagnosticAt(reader.source, range, { code: "HV2001", severity: "error", message }),
  );
}

function readInstruction(line: LocatedText, escape: string): Instruction | undefined {
  const trimmed = trimText(line);
  if (trimmed.text === "") return undefined;
  const length = trimmed.text.search(/[\t\v\f\r ]/);
  const keyword = (length === -1 ? trimmed.text : trimmed.text.slice(0, length)).toUpperCase();
  const behind = sliceText(trimmed, length === -1 ? trimmed.text.length : length);
  const { flags, rest } = readFlags(behind, escape);
  const json = readJson(rest.text);
  const trigger = keyword === "ONBUILD" ? readInstruction(rest, escape) : undefined;
  return {
    keyword,
    range: rangeOfText(trimmed),
    flags,
    arguments: rest,
    heredocs: [],
    ...(json === undefined ? {} : { json }),
    ...(trigger === undefined ? {} : { trigger }),
  };
}

function readJson(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    return isList ? value : undefined;
  } catch {
    return undefined;
  }
}

function withHeredocs(instruction: Instruction, line: LocatedText, reader: Reader): Instruction {
  const holder = instruction.trigger ?? instruction;
  if (!/^(?:ADD|COPY|RUN)$/.test(holder.keyword) || holder.json !== undefined) return instruction;
  const heredocs: Heredoc[] = [];
  for (const word of heredocWords(line.text)) {
    const start = reader.source.lineStarts[reader.line] ?? reader.source.text.length;
    const end = skipHeredoc(word, reader);
    if (end === undefined) {
      report(reader, instruction.range, `Cannot find the end of heredoc "${word.name}"`);
      return { ...instruction, heredocs };
    }
    heredocs.push({ ...word, range: [start, end] });
  }
  return { ...instruction, heredocs };
}

// Where the terminator's line begins.
function skipHeredoc(
  { name, chomp }: { readonly name: string; readonly chomp: boolean },
  reader: Reader,
): number | undefined {
  for (let line = takeLine(reader); line !== undefined; line = takeLine(reader)) {
    if ((chomp ? line.text.replace(/^\t+/, "") : line.text) === name) return line.start;
  }
  return undefined;
}
