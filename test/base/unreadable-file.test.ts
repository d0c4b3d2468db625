import { expect, test } from "bun:test";
import { unreadableFile } from "../../src/base/unreadable-file.ts";

const told = (code: string) =>
  unreadableFile("/a", Object.assign(new Error("no"), { code }), {
    missing: "Make it.",
    denied: "Be root.",
  });

test.each([
  ["ENOENT", "there is no such file", "Make it."],
  ["ENOTDIR", "there is no such file", "Make it."],
  ["EACCES", "permission denied", "Be root."],
  ["EISDIR", "it is a directory", "Give a file, or move the directory away."],
  ["EIO", "EIO", "Check the file, and the disk that it is on."],
])("%s has a reason and a next step", (code, reason, hint) => {
  expect(told(code)).toMatchObject({ message: `Cannot read "/a": ${reason}`, hint });
});
