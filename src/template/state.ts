import type { Diagnostic } from "../base/diagnostic.ts";
import { diagnosticAt } from "../base/source-text.ts";
import type { CallContext, TemplateFunction } from "./function.ts";
import type { Output } from "./output.ts";
import { TemplateError, templateCodes } from "./template-error.ts";
import type { Template } from "./template.ts";
import type { Value } from "./value.ts";

type Located = { readonly at: number; readonly end: number };

/** A key that a map has not. */
export type MissingKey = {
  readonly node: Located;
  readonly name: string;
  readonly known: () => readonly string[];
};

/** A rendering under way. */
export type State = {
  readonly template: Template;
  readonly find: (name: string) => TemplateFunction | undefined;
  /** `and` and `or`, unless others took their names. */
  readonly shortCircuits: ReadonlySet<TemplateFunction>;
  readonly context: CallContext;
  readonly output: Output;
  readonly warn: (diagnostic: Diagnostic) => void;
  /** The node that is being evaluated: where Go says an error is. */
  at: Located;
  variables: { readonly name: string; value: Value }[];
  depth: number;
  /** The last one met in the present action. */
  missing: MissingKey | undefined;
};

/** The error of what is being evaluated. */
export function failAt(
  state: State,
  code: keyof typeof templateCodes,
  message: string,
  help?: string,
): TemplateError {
  return new TemplateError([
    findingAt(state, state.at, { severity: "error", code, message, help }),
  ]);
}

type Finding = Pick<Diagnostic, "severity" | "message" | "help"> & {
  readonly code: keyof typeof templateCodes;
};

/** A finding at a node. */
export function findingAt(
  { template }: Pick<State, "template">,
  { at, end }: Located,
  { code, ...finding }: Finding,
): Diagnostic {
  return diagnosticAt(template.source, [at, end], { code: templateCodes[code], ...finding });
}

/** The text of a node, for messages. */
export function textAt({ template }: State, { at, end }: Located): string {
  const text = template.source.text.slice(at, end);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
