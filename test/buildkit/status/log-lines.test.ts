import { expect, test } from "bun:test";
import { createLogLines } from "../../../src/buildkit/status/log-lines.ts";

/** The lines of a text that arrives in pieces of `size` bytes. */
function linesOf(text: string, size: number): string[] {
  const bytes = new TextEncoder().encode(text);
  const reader = createLogLines();
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    lines.push(...reader.push(bytes.subarray(start, start + size)));
  }
  return [...lines, ...reader.finish()];
}

const table: readonly (readonly [text: string, lines: readonly string[]])[] = [
  ["one\ntwo\n", ["one", "two"]],
  ["one\n\ntwo", ["one", "", "two"]],
  ["grün 😀\nend", ["grün 😀", "end"]],
  ["dos\r\nline\r\n", ["dos", "line"]],
  [" 10%\r 50%\r100%\ndone\n", ["100%", "done"]],
  [" 10%\r 50%\r\nnext\n", [" 50%", "next"]],
  ["\u001B[31mred\u001B[0m\n", ["\u001B[31mred\u001B[0m"]],
];

test.each(table)("createLogLines() reads %j however it is cut", (text, lines) => {
  for (const size of [1, 2, 3, 1000]) expect(linesOf(text, size)).toEqual([...lines]);
});

test("createLogLines() shows a byte that isn't UTF-8 and goes on", () => {
  const lines = createLogLines().push(new Uint8Array([0x61, 0xff, 0x62, 0x0a]));
  expect(lines).toEqual(["a\uFFFDb"]);
});

test("createLogLines() keeps no endless line in memory", () => {
  const reader = createLogLines();
  const piece = new TextEncoder().encode("x".repeat(50_000));
  const length = Array.from({ length: 10 }, () => reader.push(piece))
    .flat()
    .join("").length;
  expect(length).toBeGreaterThan(400_000);
});
