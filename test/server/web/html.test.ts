import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { displayHost } from "../../../src/server/web/display-host.ts";
import { formatAge } from "../../../src/server/web/format-age.ts";
import { html } from "../../../src/server/web/html.ts";
import { parsePagePath, paths } from "../../../src/server/web/page-path.ts";
import { pullCommands } from "../../../src/server/web/pull-commands.ts";

describe("html", () => {
  test("escapes text, keeps markup made by html, and shows controls as what they are", () => {
    const made = html`<p title="${`"'><script>`}">${["a&b", html`<b>${1}</b>`, undefined]}</p>`;
    expect(made.toString()).toBe('<p title="&quot;&#39;&gt;&lt;script&gt;">a&amp;b<b>1</b></p>');
    expect(html`${"a\u0000\u202eb\u009b\nc\ud800"}`.toString()).toBe(
      "a\\u0000\\u202eb\\u009b\nc\ufffd",
    );
  });

  test("no text gets out of an element or an attribute", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const page = html`<i a="${text}">${text}</i>`.toString();
        expect(page.replace(/^<i a="|">|<\/i>$/g, "")).not.toMatch(/[<>"']/);
      }),
    );
  });
});

describe("parsePagePath()", () => {
  test.each(["a", "a/b/c", "manifests", "x/manifests/y", "a/tags/list", "tags/list/tags/list"])(
    "finds repository %s and its images at the addresses that pages link to",
    (repository) => {
      expect(parsePagePath(paths.repository(repository))).toEqual({
        kind: "repository",
        repository,
      });
      for (const tag of ["1.0", "list", "manifests", "tags"]) {
        expect(parsePagePath(paths.manifest(repository, tag))).toEqual({
          kind: "manifest",
          repository,
          reference: { tag },
        });
      }
    },
  );

  test.each(["/-/repositories/team/app", "/-/repositories/team/app/"])("understands %s", (path) => {
    expect(parsePagePath(path)).toEqual({ kind: "repository", repository: "team/app" });
  });

  test.each([
    ["/-/", 404],
    ["/-/repositories/", 404],
    ["/-/repositories/UPPER", 404],
    ["/-/repositories/a%2fb", 404],
    ["/-/repositories/../../etc", 404],
    ["/-/repositories/a/manifests/.x", 404],
    ["/-/repositories/a/manifests/sha256:short", 400],
    ["/-/repositories/A/manifests/1", 400],
    ["/index.html", 404],
  ])("refuses %s", (path, status) => {
    expect(() => parsePagePath(path)).toThrow(expect.objectContaining({ status }));
  });
});

test.each([
  ["registry.acme.test:5000", "registry.acme.test:5000"],
  ["localhost", "localhost"],
  ["[::1]:5000", "[::1]:5000"],
  [null, "fallback:1"],
  ["", "fallback:1"],
  // docker would take it for a name on its own hub.
  ["registry", "fallback:1"],
  ["a.test, b.test", "fallback:1"],
  ["a.test/evil", "fallback:1"],
  ['a.test"onload=x', "fallback:1"],
  ["a.test;rm -rf", "fallback:1"],
  ["a.test:99999999", "fallback:1"],
  [`${"a".repeat(300)}.test`, "fallback:1"],
])("displayHost(%p) is %s", (host, expected) => {
  expect(displayHost(host, "fallback:1")).toBe(expected);
});

test("pullCommands() say how to do without TLS, and what to do with artifacts", () => {
  const target = {
    host: "h:1",
    repository: "team/app",
    suffix: ":1.0",
    secure: true,
    artifact: false,
  };
  const commands = (more: object): string[] =>
    pullCommands({ ...target, ...more }).map(({ command }) => command);
  expect(commands({})).toEqual([
    "docker pull h:1/team/app:1.0",
    "podman pull h:1/team/app:1.0",
    "skopeo copy docker://h:1/team/app:1.0 oci:app:1.0",
  ]);
  expect(commands({ secure: false, suffix: "@sha256:0" })).toEqual([
    "docker pull h:1/team/app@sha256:0",
    "podman pull --tls-verify=false h:1/team/app@sha256:0",
    "skopeo copy --src-tls-verify=false docker://h:1/team/app@sha256:0 oci:app",
  ]);
  expect(commands({ artifact: true })).toEqual(["oras pull h:1/team/app:1.0"]);
  expect(commands({ artifact: true, secure: false })).toEqual([
    "oras pull --plain-http h:1/team/app:1.0",
  ]);
});

test.each([
  ["2026-06-01T12:00:00Z", "just now"],
  ["2026-06-01T11:59:00Z", "1 minute ago"],
  ["2026-05-31T12:00:00Z", "24 hours ago"],
  ["2026-05-20T12:00:00Z", "12 days ago"],
  ["2026-01-01T12:00:00.123456789Z", "5 months ago"],
  ["1970-01-01T00:00:00Z", "1970-01-01"],
  ["2030-01-01T00:00:00Z", "2030-01-01"],
  ["yesterday", undefined],
])("formatAge(%s) is %p", (date, expected) => {
  expect(formatAge(date, Date.UTC(2026, 5, 1, 12))).toBe(expected);
});
