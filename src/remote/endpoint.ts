import { parseRegistryAddress, type RegistryAddress } from "./registry-address.ts";
import { defaultRemoteLimits, type RemoteLimits } from "./remote-limits.ts";
import { trustedCertificates } from "./trusted-certificates.ts";

/** A registry as far as every exchange with it needs to know. */
export type Endpoint = {
  readonly address: RegistryAddress;
  /** Certificates (PEM) to trust; undefined: those of the public authorities. */
  readonly trusted: readonly string[] | undefined;
  readonly limits: RemoteLimits;
  readonly signal: AbortSignal;
};

export type EndpointOptions = {
  /** `[http://|https://]host[:port]`. */
  readonly address: string;
  /** A certificate authority to trust besides the public ones, PEM. */
  readonly certificateAuthority?: string | undefined;
  /** Asks for plain HTTP also where the registry is not on loopback. */
  readonly plainHttp?: boolean;
  readonly limits?: Partial<RemoteLimits>;
  readonly signal: AbortSignal;
};

/** @throws HiveError "usage" for an address or a certificate that can't be. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const { certificateAuthority, plainHttp = false, limits, signal } = options;
  const trusted = trustedCertificates(certificateAuthority);
  const privateAuthority = trusted !== undefined;
  const address = parseRegistryAddress(options.address, { plainHttp, privateAuthority });
  return { address, trusted, limits: { ...defaultRemoteLimits, ...limits }, signal };
}
