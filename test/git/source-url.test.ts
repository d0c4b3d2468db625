import { expect, test } from "bun:test";
import { webUrl } from "../../src/git/source-url.ts";

test.each([
  ["https://example.com/team/app.git", "https://example.com/team/app"],
  ["https://user:secret@Example.com:8443/team/app/", "https://example.com:8443/team/app"],
  ["https://token@example.com/team/app.git?key=secret#x", "https://example.com/team/app"],
  ["http://example.com/app", "http://example.com/app"],
  ["git@example.com:team/app.git", "https://example.com/team/app"],
  ["example.com:team/app", "https://example.com/team/app"],
  ["git@example.com:/team/app.git", "https://example.com/team/app"],
  ["ssh://git@example.com:2222/team/app.git", "https://example.com/team/app"],
  ["git://example.com/app.git", "https://example.com/app"],
])("%s is %s", (remote, url) => {
  expect(webUrl(remote)).toBe(url);
});

test.each([
  "",
  "/srv/app.git",
  "../app",
  "file:///srv/app.git",
  "ext::sh -c x",
  "javascript:alert(1)",
  "C:\\x",
])("%p is nothing to show", (remote) => {
  expect(webUrl(remote)).toBeUndefined();
});
