import { expect, test } from "bun:test";
import { appendLog, createLogTail, endLog, unfinishedLine } from "../../src/progress/log-tail.ts";

for (const [name, pieces, completed, last] of [
  ["whole lines", ["a\nb\n"], ["a", "b"], []],
  ["a line in pieces", ["a", "b", "c\nd"], ["abc"], ["d"]],
  ["empty lines", ["a\n\nb\n"], ["a", "", "b"], []],
  ["Windows line ends", ["a\r\nb\r", "\nc\r\n"], ["a", "b", "c"], []],
  ["a progress bar", ["1%\r", "50%\r100%", "\rdone\n"], ["done"], []],
  ["a progress bar that stands", ["1%\r50%\r"], [], ["50%"]],
  ["repeated returns", ["1%\r\r\r2%\r\r", "\r\n"], ["2%"], []],
  ["escapes in pieces", ["\u001B[3", "1mred\u001B[", "0m\n"], ["red"], []],
] as const) {
  test(`appendLog() joins ${name}`, () => {
    const tail = createLogTail();
    expect(pieces.flatMap((piece) => appendLog(tail, piece))).toEqual([...completed]);
    expect(endLog(tail)).toEqual([...last]);
    expect(tail.lines).toEqual([...completed, ...last]);
    expect(endLog(tail)).toEqual([]);
  });
}

test("appendLog() keeps the last 200 lines and returns all", () => {
  const tail = createLogTail();
  const lines = Array.from({ length: 5000 }, (_, index) => String(index));
  expect(appendLog(tail, `${lines.join("\n")}\n`)).toEqual(lines);
  expect(tail.lines).toEqual(lines.slice(-200));
});

test("appendLog() breaks a line without an end and stays small", () => {
  const tail = createLogTail();
  const lines = appendLog(tail, "x".repeat(1_000_000));
  for (let piece = 0; piece < 100; piece++) lines.push(...appendLog(tail, "y".repeat(10_000)));
  lines.push(...endLog(tail));
  expect(lines.join("")).toBe("x".repeat(1_000_000) + "y".repeat(1_000_000));
  expect(tail.lines.join("").length).toBeLessThanOrEqual(200 * 2000);
});

// Quadratic time would be minutes: the runner's limit for a test.
test("appendLog() takes linear time on carriage returns", () => {
  const tail = createLogTail();
  appendLog(tail, "\r".repeat(1_000_000) + "x");
  expect(unfinishedLine(tail)).toBe("x");
  appendLog(tail, "x\r".repeat(500_000));
  expect(unfinishedLine(tail)).toBe("x");
  expect(appendLog(tail, "\n".repeat(500_000))).toHaveLength(500_000);
});

test("unfinishedLine() is the line that is being written, safe to print", () => {
  const tail = createLogTail();
  expect(unfinishedLine(tail)).toBe("");
  appendLog(tail, "a\n10%\r2\u001B[2J0%\r");
  expect(unfinishedLine(tail)).toBe("20%");
  appendLog(tail, "\n");
  expect(unfinishedLine(tail)).toBe("");
});
