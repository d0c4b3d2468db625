import { HiveError } from "../base/hive-error.ts";
import { Secrets } from "../gen/session/secrets_pb.ts";
import { grpcCode } from "../grpc/grpc-code.ts";
import { GrpcError } from "../grpc/grpc-error.ts";
import { grpcService, type GrpcService } from "../grpc/grpc-service.ts";

/** Finds a secret's value by its id; undefined when there is none of this name. */
export type FindSecret = (id: string) => Promise<Uint8Array | undefined>;

/** What the daemon takes; it refuses more without a word about which secret it was. */
const longestSecret = 500 * 1024;

/**
 * Gives out secrets when a step asks for them. The daemon also asks for some that nobody declared, as GIT_AUTH_TOKEN
 * for a git source: what is not found is no fault.
 * @param find what it throws, and a secret over 500 KiB, ends the call and goes to `onRefusal`
 */
export function secretService(find: FindSecret, onRefusal: (error: unknown) => void): GrpcService {
  return grpcService(Secrets, {
    getSecret: async ({ ID }) => {
      try {
        const data = await find(ID);
        if (data === undefined) throw new GrpcError(grpcCode.notFound, `no secret "${ID}"`);
        if (data.length > longestSecret) throw tooLong(ID, data.length);
        return { data };
      } catch (error) {
        if (!(error instanceof GrpcError)) onRefusal(error);
        throw error;
      }
    },
  });
}

function tooLong(id: string, length: number): HiveError {
  return new HiveError(
    "usage",
    `Secret "${id}" has ${length} bytes; BuildKit takes ${longestSecret} at most`,
    { hint: "Put big files into a named context and mount that, or fetch them in the step." },
  );
}
