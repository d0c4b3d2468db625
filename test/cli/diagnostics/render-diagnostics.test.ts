import { describe, expect, test } from "bun:test";
import { Ajv } from "ajv";
import type { Diagnostic } from "../../../src/base/diagnostic.ts";
import {
  diagnosticFormats,
  renderDiagnostics,
} from "../../../src/cli/diagnostics/render-diagnostics.ts";

const findings: readonly Diagnostic[] = [
  {
    code: "HV1003",
    severity: "error",
    message: 'Unknown key "platfroms", 100%',
    place: { file: "images/a b/image.yml", line: 3, column: 5, length: 9 },
    lineText: "    platfroms: [arm64]",
    label: 'did you mean "platforms"?',
    help: "line one\nline two",
    related: [
      {
        place: { file: "hive.yml", line: 1, column: 1 },
        message: "first here",
        lineText: "platforms: []",
      },
    ],
  },
  {
    code: "HV1016",
    severity: "warning",
    message: "Ignored",
    place: { file: "a,b:c.yml", line: 1, column: 1 },
  },
];

for (const format of diagnosticFormats) {
  test(`renderDiagnostics() writes ${format}`, () => {
    expect(renderDiagnostics(format, findings)).toMatchSnapshot();
  });

  test(`renderDiagnostics() writes ${format} of no findings`, () => {
    const text = renderDiagnostics(format, []);
    if (format === "text" || format === "github") expect(text).toBe("");
    else expect(() => JSON.parse(text) as unknown).not.toThrow();
  });
}

test("JSON has every finding as it is", () => {
  expect(JSON.parse(renderDiagnostics("json", findings))).toEqual(findings);
});

test("an annotation of GitHub's is one line, whatever the finding says", () => {
  const lines = renderDiagnostics("github", findings).trimEnd().split("\n");
  expect(lines).toEqual([
    "::error file=images/a b/image.yml,line=3,endLine=3,col=5,endColumn=14,title=HV1003::" +
      'Unknown key "platfroms", 100%25%0Adid you mean "platforms"?%0Aline one%0Aline two',
    "::warning file=a%2Cb%3Ac.yml,line=1,endLine=1,col=1,endColumn=2,title=HV1016::Ignored",
  ]);
});

describe("code quality reports", () => {
  type Issue = { readonly fingerprint: string };
  const fingerprints = (all: readonly Diagnostic[]): string[] =>
    (JSON.parse(renderDiagnostics("gitlab-codequality", all)) as Issue[]).map(
      ({ fingerprint }) => fingerprint,
    );

  test("keep a fingerprint when the finding moves to another line", () => {
    const moved = findings.map((finding) => ({
      ...finding,
      place: { ...finding.place, line: finding.place.line + 7 },
    }));
    expect(fingerprints(moved)).toEqual(fingerprints(findings));
  });

  test("tell equal findings apart", () => {
    expect(new Set(fingerprints([...findings, ...findings])).size).toBe(4);
  });
});

describe("text", () => {
  const many = Array.from({ length: 60 }, (_, index): Diagnostic => ({
    code: "HV1003",
    severity: index < 20 ? "warning" : "error",
    message: `finding ${index}`,
    place: { file: "hive.yml", line: index + 1, column: 1 },
  }));

  test("shows 50 findings, errors first to stay, and how many more there are", () => {
    const text = renderDiagnostics("text", many);
    const shown = [...text.matchAll(/finding (\d+)/g)].map(([, index]) => Number(index));
    expect(shown).toEqual([
      ...Array.from({ length: 10 }, (_, index) => index),
      ...Array.from({ length: 40 }, (_, index) => index + 20),
    ]);
    expect(text).toEndWith("and 10 more\n\n");
  });

  test("says nothing of more when there are 50", () => {
    expect(renderDiagnostics("text", many.slice(0, 50))).not.toContain(" more");
  });
});

// What SARIF 2.1.0 requires of the objects we write, and the names that it knows for them.
const message = object({ text: { type: "string" } }, ["text"]);
const region = object({
  startLine: { type: "integer", minimum: 1 },
  startColumn: { type: "integer", minimum: 1 },
  endColumn: { type: "integer", minimum: 1 },
  snippet: object({ text: { type: "string" } }),
});
const location = {
  id: { type: "integer", minimum: -1 },
  message,
  physicalLocation: object(
    {
      artifactLocation: object({ uri: { type: "string", pattern: "^[A-Za-z0-9%._~/-]+$" } }),
      region,
      contextRegion: region,
    },
    ["artifactLocation"],
  ),
};
const sarif = object(
  {
    $schema: { type: "string" },
    version: { enum: ["2.1.0"] },
    runs: list(
      object(
        {
          tool: object(
            {
              driver: object(
                {
                  name: { type: "string" },
                  version: { type: "string" },
                  rules: list(object({ id: { type: "string" } }, ["id"])),
                },
                ["name"],
              ),
            },
            ["driver"],
          ),
          columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
          results: list(
            object(
              {
                ruleId: { type: "string" },
                ruleIndex: { type: "integer", minimum: -1 },
                level: { enum: ["none", "note", "warning", "error"] },
                message,
                locations: list(object(location)),
                relatedLocations: list(object(location)),
              },
              ["message"],
            ),
          ),
        },
        ["tool"],
      ),
    ),
  },
  ["version", "runs"],
);

function object(properties: Record<string, unknown>, required: readonly string[] = []): object {
  return { type: "object", properties, required, additionalProperties: false };
}

function list(items: object): object {
  return { type: "array", items };
}

test("SARIF has what its schema requires, and nothing that the schema does not know", () => {
  const validate = new Ajv().compile(sarif);
  for (const all of [findings, []]) {
    const log = JSON.parse(renderDiagnostics("sarif", all)) as unknown;
    expect([validate(log), validate.errors]).toEqual([true, null]);
  }
});

test("github gets no control characters, and each finding stays one line", () => {
  const place = { file: "images/x\x1b[31m\n::error::/image.yml", line: 1, column: 1 };
  const finding = {
    code: "HV1011",
    severity: "error",
    message: "a\r\nb\x1b[31mc\rd",
    place,
  } as const;
  expect(renderDiagnostics("github", [finding])).toBe(
    "::error file=images/x%0A%3A%3Aerror%3A%3A/image.yml,line=1,endLine=1,col=1,endColumn=2,title=HV1011::a%0Abc d\n",
  );
});
