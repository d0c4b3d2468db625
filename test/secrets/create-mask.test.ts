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

test("createMask() hides a value that colours stand in, as a search prints them", () => {
  const made = mask("api-key-123");
  expect(made.apply("\x1b[1mfound\x1b[0m api-\x1b[01;31mkey\x1b[m-123")).toBe("found ***");
  expect(made.apply("\x1b[1mother\x1b[0m")).toBe("\x1b[1mother\x1b[0m");
});
