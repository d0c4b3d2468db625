import { expect, test } from "bun:test";
import { toError } from "../../src/base/to-error.ts";

test("toError() keeps an Error and makes one of anything else", () => {
  const error = new TypeError("no such thing");
  expect(toError(error)).toBe(error);
  expect(toError("text")).toEqual(new Error("text"));
  expect(toError(undefined).message).toBe("undefined");
});
