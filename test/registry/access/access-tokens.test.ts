import { describe, expect, test } from "bun:test";
import { createAccessTokens } from "../../../src/registry/access/access-tokens.ts";

describe("createAccessTokens()", () => {
  test("tokens end after a quarter of an hour", () => {
    let time = 0;
    const tokens = createAccessTokens(() => time);
    const { token, expiresIn } = tokens.issue(undefined);
    expect(expiresIn).toBe(900);
    time = 900_000;
    expect(tokens.read(token)).toEqual({ kind: "anonymous" });
    time = 900_001;
    expect(tokens.read(token)).toEqual({ kind: "expired" });
  });
});
