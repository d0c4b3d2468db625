import { describe, expect, test } from "bun:test";
import { readAuthorization } from "../../../src/registry/access/read-authorization.ts";

const basic = (text: string | Uint8Array): string =>
  `Basic ${Buffer.from(text as string).toString("base64")}`;

describe("readAuthorization()", () => {
  test.each<[string, string | null, ReturnType<typeof readAuthorization>]>([
    ["nothing", null, { kind: "none" }],
    ["an empty header", "", { kind: "none" }],
    ["spaces", "   ", { kind: "none" }],
    ["what containers' tools send for nobody", "Basic Og==", { kind: "none" }],
    ["a user", basic("bob:secret"), { kind: "basic", user: "bob", password: "secret" }],
    ["colons in the password", basic("bob:a:b:"), { kind: "basic", user: "bob", password: "a:b:" }],
    ["UTF-8", basic("jürgen:pässwort☃"), { kind: "basic", user: "jürgen", password: "pässwort☃" }],
    ["another case", "bASIC Ym9iOng=", { kind: "basic", user: "bob", password: "x" }],
    ["several spaces", "Basic   Ym9iOng=", { kind: "basic", user: "bob", password: "x" }],
    ["no padding", "Basic Ym9iOng", { kind: "basic", user: "bob", password: "x" }],
    ["an empty password", basic("bob:"), { kind: "basic", user: "bob", password: "" }],
    ["an empty name", basic(":x"), { kind: "basic", user: "", password: "x" }],
    ["no colon", basic("bob"), { kind: "malformed" }],
    ["no text", basic(new Uint8Array([0x62, 0x3a, 0xff])), { kind: "malformed" }],
    ["no value", "Basic", { kind: "malformed" }],
    ["no base64", "Basic !!!!", { kind: "malformed" }],
    ["the alphabet of URLs", "Basic Ym9iOn-_", { kind: "malformed" }],
    ["two headers", `${basic("a:b")}, ${basic("a:b")}`, { kind: "malformed" }],
    ["two headers without a space", `${basic("a:b")},${basic("a:b")}`, { kind: "malformed" }],
    ["another scheme", "Digest username=bob", { kind: "malformed" }],
    ["a token", "Bearer abc.def", { kind: "bearer", token: "abc.def" }],
    ["a token without a value", "Bearer ", { kind: "malformed" }],
  ])("%s", (_, header, expected) => {
    expect(readAuthorization(header)).toEqual(expected);
  });
});
