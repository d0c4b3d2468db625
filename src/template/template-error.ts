import type { Diagnostic } from "../base/diagnostic.ts";

/** A template that can't be parsed or rendered. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  /** All findings, in the file's order; a rendering has one, or one for each unknown function. */
  readonly diagnostics: readonly [Diagnostic, ...Diagnostic[]];

  constructor(diagnostics: readonly [Diagnostic, ...Diagnostic[]]) {
    super(diagnostics[0].message);
    this.diagnostics = diagnostics;
  }
}

/** What each finding of this room is, for `Diagnostic.code`. */
export const templateCodes = {
  syntax: "HV2100",
  unknownFunction: "HV2101",
  failed: "HV2102",
  limit: "HV2103",
  impure: "HV2104",
  unsupported: "HV2105",
  missingKey: "HV2106",
} as const;
