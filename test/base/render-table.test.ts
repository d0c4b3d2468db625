import { expect, test } from "bun:test";
import { renderTable } from "../../src/base/render-table.ts";

const rows = [
  ["NAME", "SIZE", "NOTE"],
  ["base", "1.2 MB", "the first of all images"],
  ["python", "310 MB", ""],
];

test("renderTable() lines up columns", () => {
  expect(renderTable(rows, { align: ["left", "right"] })).toEqual([
    "NAME      SIZE  NOTE",
    "base    1.2 MB  the first of all images",
    "python  310 MB",
  ]);
});

test("renderTable() cuts the widest column when there is no room", () => {
  expect(renderTable(rows, { align: ["left", "right"], columns: 28 })).toEqual([
    "NAME      SIZE  NOTE",
    "base    1.2 MB  the first o…",
    "python  310 MB",
  ]);
});

test("renderTable() cuts the named columns first", () => {
  expect(renderTable(rows, { columns: 37, shrink: [0, 2], ellipsis: "~" })).toEqual([
    "NAME  SIZE    NOTE",
    "base  1.2 MB  the first of all images",
    "pyt~  310 MB",
  ]);
});

test("renderTable() is never wider than the terminal", () => {
  for (let columns = 1; columns < 45; columns++) {
    for (const line of renderTable(rows, { columns })) {
      expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
    }
  }
});

test("renderTable() counts wide characters and colours as they look", () => {
  expect(
    renderTable([
      ["你好", "a"],
      ["\u001B[31mred\u001B[39m", "b"],
    ]),
  ).toEqual(["你好  a", "\u001B[31mred\u001B[39m   b"]);
});

test("renderTable() of nothing is nothing", () => {
  expect(renderTable([])).toEqual([]);
});
