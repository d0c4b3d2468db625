import { expect, test } from "bun:test";
import { isRecord } from "../../src/base/is-record.ts";

test.each([
  ["{}", true],
  ['{"a": 1}', true],
  ["[]", false],
  ["null", false],
  ['"text"', false],
  ["1", false],
])("isRecord() of the JSON %s is %p", (json, expected) => {
  expect(isRecord(JSON.parse(json))).toBe(expected);
});
