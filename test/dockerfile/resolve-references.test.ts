import { expect, test } from "bun:test";
import { createSourceText } from "../../src/base/source-text.ts";
import { findReferences } from "../../src/dockerfile/find-references.ts";
import { parseDockerfile } from "../../src/dockerfile/parse-dockerfile.ts";
import { resolveReferences } from "../../src/dockerfile/resolve-references.ts";
import { parsePlatform } from "../../src/oci/platform.ts";

type Options = { readonly args?: Record<string, string>; readonly platform?: string };

// One line a reference: where it comes from, the image, line:column+length, and what else there is to say.
function facts(text: string, { args = {}, platform = "linux/arm64" }: Options = {}): string[] {
  const dockerfile = parseDockerfile(createSourceText("Dockerfile", text));
  const { images, problems } = resolveReferences(dockerfile, findReferences(dockerfile), {
    buildArgs: args,
    targetPlatform: parsePlatform(platform),
    buildPlatform: parsePlatform("linux/amd64"),
  });
  const failed = [...dockerfile.problems, ...problems];
  return [
    ...images.map(({ origin, image, platform: on, onbuild, place }) =>
      [
        origin,
        image,
        `${place.line}:${place.column}+${place.length}`,
        ...(on === undefined ? [] : [`on ${on}`]),
        ...(onbuild ? ["onbuild"] : []),
      ].join(" "),
    ),
    ...failed.map(({ message, place }) => `${place.line}:${place.column} ${message}`),
  ];
}

const cases: readonly (readonly [string, string, readonly string[], Options?])[] = [
  ["FROM", "FROM __hive__/base:1", ["from __hive__/base:1 1:6+15"]],
  ["any case", "fRoM a:1 As x\n", ["from a:1 1:6+3"]],
  ["white space around", "  \tFROM \t a:1 \t\n", ["from a:1 1:11+3"]],
  ["lines that end in CR LF", "FROM a\r\nFROM b\r\n", ["from a 1:6+1", "from b 2:6+1"]],
  ["a platform", "FROM --platform=linux/s390x a", ["from a 1:29+1 on linux/s390x"]],
  ["BUILDPLATFORM", "FROM --platform=$BUILDPLATFORM a", ["from a 1:32+1 on linux/amd64"]],
  ["TARGETPLATFORM", "FROM --platform=${TARGETPLATFORM} a", ["from a 1:35+1 on linux/arm64"]],
  ["TARGETARCH", "FROM a-$TARGETARCH", ["from a-arm64 1:6+13"]],
  ["TARGETOS", "FROM a-${TARGETOS}-x", ["from a-linux-x 1:6+15"]],
  [
    "TARGETVARIANT of arm",
    "FROM a$TARGETVARIANT-$TARGETARCH",
    ["from av7-arm 1:6+27"],
    { platform: "linux/arm/v7" },
  ],
  ["TARGETVARIANT of arm64", "FROM a$TARGETVARIANT", ["from a 1:6+15"]],
  [
    "an automatic ARG that is given",
    "FROM a:$TARGETARCH",
    ["from a:x 1:6+13"],
    { args: { TARGETARCH: "x" } },
  ],
  ["TARGETSTAGE", "FROM a:$TARGETSTAGE\nFROM b AS out", ["from a:out 1:6+14", "from b 2:6+1"]],
  ["scratch", "FROM scratch\nFROM scratch AS x", []],
  ["an earlier stage", "FROM a AS one\nFROM one", ["from a 1:6+1"]],
  ["an earlier stage in another case", "FROM a AS One\nFROM ONE", ["from a 1:6+1"]],
  ["a later stage is an image", "FROM one\nFROM a AS one", ["from one 1:6+3", "from a 2:6+1"]],
  ["a stage of its own name", "FROM one AS one", ["from one 1:6+3"]],
  [
    "a stage by ARG",
    "ARG V=b\nFROM x AS a\nFROM y AS b\nFROM $V",
    ["from x 2:6+1", "from y 3:6+1"],
  ],
  ["an ARG's default", "ARG BASE=__hive__/b:1\nFROM $BASE", ["from __hive__/b:1 2:6+5"]],
  ["an ARG that is given", "ARG B=x\nFROM $B", ["from y 2:6+2"], { args: { B: "y" } }],
  ["an ARG without default", "ARG B\nFROM a$B", ["from a 2:6+3"]],
  ["an ARG given without default", "ARG B\nFROM a$B", ["from ab 2:6+3"], { args: { B: "b" } }],
  ["a given ARG that is not declared", "FROM a$B", ["from a 1:6+3"], { args: { B: "b" } }],
  ["an ARG of an ARG", "ARG A=1\nARG B=b:$A\nFROM ${B}", ["from b:1 3:6+4"]],
  ["an ARG of a later ARG", "ARG B=b$A\nARG A=1\nFROM ${B}", ["from b 3:6+4"]],
  ["several ARGs on a line", 'ARG A=1 B="b c" C=x:$A\nFROM $C', ["from x:1 2:6+2"]],
  ["an ARG in single quotes", "ARG A='$B'\nFROM a$A", ["from a$B 2:6+3"]],
  ["an ARG of a stage", "FROM a\nARG B=x\nFROM b$B", ["from a 1:6+1", "from b 3:6+3"]],
  ["a name that objects have", "FROM a$constructor", ["from a 1:6+13"]],
  ["a reference in quotes", 'FROM "__hive__/b:1"', ["from __hive__/b:1 1:6+14"]],
  ["an escaped dollar", String.raw`FROM a\$B`, ["from a$B 1:6+4"]],
  ["a default in FROM", "FROM ${B:-__hive__/b:1}", ["from __hive__/b:1 1:6+18"]],
  ["a default for empty", "ARG B=\nFROM ${B:-x}${B-y}", ["from x 2:6+13"]],
  ["an alternative", "ARG B=1\nFROM a${B:+-b}${C:+-c}", ["from a-b 2:6+17"]],
  ["a default in a default", "FROM ${A:-${B:-c}}", ["from c 1:6+13"]],
  ["a prefix cut off", "ARG A=v1.2\nFROM a:${A#v}", ["from a:1.2 2:6+8"]],
  ["a suffix cut off", "ARG A=1.2.3\nFROM a:${A%.*}", ["from a:1.2 2:6+9"]],
  ["the longest suffix", "ARG A=1.2.3\nFROM a:${A%%.*}", ["from a:1 2:6+10"]],
  ["the longest prefix", "ARG A=1.2.3\nFROM a:${A##*.}", ["from a:3 2:6+10"]],
  ["a replacement", "ARG A=1.2.3\nFROM a:${A/./-}", ["from a:1-2.3 2:6+10"]],
  ["all replaced", "ARG A=1.2.3\nFROM a:${A//./-}", ["from a:1-2-3 2:6+11"]],
  [
    "a variable that must be there",
    "FROM ${A:?}",
    ['1:6 Cannot replace variables in "${A:?}": A: is not set'],
  ],
  [
    "a substitution without end",
    "FROM ${A",
    ['1:6 Cannot replace variables in "${A": missing "}"'],
  ],
  ["a blank name", "FROM $A", []],
  ["COPY --from", "FROM a\nCOPY --from=b:1 x y", ["from a 1:6+1", "copy b:1 2:13+3"]],
  ["COPY --from a stage", "FROM a AS s\nCOPY --from=S x y", ["from a 1:6+1"]],
  [
    "COPY --from a stage by number",
    "FROM a\nFROM b\nCOPY --from=0 x y",
    ["from a 1:6+1", "from b 2:6+1"],
  ],
  [
    "COPY with other flags",
    "FROM a\nCOPY --link --chown=1:1 --from=b x y",
    ["from a 1:6+1", "copy b 2:32+1"],
  ],
  ["COPY --from in quotes", 'FROM a\nCOPY --from="b" x y', ["from a 1:6+1", "copy b 2:14+1"]],
  [
    "COPY without variables",
    "ARG B=x\nFROM a\nCOPY --from=$B x y",
    ["from a 2:6+1", "copy $B 3:13+2"],
  ],
  ["a flag behind the arguments", "FROM a\nCOPY x --from=b y", ["from a 1:6+1"]],
  ["a flag behind --", "FROM a\nCOPY -- --from=b y", ["from a 1:6+1"]],
  ["ADD --from", "FROM a\nADD --from=b x y", ["from a 1:6+1", "add b 2:12+1"]],
  [
    "a mount",
    "FROM a\nRUN --mount=type=bind,from=b:1,target=/x ls",
    ["from a 1:6+1", "mount b:1 2:28+3"],
  ],
  [
    "two mounts",
    "FROM a\nRUN --mount=from=b --mount=FROM=c ls",
    ["from a 1:6+1", "mount b 2:18+1", "mount c 2:33+1"],
  ],
  ["a mount from a stage", "FROM a AS s\nRUN --mount=from=s ls", ["from a 1:6+1"]],
  [
    "a mount from 0 is an image",
    "FROM a\nRUN --mount=from=0 ls",
    ["from a 1:6+1", "mount 0 2:18+1"],
  ],
  [
    "a mount in quotes",
    `FROM a\nRUN --mount='"from=b",target=/x' ls`,
    ["from a 1:6+1", "mount b 2:20+1"],
  ],
  ["a mount without from", "FROM a\nRUN --mount=type=cache,target=/c ls", ["from a 1:6+1"]],
  ["from= in a command", "FROM a\nRUN ls --mount=from=b", ["from a 1:6+1"]],
  ["ONBUILD", "FROM a\nONBUILD COPY --from=b x y", ["from a 1:6+1", "copy b 2:21+1 onbuild"]],
  [
    "ONBUILD RUN",
    "FROM a\nonbuild run --mount=from=b ls",
    ["from a 1:6+1", "mount b 2:26+1 onbuild"],
  ],
  [
    "ONBUILD of a stage that another begins with",
    "FROM a AS s\nONBUILD COPY --from=b x y\nFROM S",
    ["from a 1:6+1", "copy b 2:21+1"],
  ],
  [
    "ONBUILD of a stage that goes nowhere",
    "FROM a AS s\nONBUILD COPY --from=b x y\nFROM c\nCOPY --from=s x y",
    ["from a 1:6+1", "from c 3:6+1"],
  ],
  ["a comment", "# FROM x\nFROM a # not a comment\n  # FROM y", ["from a 2:6+1"]],
  ["a continued line", "FROM \\\n  a:1 \\\n  AS x", ["from a:1 2:3+3"]],
  ["a name over two lines", "FROM __hive__/\\\nb:1", ["from __hive__/b:1 1:6+10"]],
  ["a comment in a continued line", "FROM \\\n# FROM x\n  # y \\\n  a", ["from a 4:3+1"]],
  ["an empty continuation line", "FROM \\\n\n   \n a", ["from a 4:2+1"]],
  ["white space behind a backslash", "FROM \\ \t\n a", ["from a 2:2+1"]],
  [
    "two backslashes do not continue",
    "FROM a\nRUN x \\\\\nFROM b",
    ["from a 1:6+1", "from b 3:6+1"],
  ],
  ["a continued line at the end", "FROM a\\", ["from a 1:6+1"]],
  ["a backslash alone", "\\\nFROM a", ["from a 2:6+1"]],
  ["escape=`", "# escape=`\nFROM `\n a\nRUN x\\\nFROM b", ["from a 3:2+1", "from b 5:6+1"]],
  ["escape behind syntax", "# syntax=x\n# ESCAPE = `\nFROM `\na", ["from a 4:1+1"]],
  ["escape behind a comment", "# hello\n# escape=`\nFROM \\\na", ["from a 4:1+1"]],
  ["escape behind an empty line", "\n# escape=`\nFROM \\\na", ["from a 4:1+1"]],
  [
    "a wrong escape",
    "# escape=x\nFROM a",
    ["from a 2:6+1", '1:1 Cannot use "x" as the escape character: expected \\ or `'],
  ],
  [
    "a directive twice",
    "# escape=`\n# escape=`\nFROM a",
    ["from a 3:6+1", '2:1 Duplicate parser directive "escape"'],
  ],
  [
    "a heredoc",
    "FROM a\nRUN <<EOF\nFROM x\nCOPY --from=y a b\nEOF\nFROM b",
    ["from a 1:6+1", "from b 6:6+1"],
  ],
  [
    "a heredoc with tabs",
    "FROM a\nRUN <<-EOF\n\tFROM x\n\t\tEOF\nFROM b",
    ["from a 1:6+1", "from b 5:6+1"],
  ],
  [
    "a heredoc in quotes",
    "FROM a\nRUN <<'E F' cat\nFROM x\nE F\nFROM b",
    ["from a 1:6+1", "from b 5:6+1"],
  ],
  [
    "two heredocs",
    'FROM a\nCOPY <<A <<"B" /\nB\nA\nFROM x\nB\nFROM b',
    ["from a 1:6+1", "from b 7:6+1"],
  ],
  [
    "a heredoc with a number",
    "FROM a\nRUN cmd 3<<EOF\nFROM x\nEOF\nFROM b",
    ["from a 1:6+1", "from b 5:6+1"],
  ],
  [
    "a heredoc and a mount",
    "FROM a\nRUN --mount=from=b <<EOF\nFROM x\nEOF\n",
    ["from a 1:6+1", "mount b 2:18+1"],
  ],
  [
    "a heredoc behind ONBUILD",
    "FROM a\nONBUILD RUN <<EOF\nFROM x\nEOF\nFROM b",
    ["from a 1:6+1", "from b 5:6+1"],
  ],
  [
    "a heredoc in a continued line",
    "FROM a\nRUN x \\\n <<EOF\nFROM x\nEOF\nFROM b",
    ["from a 1:6+1", "from b 6:6+1"],
  ],
  ["ADD with a heredoc", "FROM a\nADD <<EOF /x\nFROM x\nEOF", ["from a 1:6+1"]],
  [
    "a heredoc's end in CR LF",
    "FROM a\r\nRUN <<EOF\r\nFROM x\r\nEOF\r\nFROM b\r\n",
    ["from a 1:6+1", "from b 5:6+1"],
  ],
  ["no heredoc in ENV", "FROM a\nENV X=<<EOF\nFROM b", ["from a 1:6+1", "from b 3:6+1"]],
  ["no heredoc in JSON", 'FROM a\nRUN ["x", "<<EOF"]\nFROM b', ["from a 1:6+1", "from b 3:6+1"]],
  ["no heredoc in quotes", "FROM a\nRUN echo '<<EOF'\nFROM b", ["from a 1:6+1", "from b 3:6+1"]],
  ["no heredoc of <<<", "FROM a\nRUN cat <<<EOF\nFROM b", ["from a 1:6+1", "from b 3:6+1"]],
  [
    "a heredoc with white space",
    "FROM a\nRUN cat << EOF\nFROM x\nEOF\nFROM b",
    ["from a 1:6+1", "from b 5:6+1"],
  ],
  [
    "a shift that is no heredoc",
    "FROM a\nRUN echo $((1<<2))\nFROM b",
    ["from a 1:6+1", "from b 3:6+1"],
  ],
  [
    "a heredoc without end",
    "FROM a\nRUN <<EOF\nFROM x",
    ["from a 1:6+1", '2:1 Cannot find the end of heredoc "EOF"'],
  ],
  ["an unknown instruction", "FROM a\nFRMO b", ["from a 1:6+1"]],
  [
    "no instruction",
    "# only a comment\n",
    ['1:1 Cannot read "Dockerfile": it has no instructions'],
  ],
  ["nothing", "", ['1:1 Cannot read "Dockerfile": it has no instructions']],
];

for (const [name, text, expected, options] of cases) {
  test(`resolveReferences() reads ${name}`, () => {
    expect(facts(text, options)).toEqual([...expected]);
  });
}
