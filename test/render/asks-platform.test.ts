import { expect, test } from "bun:test";
import { createSourceText } from "../../src/base/source-text.ts";
import { asksPlatform } from "../../src/render/asks-platform.ts";
import { parseTemplate } from "../../src/template/parse-template.ts";

const asking = [
  "{{ .Platform }}",
  "{{ .Platform | upper }}",
  "{{ $.Platform }}",
  "{{ if false }}{{ .Platform }}{{ end }}",
  "{{ if false }}{{ else }}{{ .Platform }}{{ end }}",
  "{{ if eq .Platform `linux/amd64` }}x{{ end }}",
  "{{ range .Tag }}{{ else }}{{ .Platform }}{{ end }}",
  "{{ range list 1 }}{{ $.Platform }}{{ end }}",
  "{{ with $ }}{{ .Platform }}{{ end }}",
  "{{ with . }}{{ .Tag }}{{ end }}",
  "{{ printf `%v` . }}",
  "{{ . }}",
  "{{ $x := . }}{{ $x.Platform }}",
  "{{ (.).Platform }}",
  "{{ toJson (list $) }}",
  "{{ define `x` }}{{ .Platform }}{{ end }}{{ template `x` . }}",
  "{{ define `x` }}{{ . }}{{ end }}{{ template `x` . }}",
  "{{ define `x` }}{{ end }}{{ template `x` (list .) }}",
  "{{ block `x` . }}{{ .Platform }}{{ end }}",
];

const others = [
  "Platform",
  "{{ .Tag }}",
  "{{ $.Tag }}",
  "{{/* .Platform */}}",
  "{{ `.Platform` }}",
  "{{ range list 1 2 }}{{ . }}{{ end }}",
  "{{ range $i, $x := list 1 2 }}{{ $x }}{{ . }}{{ end }}",
  "{{ with .Versions }}{{ .Platform }}{{ end }}",
  "{{ .Versions.Platform }}",
  "{{ define `x` }}{{ .Tag }}{{ end }}{{ template `x` . }}",
];

for (const [expected, texts] of [
  [true, asking],
  [false, others],
] as const) {
  test.each(texts)(`asksPlatform() says ${expected ? "yes" : "no"} to %s`, (text) => {
    expect(asksPlatform(parseTemplate(createSourceText("x", text)))).toBe(expected);
  });
}
