import { expect, test } from "bun:test";
import { errorMessage } from "../../src/base/error-message.ts";

test("errorMessage() has words for whatever was thrown", () => {
  expect(errorMessage(new TypeError("no such thing"))).toBe("no such thing");
  expect(errorMessage("text")).toBe("text");
  expect(errorMessage(undefined)).toBe("undefined");
});
