import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  formatReference,
  isRepositoryName,
  isTag,
  parseReference,
} from "../../src/oci/reference.ts";

const digest = `sha256:${"ab".repeat(32)}`;
const digest512 = `sha512:${"ab".repeat(64)}`;

describe("parseReference()", () => {
  test.each([
    ["base", { repository: "base" }],
    ["base:1.0", { repository: "base", tag: "1.0" }],
    ["team/app:1.0", { repository: "team/app", tag: "1.0" }],
    ["ghcr.io/team/app", { registry: "ghcr.io", repository: "team/app" }],
    ["localhost/app", { registry: "localhost", repository: "app" }],
    ["localhost:5000/app:1", { registry: "localhost:5000", repository: "app", tag: "1" }],
    ["Registry/app", { registry: "Registry", repository: "app" }],
    ["[::1]:5000/app", { registry: "[::1]:5000", repository: "app" }],
    [`app@${digest}`, { repository: "app", digest }],
    [`app:1@${digest512}`, { repository: "app", tag: "1", digest: digest512 }],
    ["test:5000", { repository: "test", tag: "5000" }],
    ["a--b/c__d/e.f", { repository: "a--b/c__d/e.f" }],
    [`app:sha256-${"a".repeat(64)}`, { repository: "app", tag: `sha256-${"a".repeat(64)}` }],
  ])("parseReference() reads %s", (text, expected) => {
    expect(parseReference(text) as unknown).toEqual(expected);
  });

  test.each([
    "",
    ":",
    "@",
    "App",
    "app:",
    "app@",
    "app@sha256:12",
    `app@${digest.toUpperCase()}`,
    `app@md5:${"a".repeat(32)}`,
    "app:a b",
    "app:-a",
    `app:${"a".repeat(129)}`,
    "/app",
    "app/",
    "a//b",
    "a..b",
    "a___b",
    "-a",
    "a-",
    "../x",
    "a/../b",
    "a\u0000b",
    "é",
    "http://host/app",
    "host.test:port/app",
    "-host.test/app",
    "[::1/app",
    "a".repeat(256),
    `host.test/${"a/".repeat(123)}a`,
    " app",
    "app\n",
  ])("parseReference() refuses %j", (text) => {
    expect(() => parseReference(text)).toThrow(SyntaxError);
  });

  test("formatReference() is undone by parseReference()", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}$/);
    fc.assert(
      fc.property(
        optional(fc.stringMatching(/^[a-z0-9]{1,8}\.[a-z0-9]{1,8}(:[0-9]{1,5})?$/)),
        fc.array(part, { minLength: 1, maxLength: 4 }),
        optional(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,30}$/)),
        optional(fc.stringMatching(/^sha256:[0-9a-f]{64}$/)),
        (registry, parts, tag, content) => {
          // Without a host a first part with a dot would be read as one.
          const names = registry === undefined ? ["x", ...parts] : parts;
          const text = formatReference({
            ...(registry === undefined ? {} : { registry }),
            repository: names.join("/"),
            ...(tag === undefined ? {} : { tag }),
            ...(content === undefined ? {} : { digest: content as never }),
          });
          const parsed = parseReference(text);
          expect(parsed.repository).toBe(names.join("/"));
          expect(formatReference(parsed)).toBe(text);
        },
      ),
    );
  });

  test("parseReference() answers any text with a value that formats back, or a SyntaxError", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from("aA0.-_/:@[] é\n")) }),
        (text) => {
          try {
            expect(formatReference(parseReference(text))).toBe(text);
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

describe("isRepositoryName() and isTag()", () => {
  test("isRepositoryName() takes parts that look like endpoints", () => {
    for (const name of ["blobs/uploads", "manifests", "x/tags/list", "v2"]) {
      expect(isRepositoryName(name)).toBe(true);
    }
  });

  test("isRepositoryName() takes 255 characters and no more", () => {
    expect(isRepositoryName("a".repeat(255))).toBe(true);
    expect(isRepositoryName("a".repeat(256))).toBe(false);
  });

  // A pattern that tries every way to divide the text would not come to an end here.
  test("isRepositoryName() gives up on what almost matches", () => {
    expect(isRepositoryName(`${"a-".repeat(120)}A`)).toBe(false);
    expect(isRepositoryName(`${"a".repeat(254)}!`)).toBe(false);
  });

  test("isTag() takes 128 characters and no more", () => {
    expect(isTag("a".repeat(128))).toBe(true);
    expect(isTag("a".repeat(129))).toBe(false);
  });
});
