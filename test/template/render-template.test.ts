import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { createSourceText } from "../../src/base/source-text.ts";
import { parseTemplate } from "../../src/template/parse-template.ts";
import { renderTemplate } from "../../src/template/render-template.ts";
import { TemplateError } from "../../src/template/template-error.ts";
import { fixed } from "../../src/template/function.ts";
import { failure, options, render, shown } from "./support/render.ts";

const failures: readonly (readonly [string, readonly string[]])[] = [
  ["a\n  {{ .Nope }}", ["2:6 HV2102 can't evaluate field Nope in type hive.Template"]],
  ["{{ upperr .Tag }}", ['1:4 HV2101 function "upperr" not defined']],
  [
    "{{ a }}\n{{ b }}",
    ['1:4 HV2101 function "a" not defined', '2:4 HV2101 function "b" not defined'],
  ],
  [
    "{{ if }}\n{{ end }}{{ end }}",
    ["1:7 HV2100 missing value for if", "2:10 HV2100 unexpected {{end}}"],
  ],
  [
    "{{ 1__0 }}\n{{ $x }}",
    ['1:4 HV2100 bad number syntax: "1__0"', '2:4 HV2100 undefined variable "$x"'],
  ],
  ["a{{ if true }}", ["1:2 HV2100 unexpected end of the file: this has no {{end}}"]],
  ['é{{ fail "no" }}', ["1:5 HV2102 error calling fail: no"]],
  ["{{ 1i }}", ["1:4 HV2100 hive has no imaginary numbers"]],
  [
    '{{ genCA "a" 1 }}',
    [
      "1:4 HV2105 genCA is a sprig function that hive does not support: it would make builds irreproducible",
    ],
  ],
  [
    '\n{{ env "HOME" }}',
    [
      "2:4 HV2104 env would make builds irreproducible: it gives another result on another machine, or each time",
    ],
  ],
];

for (const [text, expected] of failures) {
  test(`the place and reason of ${JSON.stringify(text)}`, () => {
    expect(failure(text).map((finding) => shown(finding))).toEqual([...expected]);
  });
}

test.each([
  ["9223372036854775807", "9223372036854775807"],
  ["9223372036854775808", "9223372036854775807"],
  ["-9223372036854775808", "-9223372036854775808"],
  [`-${"9".repeat(100)}`, "-9223372036854775808"],
  [`+${"0".repeat(100)}5`, "5"],
  ["000", "0"],
  ["1e3", "0"],
])("atoi of %p is the nearest int64, as in Go", (text, expected) => {
  expect(render(`{{ atoi "${text}" }}`).text).toBe(expected);
});

test("a duration of more seconds than an int64 has nanoseconds wraps, as in Go", () => {
  expect(render('{{ duration "10000000000" }}').text).toBe("-2346317h47m53.709551616s");
});

test("a name that is nearly right is suggested", () => {
  expect(failure("{{ upperr .Tag }}")[0]?.help).toBe('did you mean "upper"?');
  expect(failure("{{ .Version }}")[0]?.help).toBe('did you mean "Versions"?');
});

test("what is impure is called when that is allowed", () => {
  process.env["HIVE_TEMPLATE_TEST"] = "here";
  try {
    const text = '{{ env "HIVE_TEMPLATE_TEST" }} {{ expandenv "${HIVE_TEMPLATE_TEST}!" }}';
    expect(render(text, { allowImpure: true }).text).toBe("here here!");
    expect(
      render('{{ env "toString" }}{{ expandenv "$toString" }}', { allowImpure: true }).text,
    ).toBe("");
    expect(render("{{ uuidv4 }}", { allowImpure: true }).text).toMatch(/^[0-9a-f-]{36}$/);
    expect(render("{{ randAlphaNum 8 }}", { allowImpure: true }).text).toMatch(/^[0-9A-Za-z]{8}$/);
  } finally {
    delete process.env["HIVE_TEMPLATE_TEST"];
  }
  expect(render('{{ if false }}{{ env "X" }}{{ end }}').text).toBe("");
});

test("a class of characters is none because every object has one of its name", () => {
  const [finding] = failure('{{ mustRegexFind "[[:constructor:]]" "a" }}');
  expect(finding?.message).toContain("invalid character class range: `[:constructor:]`");
});

test("less than no random text gives no steps back", () => {
  const spent: number[] = [];
  const onSpent = (steps: number): void => void spent.push(steps);
  const text = "{{ randAlpha -6400 }}{{ range until 9 }}{{ end }}";
  expect(render(text, { allowImpure: true, onSpent }).text).toBe("");
  expect(spent[0]).toBeGreaterThan(0);
});

test("the caller's functions are called, and win; what they throw is told at the call", () => {
  const boom = fixed([], () => {
    throw new Error("there is no image");
  });
  const upper = fixed(["string"], ([text]) => `<${text}>`);
  expect(render('{{ resolve_base "a" "1" }}').text).toBe("__hive__/a:1");
  expect(render('{{ upper "a" }}', { functions: { upper } }).text).toBe("<a>");
  expect(
    failure("\n {{ boom }}", { functions: { boom } }).map((finding) => shown(finding)),
  ).toEqual(["2:5 HV2102 error calling boom: there is no image"]);
});

describe("warnings", () => {
  const warnings: readonly (readonly [string, string | undefined, string | undefined])[] = [
    [
      "\n{{ .Versions.nodee }}",
      '2:13 HV2106 there is no key "nodee": "<no value>" is printed',
      'did you mean "node"?',
    ],
    [
      "{{ .Versions.x }}",
      '1:13 HV2106 there is no key "x": "<no value>" is printed',
      'it has "node", "python"',
    ],
    [
      '{{ index .Versions "x" }}',
      '1:4 HV2106 index .Versions "x" has no value: "<no value>" is printed',
      undefined,
    ],
    ['{{ .Versions.x | default "1" }}', undefined, undefined],
    ["{{ if .Versions.x }}{{ end }}", undefined, undefined],
    ["{{ .Versions.node }}", undefined, undefined],
  ];
  for (const [text, warning, help] of warnings) {
    test(text, () => {
      const rendered = render(text);
      expect(rendered.warnings.map((found) => shown(found))).toEqual(
        warning === undefined ? [] : [warning],
      );
      expect(rendered.warnings[0]?.help).toBe(help);
      expect(rendered.text.includes("<no value>")).toBe(warning !== undefined);
    });
  }
});

describe("limits", () => {
  const limited: readonly (readonly [string, string])[] = [
    ['{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}', "nested more than"],
    ["{{ range 1000000000 }}{{ end }}", "steps"],
    ["{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}", "steps"],
    ["{{ until 1000000000 }}", "steps"],
    ['{{ repeat 1000000000 "x" }}', "16777216 characters"],
    ['{{ $x := "abcdefgh" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}', "16777216 characters"],
    ["{{ $x := list 1 }}{{ range 100 }}{{ $x = list $x $x }}{{ end }}{{ $x }}", "steps"],
    ["{{ $x := list 1 }}{{ range 100 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}", "steps"],
    ['{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $d }}', "contain itself"],
    ['{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ toJson $d }}', "contain itself"],
    ['{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ deepCopy $d }}', "contain itself"],
    ['{{ regexFindAll "a*b|a" (repeat 1000000 "a") -1 }}', "steps"],
  ];
  for (const [text, reason] of limited) {
    test(text, () => {
      const [finding] = failure(text);
      expect(finding?.code).toBe("HV2103");
      expect(finding?.message).toContain(reason);
    });
  }

  test("patterns that ruin other engines are matched", () => {
    expect(render('{{ regexMatch "(a*)*b" (repeat 50000 "a") }}').text).toBe("false");
    expect(render('{{ regexMatch "(x+x+)+y" (repeat 50000 "x") }}').text).toBe("false");
  });

  test("a caller may set them", () => {
    expect(failure("{{ range 100 }}x{{ end }}", { limits: { steps: 50 } })[0]?.code).toBe("HV2103");
    expect(failure("{{ range 100 }}x{{ end }}", { limits: { text: 50 } })[0]?.code).toBe("HV2103");
  });

  test("nesting has an end", () => {
    const nested = (open: string, close: string): string => open.repeat(1000) + close.repeat(1000);
    expect(failure(nested("{{ if true }}", "{{ end }}"))[0]?.message).toContain("nested more than");
    expect(failure(`{{ print ${nested("(", ")")} }}`)[0]?.message).toContain("nested too deeply");
  });
});

test("originAt() finds the template's text, and the action behind what was printed", () => {
  const text = "FROM a\n{{- range .Versions }}\nRUN {{ . }} x\n{{- end }}\nEND";
  const rendered = render(text);
  expect(rendered.text).toBe("FROM a\nRUN 22.1.0 x\nRUN 3.13 x\nEND");
  const origin = (part: string): string =>
    text.slice(rendered.originAt(rendered.text.indexOf(part)));
  expect(origin("FROM")).toStartWith("FROM a");
  expect(origin("ROM a")).toStartWith("ROM a");
  expect(origin("RUN 3")).toStartWith("RUN {{");
  expect(origin("3.13")).toStartWith("{{ . }}");
  expect(origin(".13")).toStartWith("{{ . }}");
  expect(origin("END")).toBe("END");
  expect(rendered.originAt(rendered.text.length)).toBe(text.length);
  expect(render("").originAt(0)).toBe(0);
});

test("the data is the caller's: what a template sets, the next one does not see", () => {
  const data = { Map: { a: "b" } };
  expect(render('{{ set .Map "a" "c" }}', {}, data).text).toBe("map[a:c]");
  expect(render("{{ .Map }}", {}, data).text).toBe("map[a:b]");
});

const pieces = [
  "{{",
  "}}",
  "{{-",
  "-}}",
  " ",
  "\n",
  '"',
  "`",
  "'",
  "(",
  ")",
  "|",
  ",",
  ".",
  "$",
  "$x",
  ":=",
  "=",
  ".Versions",
  ".node",
  "if",
  "else",
  "end",
  "range",
  "with",
  "define",
  "template",
  "block",
  "break",
  "continue",
  "nil",
  "true",
  "1",
  "0x1",
  "1.5",
  "-1",
  "'a'",
  '"t"',
  "print",
  "index",
  "list",
  "dict",
  "printf",
  "upper",
  "eq",
  "and",
  "/*",
  "*/",
  "text",
  "é",
  "\\",
  "}",
];

test("no template does other than render or fail with a TemplateError", () => {
  const piece = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...pieces) },
    fc.string({ unit: "binary" }),
  );
  const action = fc.array(piece, { maxLength: 8 }).map((inner) => `{{ ${inner.join(" ")} }}`);
  const text = fc.array(fc.oneof(piece, action), { maxLength: 20 }).map((all) => all.join(""));
  fc.assert(
    fc.property(text, (template) => {
      try {
        const parsed = parseTemplate(createSourceText("t", template));
        renderTemplate(
          parsed,
          { Versions: { node: "1" } },
          { ...options, limits: { steps: 10_000 } },
        );
      } catch (error) {
        expect(error).toBeInstanceOf(TemplateError);
      }
    }),
    { numRuns: 2000 },
  );
});
