import { expect, test } from "bun:test";
import { createMask } from "../../src/secrets/create-mask.ts";

const mask = (...values: readonly string[]): ReturnType<typeof createMask> => {
  const made = createMask();
  for (const value of values) made.add(new TextEncoder().encode(value));
  return made;
};

test("createMask() hides every value wherever it stands, the longer of two first", () => {
  expect(mask("s3cr", "s3cret\n").apply("a s3cret, a s3cret and s3cr")).toBe(
    "a ***, a *** and ***",
  );
});

test("createMask() leaves out what is too short to be told from other text", () => {
  expect(mask("abc", "", "\n").apply("abc abcd\n")).toBe("abc abcd\n");
});

test("createMask() hides a value of several lines line by line, braces and the like not", () => {
  const made = mask('{\n  "password": "hunter22"\n}\n');
  expect(made.apply('  "password": "hunter22"')).toBe("  ***");
  expect(made.apply("} { true")).toBe("} { true");
});
