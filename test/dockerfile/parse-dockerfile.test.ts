import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { createSourceText } from "../../src/base/source-text.ts";
import type { Dockerfile } from "../../src/dockerfile/dockerfile.ts";
import { findReferences } from "../../src/dockerfile/find-references.ts";
import { parseDockerfile } from "../../src/dockerfile/parse-dockerfile.ts";
import { resolveReferences } from "../../src/dockerfile/resolve-references.ts";
import { dockerfileText } from "./support/dockerfile-text.ts";

function parse(text: string): Dockerfile {
  return parseDockerfile(createSourceText("Dockerfile", text));
}

test("parseDockerfile() reads directives", () => {
  const { escape } = parse("# syntax = docker/dockerfile:1\n#escape=`\n# check=skip=all\nFROM a");
  expect(escape).toBe("`");
});

test("parseDockerfile() joins lines and keeps what stands between words", () => {
  const { instructions } = parse("RUN a  \\\n  && b \\\n# no\n\n  c\n");
  expect(instructions.map((one) => [one.keyword, one.arguments.text])).toEqual([
    ["RUN", "a    && b   c"],
  ]);
});

test("parseDockerfile() knows where an instruction begins and ends", () => {
  const text = "# x\n  RUN a \\\n  b\nCMD c";
  expect(parse(text).instructions.map(({ range }) => text.slice(...range))).toEqual([
    "RUN a \\\n  b",
    "CMD c",
  ]);
});

test("parseDockerfile() tells JSON from shell form", () => {
  const { instructions } = parse('CMD ["a", "b"]\nCMD [ "a", 1 ]\nCMD [a]\nRUN [ -f x ]');
  expect(instructions.map(({ json }) => json)).toEqual([
    ["a", "b"],
    undefined,
    undefined,
    undefined,
  ]);
});

test("parseDockerfile() reads flags with quotes and escapes", () => {
  const { instructions } = parse(String.raw`COPY --a --b="x y"'z' --c=d\ e --d= f --g h`);
  expect(instructions[0]?.flags.map(({ name, value }) => [name, value?.text])).toEqual([
    ["a", undefined],
    ["b", "x yz"],
    ["c", "d e"],
    ["d", ""],
  ]);
  expect(instructions[0]?.arguments.text).toBe("f --g h");
});

test("parseDockerfile() reads heredocs with their names and their text", () => {
  const text = "COPY <<a <<-'b' <<\"c d\" /x/\n1\na\n\t2\n\tb\n3\nc d\nRUN x\n";
  const [copy] = parse(text).instructions;
  expect(
    copy?.heredocs.map(({ name, expand, chomp, range }) => [
      name,
      expand,
      chomp,
      text.slice(...range),
    ]),
  ).toEqual([
    ["a", true, false, "1\n"],
    ["b", false, true, "\t2\n"],
    ["c d", false, false, "3\n"],
  ]);
});

test("findReferences() knows all ARGs and the stages", () => {
  const text = "ARG a b=1\nFROM x AS One\nARG c\nFROM y\nRUN <<E\nARG d\nE\nARG e='f g'";
  const { declaredArgs, stages, globalArgs } = findReferences(parse(text));
  expect([...declaredArgs]).toEqual(["a", "b", "c", "e"]);
  expect(stages).toEqual(["one", undefined]);
  expect(globalArgs.map(({ name }) => name.text)).toEqual(["a", "b"]);
});

const platform = { os: "linux", architecture: "amd64" };

test("parseDockerfile() takes any text, and every place is inside of it", () => {
  fc.assert(
    fc.property(fc.oneof(dockerfileText, fc.string({ unit: "binary", maxLength: 200 })), (text) => {
      const dockerfile = parse(text);
      const { images, problems } = resolveReferences(dockerfile, findReferences(dockerfile), {
        buildArgs: { A: "__hive__/x" },
        targetPlatform: platform,
        buildPlatform: platform,
      });
      const lines = text.split("\n");
      for (const { place } of [...images, ...problems, ...dockerfile.problems]) {
        expect(place.column + (place.length ?? 1)).toBeLessThanOrEqual(
          (lines[place.line - 1]?.length ?? -1) + 2,
        );
      }
    }),
    { numRuns: 2000 },
  );
});

// Quadratic time would be over the runner's limit for a test.
test("parseDockerfile() reads long lines in linear time", () => {
  const long = 500_000;
  const texts = [
    `RUN ${" ".repeat(long)}x`,
    `# escape=${" ".repeat(long)}x`,
    `FROM ${"$".repeat(long)}`,
    `RUN ${"<<".repeat(long / 2)}`,
    `RUN ${"\\\n".repeat(long / 2)}x`,
    `COPY ${"--a ".repeat(long / 4)}x`,
    `FROM ${"${A:-".repeat(long / 5)}`,
    "FROM a\n".repeat(long / 7),
  ];
  for (const text of texts) {
    const { problems } = resolveReferences(parse(text), findReferences(parse(text)), {
      buildArgs: {},
      targetPlatform: platform,
      buildPlatform: platform,
    });
    // Nothing but the substitutions without an end is wrong with them.
    expect(problems).toHaveLength(text.includes("${") ? 1 : 0);
  }
});
