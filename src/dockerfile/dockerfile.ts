import type { Diagnostic } from "../base/diagnostic.ts";
import type { SourceText } from "../base/source-text.ts";
import type { LocatedText } from "./located-text.ts";

/**
 * A Dockerfile as its frontend reads it, with places. What it does not understand it leaves to the frontend.
 * {@link https://docs.docker.com/reference/dockerfile/}
 */
export type Dockerfile = {
  readonly source: SourceText;
  /** The character that continues lines and escapes. */
  readonly escape: "\\" | "`";
  readonly instructions: readonly Instruction[];
  /** What keeps the file from being read to its end. */
  readonly problems: readonly Diagnostic[];
};

/** One instruction, flags and heredocs apart. */
export type Instruction = {
  /** Upper case. */
  readonly keyword: string;
  /** Offsets of the instruction without its heredocs; continuation lines are inside. */
  readonly range: readonly [start: number, end: number];
  readonly flags: readonly Flag[];
  /** Behind keyword and flags, with continuation lines joined. */
  readonly arguments: LocatedText;
  /** The arguments when they are a JSON array of strings. */
  readonly json?: readonly string[];
  readonly heredocs: readonly Heredoc[];
  /** What ONBUILD holds back for images built on this one. */
  readonly trigger?: Instruction;
};

/** `--name=value`, or `--name` without a value; quotes and escapes are resolved. */
export type Flag = { readonly name: string; readonly value?: LocatedText };

/** `<<NAME`, and the lines that it takes. */
export type Heredoc = {
  readonly name: string;
  /** Whether variables in it are expanded: its word had no quotes. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are removed. */
  readonly chomp: boolean;
  /** Offsets of the lines between word and terminator. */
  readonly range: readonly [start: number, end: number];
};
