import { expect, test } from "bun:test";
import { goFileMode } from "../../../src/buildkit/filesync/go-file-mode.ts";

test.each([
  ["file", 0o644, 0o644],
  ["file", 0o4755, 0x00800000 | 0o755],
  ["file", 0o2755, 0x00400000 | 0o755],
  ["directory", 0o1777, 0x80100000 + 0o777],
  ["directory", 0o755, 0x80000000 + 0o755],
  ["symlink", 0o777, 0x08000000 | 0o777],
] as const)("goFileMode() maps a %s of mode %o", (type, mode, expected) => {
  expect(goFileMode({ type, mode })).toBe(expected);
});
