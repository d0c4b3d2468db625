import { describe, expect, test } from "bun:test";
import { createSourceText } from "../../src/base/source-text.ts";
import type { Diagnostic } from "../../src/base/diagnostic.ts";
import { createRenderer, type PipelineRenderer } from "../../src/pipeline/create-renderer.ts";

function renderer(
  texts: Readonly<Record<string, string>>,
  options: Readonly<Record<string, string>> = {},
): PipelineRenderer & { readonly warnings: Diagnostic[] } {
  const warnings: Diagnostic[] = [];
  const made = createRenderer({
    sources: new Map(
      Object.entries(texts).map(([name, text]) => [name, createSourceText(`${name}.gotpl`, text)]),
    ),
    root: { Jobs: [{ Id: "a", Level: 2n, Needs: ["b", "c"], Image: null }], Push: true },
    options: { read: (key) => options[key] },
    now: new Date(0),
    allowImpure: false,
    warn: (finding) => void warnings.push(finding),
  });
  return { ...made, warnings };
}

describe("createRenderer()", () => {
  test("has option, yaml, shell and expression", () => {
    const text = `{{ option "a" "x" }} {{ option "b" "y" }} {{ "z" | option "c" }}{{ option "d" }}
{{ yaml "no" }} {{ shell "it's" }} {{ expression "github.ref" }}
`;
    const made = renderer({ file: text }, { b: "set" });
    expect(made.render("file")).toBe(`x set z
"no" 'it'\\''s' \${{ github.ref }}
`);
    expect(made.read).toEqual(new Set(["a", "b", "c", "d"]));
  });

  test("includes others, with a job or without, and with what they all are given", () => {
    const made = renderer({
      file: `{{ range .Jobs }}{{ include "_job" . | indent 2 }}\n{{ end }}{{ include "_none" }}\n`,
      _job: "{{ .Job.Id }} {{ add .Job.Level 1 }}\n{{ range .Job.Needs }}{{ . }},{{ end }}{{ .Push }}\n",
      _none: "{{ if .Job }}job{{ else }}none{{ end }}\n",
      _unused: "",
    });
    expect(made.render("file")).toBe("  a 3\n  b,c,true\nnone\n");
    expect(made.used).toEqual(new Set(["file", "_job", "_none"]));
    expect(made.warnings).toEqual([]);
  });

  test("tells the place in the template that is wrong, and what there is near", () => {
    const findings = (texts: Readonly<Record<string, string>>): unknown => {
      try {
        return renderer(texts).render("file");
      } catch (error) {
        return (error as { diagnostics: Diagnostic[] }).diagnostics.map(
          ({ message, place: { file, line } }) => `${file}:${line} ${message}`,
        );
      }
    };
    expect(findings({ file: `\n{{ include "_job" }}`, _jobs: "" })).toEqual([
      expect.stringMatching(
        /^file\.gotpl:2 .*there is no template "_job", did you mean "_jobs"\?$/,
      ),
    ]);
    expect(findings({ file: `{{ include "_job" }}`, _job: "\n\n{{ .Nope }}" })).toEqual([
      expect.stringMatching(/^_job\.gotpl:3 .*Nope/),
    ]);
    expect(findings({ file: `{{ include "file" }}` })).toEqual([
      expect.stringContaining("includes itself"),
    ]);
    expect(findings({ file: `{{ include "_job" }}`, _job: "{{ end }}{{ nope }" })).toEqual([
      expect.stringContaining("_job.gotpl:1"),
      expect.stringContaining("_job.gotpl:1"),
    ]);
  });

  test("ends templates that include each other without end", () => {
    const each = `{{ range until 100 }}{{ include "_next" }}{{ end }}`;
    const made = renderer({
      file: each,
      _next: `{{ range until 1000 }}{{ include "_last" }}{{ end }}`,
      _last: "{{ range until 1000 }}{{ end }}",
    });
    expect(() => made.render("file")).toThrow(
      expect.objectContaining({
        diagnostics: [
          expect.objectContaining({ message: expect.stringContaining("steps together") }),
        ],
      }),
    );
  });
});
