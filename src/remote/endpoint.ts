import type { RegistryAddress } from "./registry-address.ts";
import type { RemoteLimits } from "./remote-limits.ts";

/** A registry as far as every exchange with it needs to know. */
export type Endpoint = {
  readonly address: RegistryAddress;
  /** Certificates (PEM) to trust; undefined: those of the public authorities. */
  readonly trusted: readonly string[] | undefined;
  readonly limits: RemoteLimits;
  readonly signal: AbortSignal;
};
