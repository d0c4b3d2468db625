import { describe, expect, test } from "bun:test";
import type { TemplateData, TemplateRoot } from "../../src/template/template-data.ts";
import { TemplateError } from "../../src/template/template-error.ts";
import cases from "./golden/cases.json";
import expected from "./golden/expected.json";
import { render } from "./support/render.ts";

// What Go printed: test/support/go-templates says how it was made.
type Outcome = {
  readonly template: string;
  readonly text?: string;
  readonly error?: string;
  readonly line?: number;
  /** In bytes, from 0; syntax errors of Go have none. */
  readonly column?: number;
};

const now = new Date(cases.now);
const root = Object.fromEntries(
  Object.entries(cases.data).map(([name, value]) => [name, toData(value)]),
);

for (const [name, outcomes] of Object.entries(expected as Record<string, readonly Outcome[]>)) {
  describe(name, () => {
    for (const outcome of outcomes) {
      test(outcome.template, () => {
        if (outcome.text === undefined) {
          expect(placeOfFailure(outcome)).toEqual({
            line: outcome.line ?? 0,
            column: outcome.column,
          });
        } else {
          expect(render(outcome.template, { now }, root).text).toBe(outcome.text);
        }
      });
    }
  });
}

test("every case has its outcome", () => {
  const known = Object.entries(expected).map(([name, outcomes]) => {
    return [name, outcomes.map(({ template }) => template)];
  });
  expect(Object.fromEntries(known)).toEqual(cases.groups);
});

function placeOfFailure({
  template,
  column,
}: Outcome): { line: number; column: number | undefined } | undefined {
  try {
    render(template, { now }, root);
    return undefined;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { place } = error.diagnostics[0];
    const line = template.split("\n")[place.line - 1] ?? "";
    const bytes = Buffer.byteLength(line.slice(0, place.column - 1));
    return { line: place.line, column: column === undefined ? undefined : bytes };
  }
}

// The program in Go reads whole numbers as int, others as float64.
function toData(value: unknown): TemplateData {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((item: unknown) => toData(item));
  if (typeof value !== "object" || value === null) return value as TemplateData;
  const entries = Object.entries(value).map(([key, item]) => [key, toData(item)]);
  return Object.fromEntries(entries) as TemplateRoot;
}
