import { expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { requestedMode, resolveMode } from "../../src/progress/display-mode.ts";

for (const [flag, env, mode] of [
  [undefined, {}, "auto"],
  ["plain", { HIVE_PROGRESS: "tty" }, "plain"],
  [undefined, { HIVE_PROGRESS: "quiet", BUILDKIT_PROGRESS: "tty" }, "quiet"],
  [undefined, { HIVE_PROGRESS: "", BUILDKIT_PROGRESS: "rawjson" }, "rawjson"],
  [undefined, { BUILDKIT_PROGRESS: "fancy" }, "auto"],
] as const) {
  test(`requestedMode() is ${mode} for ${flag} and ${JSON.stringify(env)}`, () => {
    expect(requestedMode(flag, env)).toBe(mode);
  });
}

for (const [flag, env] of [
  ["fancy", {}],
  ["", {}],
  [undefined, { HIVE_PROGRESS: "fancy" }],
] as const) {
  test(`requestedMode() refuses ${flag} and ${JSON.stringify(env)}`, () => {
    expect(() => requestedMode(flag, env)).toThrow(HiveError);
  });
}

for (const [mode, isTTY, columns, env, resolved] of [
  ["auto", true, 80, {}, "tty"],
  ["auto", true, 40, {}, "tty"],
  ["auto", true, 39, {}, "plain"],
  ["auto", false, 80, {}, "plain"],
  ["auto", true, 80, { CI: "true" }, "plain"],
  ["auto", true, 80, { CI: "true", HIVE_CI: "0" }, "tty"],
  ["auto", true, 80, { TERM: "dumb" }, "plain"],
  ["tty", true, 20, { CI: "true" }, "tty"],
  ["none", false, 80, {}, "none"],
] as const) {
  test(`resolveMode() makes ${mode} ${resolved} for tty ${isTTY}, ${columns} columns, ${JSON.stringify(env)}`, () => {
    expect(resolveMode(mode, { isTTY, columns }, env)).toBe(resolved);
  });
}

test("resolveMode() refuses a live view on what is no terminal", () => {
  let thrown: unknown;
  try {
    resolveMode("tty", { isTTY: false, columns: 80 }, {});
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(HiveError);
  expect(thrown).toMatchObject({
    kind: "usage",
    hint: expect.stringContaining("--progress=plain"),
  });
});
