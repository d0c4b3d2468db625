import { expect, test } from "bun:test";
import { describeChange, summarizeStatus } from "../../src/cli/render-status.ts";

const change = { kind: "file", path: "a\n::error::\x1b]0;x\x07b", how: "added" } as const;

test("what changed is told without what a terminal, or a CI that reads logs, would obey", () => {
  expect(describeChange(change)).toEqual(["file a ::error::b: added"]);
  const status = { status: "changed", changes: [change], reasons: [] } as const;
  expect(summarizeStatus(status)).toBe("changed: file a ");
  const told = { status: "unknown", changes: [], reasons: ["ADD \x1b[31mhttp://x"] } as const;
  expect(summarizeStatus(told)).toBe("ADD http://x");
});
