import { expect, test } from "bun:test";
import { buildCommand, listSome } from "../../src/finalize/build-command.ts";
import type { WantedReference } from "../../src/finalize/wanted-references.ts";
import { parsePlatform } from "../../src/oci/platform.ts";

const [amd64, arm64] = [parsePlatform("linux/amd64"), parsePlatform("linux/arm64")];
const platforms = [amd64, arm64];

function wantedOf(count: number): WantedReference[] {
  return Array.from({ length: count }, (_, index) => ({
    repository: "app",
    tag: `${index}`,
    reference: `app:${index}`,
    platforms,
    listed: platforms,
    aliases: [],
  }));
}

const both = (reference: string) => platforms.map((platform) => ({ reference, platform }));

const noId = { select: [], buildId: undefined };

test("buildCommand() names what is missing, as short as it goes", () => {
  const wanted = wantedOf(3);
  expect(buildCommand(both("app:1"), wanted, noId)).toBe("hive build app:1");
  const one = [{ reference: "app:1", platform: arm64 }];
  expect(buildCommand(one, wanted, noId)).toBe("hive build app:1 --platform=linux/arm64");
  const all = wanted.flatMap(({ reference }) => both(reference));
  expect(buildCommand(all, wanted, noId)).toBe("hive build");
  const half = all.filter(({ platform }) => platform === amd64);
  const options = { select: ["a*"], buildId: "7" };
  expect(buildCommand(half, wanted, options)).toBe(
    "hive build 'a*' --platform=linux/amd64 --build-id=7",
  );
});

test("buildCommand() names no more than eight references", () => {
  const wanted = wantedOf(20);
  const most = wanted.slice(1).flatMap(({ reference }) => both(reference));
  expect(buildCommand(most, wanted, { ...noId, select: ["app"] })).toBe("hive build app");
});

test("listSome()", () => {
  expect(listSome(["a"])).toBe("a");
  expect(listSome(["a", "b"])).toBe("a and b");
  expect(listSome(["a", "b", "c"])).toBe("a, b and c");
  expect(listSome("abcdefghij".split(""))).toBe("a, b, c, d, e, f, g, h and 2 more");
});
