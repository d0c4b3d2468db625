import { createHmac, createPrivateKey, createPublicKey, randomBytes, sign } from "node:crypto";

/** What a registry's challenge asks for, as the daemon passes it on. */
export type TokenRequest = {
  /** `registry-1.docker.io`, `127.0.0.1:5000`. */
  readonly host: string;
  /** The URL of the token service. */
  readonly realm: string;
  readonly service: string;
  /** `repository:app:pull`. */
  readonly scopes: readonly string[];
};

/** As a token service gives it. */
export type RegistryToken = {
  readonly token: string;
  /** Seconds that it is good for; absent where the service does not say. */
  readonly expiresIn?: number | undefined;
};

/** Asks token services with the credentials that are here. */
export type TokenFetcher = {
  /** Whether tokens for this registry can be had from here: a daemon elsewhere may reach what we don't. Must not throw. */
  reaches(host: string): Promise<boolean>;
  fetchToken(request: TokenRequest): Promise<RegistryToken>;
};

/**
 * Gets tokens for the daemon, so that it never sees the password behind them. The daemon keeps a token for whoever can
 * prove that he is the one who got it, by a key of ours for the registry; one authority for all builds of a run lets them
 * share tokens, and nobody else has them.
 */
export type TokenAuthority = TokenFetcher & {
  /** The ed25519 key for a host, 32 bytes; the daemon's salt makes it another one for each daemon. */
  publicKey(host: string, salt: Uint8Array): Uint8Array;
  /** The payload behind its signature, 64 bytes, by the same key. */
  signed(host: string, salt: Uint8Array, payload: Uint8Array): Uint8Array;
};

/** DER of a private key (RFC 8410) up to its 32 bytes. */
const keyHead = Buffer.from("302e020100300506032b657004220420", "hex");

/** An authority with keys of its own, for as long as the run lasts. */
export function createTokenAuthority(fetcher: TokenFetcher): TokenAuthority {
  const secret = randomBytes(32);

  function keyOf(host: string, salt: Uint8Array): ReturnType<typeof createPrivateKey> {
    const own = createHmac("sha256", secret).update(host).digest();
    const seed = createHmac("sha256", salt).update(own).digest();
    return createPrivateKey({ key: Buffer.concat([keyHead, seed]), format: "der", type: "pkcs8" });
  }

  return {
    ...fetcher,
    publicKey(host, salt) {
      const { x = "" } = createPublicKey(keyOf(host, salt)).export({ format: "jwk" });
      return Buffer.from(x, "base64url");
    },
    signed: (host, salt, payload) =>
      Buffer.concat([sign(null, payload, keyOf(host, salt)), payload]),
  };
}
