import { expect, test } from "bun:test";
import { Glob } from "bun";
import * as fc from "fast-check";
import type { Diagnostic } from "../../../src/base/diagnostic.ts";
import { createSourceText, placeAt, type SourceText } from "../../../src/base/source-text.ts";
import { readPlainYaml } from "../../../src/project/yaml/read-plain-yaml.ts";
import { readAnyYaml } from "../../../src/project/yaml/read-any-yaml.ts";
import type { TextRange, YamlNode } from "../../../src/project/yaml/yaml-node.ts";

/** What was read, with every place as a message would show it. */
function shown(node: YamlNode, source: SourceText): unknown {
  const place = ([start, end]: TextRange): string => {
    const { line, column, length } = placeAt(source, start, end);
    return `${line}:${column}+${length}`;
  };
  const at = place(node.range);
  if (node.kind === "null") return [at, null];
  if (node.kind === "text") return [at, node.value];
  if (node.kind === "list") return [at, node.items.map((item) => shown(item, source))];
  return [
    at,
    [...node.entries].map(([name, { key, value }]) => [name, place(key), shown(value, source)]),
  ];
}

/** Whether the quick reader answers; what it answers must be what the real parser does. */
function compare(text: string): boolean {
  const plain = readPlainYaml(text);
  if (plain === undefined) return false;
  const findings: Diagnostic[] = [];
  const source = createSourceText("image.yml", text);
  const real = readAnyYaml(source, (finding) => void findings.push(finding));
  expect(findings.map(({ message }) => message)).toEqual([]);
  expect([text, shown(plain, source)]).toEqual([text, real && shown(real, source)]);
  return true;
}

const files = [...new Glob("**/*.{yml,yaml}").scanSync("test/fixtures")];

test("readPlainYaml() reads what people write as the real parser does", async () => {
  const texts = await Promise.all(files.map((file) => Bun.file(`test/fixtures/${file}`).text()));
  expect(texts.filter((text) => compare(text)).length).toBeGreaterThan(texts.length / 2);
});

const words = [
  "a",
  "b: ",
  "b:",
  "name: ",
  "- ",
  "-",
  " ",
  " ",
  "  ",
  "\n",
  "\n",
  "\n  ",
  "\n    ",
  "\n- ",
  "\n  - ",
  "[",
  "]",
  "{",
  "}",
  ", ",
  ",",
  "1.10",
  "-x",
  "~",
  "null",
  "'",
  '"',
  "''",
  '"x"',
  "'y z'",
  "\\n",
  "\\x41",
  "# c",
  " # c",
  "#",
  ":",
  "://",
  "?",
  "? ",
  "&a",
  "*a",
  "!t",
  "|",
  ">",
  "%",
  "@",
  "`",
  "é",
  "\u00a0",
  "\u2028",
  "😀",
  "\t",
  "\r\n",
  "---",
  "...",
  "<<: ",
  "__proto__: ",
  "x: [a, b]",
  "y: { c: d }",
  "- e: f",
];

test("readPlainYaml() answers as the real parser, or not at all, for any text", () => {
  let answers = 0;
  const text = fc
    .array(fc.constantFrom(...words), { maxLength: 14 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (written) => {
      if (compare(`k: v\n${written}`)) answers++;
      if (compare(written)) answers++;
    }),
    { numRuns: 20_000 },
  );
  expect(answers).toBeGreaterThan(300);
}, 60_000);

// Well-formed files, of all that the quick reader knows.
const scalar = fc.constantFrom(
  "x",
  "1.10",
  "a b",
  "http://x/y?z#w",
  "-slim",
  "--flag",
  "'it''s'",
  '"a\\n\\"b\\""',
  "~",
  "é",
  "a,b",
  "a:b",
  "${VAR:-x}",
  '"# no comment"',
  "x # comment",
  "[]",
  "{}",
  "[a, 'b', \"c\"]",
  "{ a: 1, b: [c, -d], e: { f: g } }",
);
const { block } = fc.letrec<{ block: string[]; map: string[]; list: string[] }>((tie) => ({
  block: fc.oneof({ depthSize: "small" }, tie("map"), tie("list")),
  map: fc
    .uniqueArray(
      fc.tuple(
        fc.constantFrom("a", "b_c", "d.e/f", "9-1", "name", "x1"),
        fc.oneof({ depthSize: "small" }, scalar, tie("block")),
        fc.constantFrom("", " # why", "\n# note", "\n"),
      ),
      { minLength: 1, maxLength: 4, selector: ([name]) => name },
    )
    .map((pairs) =>
      pairs.flatMap(([name, value, noise]) =>
        typeof value === "string"
          ? `${name}: ${value}`
          : [`${name}:${noise}`, ...value.map((line) => `  ${line}`)].flatMap((line) =>
              line.split("\n"),
            ),
      ),
    ),
  list: fc
    .array(fc.oneof({ depthSize: "small" }, scalar, tie("map")), { minLength: 1, maxLength: 3 })
    .map((items) =>
      items.flatMap((item) =>
        typeof item === "string"
          ? `- ${item}`
          : item.map((line, index) => `${index === 0 ? "- " : "  "}${line}`),
      ),
    ),
}));

test("readPlainYaml() answers as the real parser for files as they are usually written", () => {
  let answers = 0;
  fc.assert(
    fc.property(block, (lines) => {
      if (compare(`${lines.join("\n")}\n`)) answers++;
    }),
    { numRuns: 3000 },
  );
  expect(answers).toBeGreaterThan(2500);
}, 60_000);
