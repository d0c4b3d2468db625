import { describe, expect, test } from "bun:test";
import { buildPlatformOf, nodesFor } from "../../../src/build/nodes/choose-nodes.ts";
import { formatPlatform, parsePlatform } from "../../../src/oci/platform.ts";
import type { Target } from "../../../src/plan/plan.ts";
import { fakeNode } from "./fake-node.ts";
import { sampleTarget } from "../sample-target.ts";

const nodes = {
  amd: fakeNode("amd"),
  both: fakeNode("both", { runs: ["amd64", "amd64/v2", "arm64"] }),
  arm: fakeNode("arm", { runs: ["arm64"] }),
  listed: fakeNode("listed", { listed: ["arm64"] }),
  onlyAmd: fakeNode("onlyAmd", { runs: ["amd64", "arm64"], listed: ["amd64"] }),
  silent: fakeNode("silent", { runs: [] }),
};

type Name = keyof typeof nodes;

const runs = "FROM scratch\nRUN make\n";

function targetFor(platform: string, text: string): Target {
  return sampleTarget("app", {
    platform: parsePlatform(platform),
    dockerfile: { file: "Dockerfile", text },
  });
}

function choose(names: readonly Name[], platform: string, text = runs): string[] {
  const groups = nodesFor(
    names.map((name) => nodes[name]),
    targetFor(platform, text),
  );
  return groups.map((group) => group.map(({ buildkit }) => buildkit.address).join("+"));
}

describe("nodesFor()", () => {
  test.each<[string, Name[], string, string, string[]]>([
    ["its own platform", ["amd", "arm"], "arm64", runs, ["arm"]],
    ["all of them equally", ["amd", "both", "onlyAmd"], "amd64", runs, ["amd+both+onlyAmd"]],
    [
      "own before listed before emulated",
      ["both", "listed", "arm"],
      "arm64",
      runs,
      ["arm", "listed", "both"],
    ],
    ["a variant as its own", ["both", "arm"], "amd64/v2", runs, ["both"]],
    ["never what its settings leave out", ["onlyAmd", "both"], "arm64", runs, ["both"]],
    ["one that tells nothing", ["amd", "silent"], "arm64", runs, ["silent"]],
    ["whoever is there, if none can run it", ["amd"], "arm64", runs, ["amd"]],
    [
      "one that can't run it where nothing needs to run",
      ["amd", "arm"],
      "arm64",
      "FROM scratch\nCOPY a b\n",
      ["arm", "amd"],
    ],
    ["nobody", ["onlyAmd"], "arm64", runs, []],
    [
      "only those with the BUILDPLATFORM that is counted on",
      ["both", "arm", "silent"],
      "arm64",
      "FROM --platform=$BUILDPLATFORM scratch\nRUN make\n",
      ["arm"],
    ],
  ])("%s", (_, names, platform, text, expected) => {
    expect(choose(names, platform, text)).toEqual(expected);
  });

  test("minds BUILDPLATFORM behind ONBUILD of what a target builds on", () => {
    const parent = targetFor("arm64", "FROM scratch\nONBUILD RUN echo $BUILDPLATFORM\n");
    const all = [nodes.both, nodes.arm];
    expect(nodesFor(all, targetFor("arm64", runs), [parent])).toEqual([[nodes.arm]]);
    expect(nodesFor(all, targetFor("arm64", runs))).toEqual([[nodes.arm], [nodes.both]]);
  });
});

test.each<[Name[], string, string | undefined]>([
  [["amd", "arm"], "arm64", "linux/arm64"],
  [["amd", "both"], "arm64", "linux/amd64"],
  [["arm", "listed"], "amd64", "linux/arm64"],
  // What it is for is one thing, what it is another.
  [["listed"], "arm64", "linux/amd64"],
  [["onlyAmd"], "arm64", undefined],
])("buildPlatformOf(%p) for %s is %s", (names, platform, expected) => {
  const found = buildPlatformOf(
    names.map((name) => nodes[name]),
    parsePlatform(platform),
  );
  expect(found && formatPlatform(found)).toBe(expected);
});
