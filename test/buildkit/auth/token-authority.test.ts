import { createPublicKey, verify } from "node:crypto";
import { expect, test } from "bun:test";
import { createTokenAuthority } from "../../../src/buildkit/auth/token-authority.ts";

const none = {
  reaches: async () => true,
  fetchToken: async () => Promise.reject(new Error("not asked")),
};
const salt = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

test("a token authority signs with the key that it shows, the same for a host and a salt", () => {
  const authority = createTokenAuthority(none);
  const shown = authority.publicKey("a.example", salt(1));
  expect(shown).toHaveLength(32);
  const payload = new TextEncoder().encode("payload");
  const signed = Buffer.from(authority.signed("a.example", salt(1), payload));
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(shown).toString("base64url") },
    format: "jwk",
  });
  expect(verify(null, payload, key, signed.subarray(0, 64))).toBe(true);
  expect(signed.subarray(64)).toEqual(Buffer.from(payload));

  const hex = (host: string, fill: number, owner = authority): string =>
    Buffer.from(owner.publicKey(host, salt(fill))).toString("hex");
  const keys = [
    hex("a.example", 1),
    hex("b.example", 1),
    hex("a.example", 2),
    hex("a.example", 1, createTokenAuthority(none)),
  ];
  expect(new Set(keys).size).toBe(4);
  expect(hex("a.example", 1)).toBe(keys[0] ?? "");
});
