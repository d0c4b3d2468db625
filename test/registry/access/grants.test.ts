import { describe, expect, test } from "bun:test";
import type { Action } from "../../../src/registry/access/access.ts";
import {
  isAdministrator,
  isGranted,
  parseGrants,
  renderGrants,
} from "../../../src/registry/access/grants.ts";

const actions: readonly Action[] = ["read", "write", "delete"];

describe("grants", () => {
  test.each([
    ["read", "a", "read"],
    ["write", "a/b", "read write"],
    ["admin", "a", "read write delete"],
    ["write=team-a/**", "team-a/x", "read write"],
    ["write=team-a/**", "team-a/x/y", "read write"],
    ["write=team-a/**", "team-a", ""],
    ["write=team-a/**", "team-ab/x", ""],
    ["write=team-a/**", "x/team-a/y", ""],
    ["read=team-*/app", "team-b/app", "read"],
    ["read=team-*/app", "team-b/c/app", ""],
    ["read=*", "a", "read"],
    ["read=*", "a/b", ""],
    ["read=a.b", "a.b", "read"],
    ["read=a.b", "axb", ""],
    ["read=**/base", "x/y/base", "read"],
    ["write=team-a/**,read", "team-a/x", "read write"],
    ["write=team-a/**,read", "other", "read"],
    ["read,admin=team-a/**", "team-a/x", "read write delete"],
    ["read , write=a", "a", "read write"],
  ])("%s on %s allows: %s", (text, repository, allowed) => {
    const grants = parseGrants(text);
    expect(actions.filter((action) => isGranted(grants, action, repository)).join(" ")).toBe(
      allowed,
    );
  });

  test.each([
    ["admin", true],
    ["admin=**", true],
    ["read,admin", true],
    ["write", false],
    ["admin=team-a/**", false],
    ["admin=*", false],
  ])("%s is of an administrator: %p", (text, expected) => {
    expect(isAdministrator(parseGrants(text))).toBe(expected);
  });

  test.each(["write", "admin,read=a/**", "write=team-a/**,read"])(
    "%s is rendered as it was",
    (text) => {
      expect(renderGrants(parseGrants(text))).toBe(text);
    },
  );

  test.each([
    ["", '"" is no level: expected read, write or admin'],
    ["owner", '"owner" is no level: expected read, write or admin'],
    ["constructor", '"constructor" is no level: expected read, write or admin'],
    ["read,", '"" is no level: expected read, write or admin'],
    ["READ", '"READ" is no level: expected read, write or admin'],
    ["read=", '"" is no pattern of repositories, as team-a/**'],
    ["read=A", '"A" is no pattern of repositories, as team-a/**'],
    ["read=a=b", '"a" is no pattern of repositories, as team-a/**'],
    ["read=[a-z]", '"[a-z]" is no pattern of repositories, as team-a/**'],
    ["read=*-*-*-*", '"*-*-*-*" has more than 3 wildcards'],
  ])("%j is refused", (text, message) => {
    expect(() => parseGrants(text)).toThrow(new SyntaxError(message));
  });
});
