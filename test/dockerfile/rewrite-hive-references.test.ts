import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  restoreHiveReferences,
  rewriteHiveArgs,
  rewriteHiveReferences,
} from "../../src/dockerfile/rewrite-hive-references.ts";
import { dockerfileText } from "./support/dockerfile-text.ts";

const cases: readonly (readonly [string, string, string])[] = [
  ["FROM", "FROM __hive__/a:1 AS b", "FROM hive-dep/a:1 AS b"],
  ["FROM with a platform", "from --platform=x __hive__/a", "from --platform=x hive-dep/a"],
  ["COPY --from", "FROM a\nCOPY --from=__hive__/b x y", "FROM a\nCOPY --from=hive-dep/b x y"],
  [
    "a mount",
    "FROM a\nRUN --mount=from=__hive__/b ls __hive__/c",
    "FROM a\nRUN --mount=from=hive-dep/b ls __hive__/c",
  ],
  [
    "ONBUILD",
    "FROM a\nONBUILD COPY --from=__hive__/b x y",
    "FROM a\nONBUILD COPY --from=hive-dep/b x y",
  ],
  ["an ARG that a FROM uses", "ARG A=__hive__/a\nFROM $A", "ARG A=hive-dep/a\nFROM $A"],
  [
    "an ARG in quotes",
    "ARG A='__hive__/a' B=\"__hive__/b\"\nFROM $A\nFROM $B",
    "ARG A='hive-dep/a' B=\"hive-dep/b\"\nFROM $A\nFROM $B",
  ],
  [
    "an ARG by way of another",
    "ARG A=__hive__\nARG B=${A}/b\nFROM ${B}",
    "ARG A=hive-dep\nARG B=${A}/b\nFROM ${B}",
  ],
  ["a default in FROM", "FROM ${A:-__hive__/a}", "FROM ${A:-hive-dep/a}"],
  ["an ARG that no FROM uses", "ARG A=__hive__/a\nFROM b", "ARG A=__hive__/a\nFROM b"],
  ["an ARG of a stage", "ARG A\nFROM $A\nARG A=__hive__/a", "ARG A\nFROM $A\nARG A=__hive__/a"],
  ["a name over two lines", "FROM __hi\\\nve__/a", "FROM hive\\\n-dep/a"],
  ["a comment", "# FROM __hive__/a\nFROM a", "# FROM __hive__/a\nFROM a"],
  ["a heredoc", "FROM a\nRUN <<E\nFROM __hive__/b\nE", "FROM a\nRUN <<E\nFROM __hive__/b\nE"],
  ["a command", "FROM a\nRUN echo __hive__/b", "FROM a\nRUN echo __hive__/b"],
  ["a label", "FROM a\nLABEL x=__hive__/b", "FROM a\nLABEL x=__hive__/b"],
  [
    "another name",
    "FROM x/__hive__/a\nFROM my__hive__/a\nFROM x-__hive__/a",
    "FROM x/__hive__/a\nFROM my__hive__/a\nFROM x-__hive__/a",
  ],
  [
    "a stage's name",
    "FROM a AS __hive__\nCOPY --from=__hive__x b c",
    "FROM a AS __hive__\nCOPY --from=__hive__x b c",
  ],
];

for (const [name, text, expected] of cases) {
  test(`rewriteHiveReferences() rewrites what must be in ${name}`, () => {
    expect(rewriteHiveReferences(text)).toBe(expected);
  });
}

test("rewriteHiveReferences() refuses a prefix of another length", () => {
  expect(() => rewriteHiveReferences("FROM a", "dep/")).toThrow(RangeError);
});

test("rewriteHiveReferences() keeps the length and every line break of any text", () => {
  fc.assert(
    fc.property(dockerfileText, (text) => {
      const rewritten = rewriteHiveReferences(text);
      expect(rewritten).toHaveLength(text.length);
      expect(lineBreaks(rewritten)).toEqual(lineBreaks(text));
      expect(rewriteHiveReferences(rewritten)).toBe(rewritten);
    }),
    { numRuns: 500 },
  );
});

test("rewriteHiveReferences() changes nothing but the prefix", () => {
  fc.assert(
    fc.property(dockerfileText, (text) => {
      const rewritten = rewriteHiveReferences(text);
      const changed = rewritten.split("").filter((char, index) => char !== text[index]);
      expect(changed.join("").replaceAll("hive-dep", "")).toBe("");
    }),
    { numRuns: 500 },
  );
});

test("rewriteHiveArgs() rewrites the values that reach a FROM", () => {
  const text = "ARG BASE\nARG TAG\nARG NOTE\nFROM ${BASE}:$TAG\nARG NOTE";
  const args = { BASE: "__hive__/a", TAG: "1", NOTE: "from __hive__/a" };
  expect(rewriteHiveArgs(text, args)).toEqual({ ...args, BASE: "hive-dep/a" });
});

const messages = [
  ["hive-dep/base:1.0: not found", "__hive__/base:1.0: not found"],
  [
    "[internal] load metadata for docker.io/hive-dep/base:1.0",
    "[internal] load metadata for __hive__/base:1.0",
  ],
  ["FROM hive-dep/a and hive-dep/b", "FROM __hive__/a and __hive__/b"],
  ["COPY /src/hive-dep/x my-hive-dep/y", "COPY /src/hive-dep/x my-hive-dep/y"],
] as const;

for (const [message, expected] of messages) {
  test(`restoreHiveReferences() shows ${message}`, () => {
    expect(restoreHiveReferences(message)).toBe(expected);
  });
}

function lineBreaks(text: string): number[] {
  return [...text.matchAll(/[\r\n]/g)].map(({ index }) => index);
}
