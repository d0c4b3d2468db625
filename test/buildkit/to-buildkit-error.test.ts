import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { toBuildkitError } from "../../src/buildkit/to-buildkit-error.ts";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.ts";
import { connectErrorOf } from "../../src/grpc/channel-transport.ts";
import { grpcCode } from "../../src/grpc/grpc-code.ts";
import { GrpcError } from "../../src/grpc/grpc-error.ts";
import { encodeBinaryMetadata, type Metadata } from "../../src/grpc/metadata.ts";

const answered: Metadata = [["grpc-status", "2"]];
const failedStep = { step: "sha256:1", message: "exit code: 3" };

function errorOf(code: number, message: string, metadata: Metadata = answered): unknown {
  return connectErrorOf(new GrpcError(code, message, { metadata }));
}

test("toBuildkitError() takes the daemon's message, exit code and details", () => {
  const value = new TextEncoder().encode(JSON.stringify({ digest: "sha256:2" }));
  const status = create(StatusSchema, { details: [{ typeUrl: "x/errdefs.Vertex+json", value }] });
  const details = encodeBinaryMetadata(toBinary(StatusSchema, status));
  const message = 'failed to solve: process "x" did not complete successfully: exit code: 137';
  const metadata: Metadata = [...answered, ["grpc-status-details-bin", details]];
  const error = toBuildkitError(errorOf(grpcCode.unknown, message, metadata));
  expect(error).toMatchObject({
    kind: "failed",
    message: 'process "x" did not complete successfully: exit code: 137',
    exitCode: 137,
    step: "sha256:2",
  });
});

test("toBuildkitError() reports the step that failed instead of one that was canceled for it", () => {
  const error = toBuildkitError(errorOf(grpcCode.unknown, "x: context canceled"), failedStep);
  expect(error).toMatchObject({
    kind: "failed",
    message: "exit code: 3",
    step: "sha256:1",
    exitCode: 3,
  });
});

test("toBuildkitError() keeps the daemon's message over a step's that may not matter", () => {
  const error = toBuildkitError(errorOf(grpcCode.unknown, "no space left"), failedStep);
  expect(error.message).toBe("no space left");
});

test.each([
  ["a lost connection", grpcCode.unavailable, [] as Metadata, "lost"],
  ["a registry that the daemon can't reach", grpcCode.unavailable, answered, "failed"],
  ["a daemon that shuts down", grpcCode.cancelled, answered, "lost"],
] as const)("toBuildkitError() knows %s", (_, code, metadata, kind) => {
  expect(toBuildkitError(errorOf(code, "context canceled", metadata)).kind).toBe(kind);
});
