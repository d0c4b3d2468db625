import { ConnectError } from "@connectrpc/connect";
import { errorMessage } from "../base/error-message.ts";
import { grpcCode } from "../grpc/grpc-code.ts";
import { GrpcError } from "../grpc/grpc-error.ts";
import { statusDetails } from "../grpc/grpc-status.ts";
import { BuildkitError } from "./buildkit-error.ts";
import { readErrorDetails } from "./error-details.ts";
import { isTransient } from "./is-transient.ts";

/** What a failed call says, without a gRPC library's own words around it. */
export function reasonOf(error: unknown): string {
  if (error instanceof ConnectError) return error.rawMessage;
  return errorMessage(error);
}

/** A step that failed, as the status stream told it. */
type FailedStep = { readonly step: string; readonly message: string };

/**
 * Makes a {@link BuildkitError} of a Solve call's error: the only place where gRPC's errors end.
 * Parallel steps are canceled when one fails, and may be what the daemon reports; then `failedStep` has the reason.
 */
export function toBuildkitError(error: unknown, failedStep?: FailedStep): BuildkitError {
  const grpc = findGrpcError(error);
  // The daemon answers UNAVAILABLE itself when a registry is; then there are trailers.
  if (grpc?.code === grpcCode.unavailable && grpc.metadata.length === 0) {
    return new BuildkitError("lost", lostMessage(grpc.message), { cause: error });
  }
  const details = readErrorDetails((grpc && statusDetails(grpc.metadata)?.details) ?? []);
  const said = reasonOf(error).replace(/^failed to solve: /, "");
  const message = said.endsWith("context canceled") ? (failedStep?.message ?? said) : said;
  if (grpc?.code === grpcCode.cancelled && failedStep === undefined) {
    const lost = "BuildKit stopped the build by itself; it may be shutting down";
    return new BuildkitError("lost", lost, { cause: error });
  }
  const exitCode = /exit code: (\d+)\b/.exec(message)?.[1];
  return new BuildkitError("failed", message, {
    sources: details.sources,
    step: details.step ?? failedStep?.step,
    exitCode: exitCode === undefined ? undefined : Number(exitCode),
    transient: exitCode === undefined && isTransient(message),
    cause: error,
  });
}

/** What is said of a connection that broke while a build ran. */
export function lostMessage(reason: string | undefined): string {
  const because = reason === undefined ? "the daemon closed it" : reason;
  return `The connection to BuildKit was lost: ${because}`;
}

function findGrpcError(error: unknown): GrpcError | undefined {
  if (error instanceof GrpcError) return error;
  return error instanceof ConnectError && error.cause instanceof GrpcError
    ? error.cause
    : undefined;
}
