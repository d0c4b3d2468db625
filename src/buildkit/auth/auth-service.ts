import { errorMessage } from "../../base/error-message.ts";
import { Auth } from "../../gen/session/auth_pb.ts";
import { grpcCode } from "../../grpc/grpc-code.ts";
import { GrpcError } from "../../grpc/grpc-error.ts";
import { grpcService, type GrpcService } from "../../grpc/grpc-service.ts";
import type { Credentials } from "../solve-request.ts";
import type { TokenAuthority } from "./token-authority.ts";

type AuthOptions = {
  readonly credentials: ((host: string) => Promise<Credentials | undefined>) | undefined;
  readonly tokens: TokenAuthority | undefined;
  /** Why credentials can't be had; the daemon wraps it in words of its own. */
  readonly onFailure: (error: unknown) => void;
};

/** What the daemon takes a token to be good for when nobody says. */
const usualLife = 60;

/**
 * Lets the daemon into registries, after their 401. With an authority it gets tokens for registries that want them, else the
 * credentials to get them with; for registries with Basic authentication always the credentials.
 */
export function authService(options: AuthOptions): GrpcService {
  const { credentials, tokens, onFailure } = options;

  function authority(): TokenAuthority {
    // The daemon then asks for credentials.
    if (tokens === undefined) throw new GrpcError(grpcCode.unimplemented, "no token authority");
    return tokens;
  }

  return grpcService(Auth, {
    credentials: async ({ Host }) => {
      const found = await credentials?.(Host).catch((error: unknown) => {
        onFailure(error);
        throw error;
      });
      // Empty ones mean: anonymous.
      return { Username: found?.username ?? "", Secret: found?.secret ?? "" };
    },
    getTokenAuthority: async ({ Host, Salt }) => {
      const owner = authority();
      if (await owner.reaches(Host)) return { PublicKey: owner.publicKey(Host, Salt) };
      throw new GrpcError(grpcCode.unavailable, `${Host} can't be reached from the client`);
    },
    verifyTokenAuthority: ({ Host, Salt, Payload }) => ({
      Signed: authority().signed(Host, Salt, Payload),
    }),
    fetchToken: async ({ Host, Realm, Service, Scopes }) => {
      const owner = authority();
      const request = { host: Host, realm: Realm, service: Service, scopes: Scopes };
      // A refusal is told by the daemon, with the place in the Dockerfile; it may also have no consequence, as for a cache.
      const { token, expiresIn = usualLife } = await owner
        .fetchToken(request)
        .catch((error: unknown) => {
          throw new GrpcError(grpcCode.unauthenticated, errorMessage(error), { cause: error });
        });
      const now = Math.floor(Date.now() / 1000);
      return { Token: token, ExpiresIn: BigInt(expiresIn), IssuedAt: BigInt(now) };
    },
  });
}
