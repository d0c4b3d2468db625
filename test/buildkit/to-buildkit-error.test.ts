import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { toBuildkitError } from "../../src/buildkit/to-buildkit-error.ts";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.ts";
import { connectErrorOf } from "../../src/grpc/channel-transport.ts";
import { grpcCode } from "../../src/grpc/grpc-code.ts";
import { GrpcError } from "../../src/grpc/grpc-error.ts";
import type { Metadata } from "../../src/grpc/metadata.ts";
import { encodeBinaryMetadata } from "../grpc/support/encode-binary-metadata.ts";

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

const push =
  'failed to push 127.0.0.1:4000/app:1: failed to do request: Put "http://127.0.0.1:4000/v2/":';
const head =
  'failed to resolve source metadata for 127.0.0.1:4000/app:1: failed to do request: Head "http://127.0.0.1:4000/v2/":';

test.each([
  ["no active session for abc123: context deadline exceeded", true],
  ["rpc error: code = Unavailable desc = transport is closing", true],
  ["rpc error: code = Unavailable desc = error reading from server: EOF", true],
  ["received prior goaway: code: ENHANCE_YOUR_CALM, debug data: too_many_pings", true],
  [`${push} EOF`, true],
  [`${push} write tcp 127.0.0.1:1->127.0.0.1:2: write: broken pipe`, true],
  [`${head} read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer`, true],
  [
    "failed to push r.example/a:1: unexpected status from PUT request to https://r.example/v2/: 503 Service Unavailable",
    true,
  ],
  [
    "failed to push r.example/a:1: unexpected status from PUT request to https://r.example/v2/: 403 Forbidden",
    false,
  ],
  [`${head} dial tcp 127.0.0.1:4000: connect: connection refused`, false],
  [
    'process "/bin/sh -c echo transport is closing" did not complete successfully: exit code: 1',
    false,
  ],
  [
    'process "/bin/sh -c no active session for abc123: context deadline exceeded" did not complete successfully: failed',
    false,
  ],
  ['failed to calculate checksum of ref a::b: "/app": not found', false],
  ["secret token: not found", false],
  [
    "failed to rename: rename /b/root/runc-overlayfs/snapshots/snapshots/new-663 /b/root/runc-overlayfs/snapshots/snapshots/14: file exists",
    true,
  ],
])("toBuildkitError() knows whether it is worth to build again after: %s", (message, transient) => {
  const error = toBuildkitError(errorOf(grpcCode.unknown, `failed to solve: ${message}`));
  expect(error).toMatchObject({ kind: "failed", transient });
});

test.each([
  ["a lost connection", grpcCode.unavailable, [] as Metadata, "lost"],
  ["a registry that the daemon can't reach", grpcCode.unavailable, answered, "failed"],
  ["a daemon that shuts down", grpcCode.cancelled, answered, "lost"],
] as const)("toBuildkitError() knows %s", (_, code, metadata, kind) => {
  expect(toBuildkitError(errorOf(code, "context canceled", metadata)).kind).toBe(kind);
});
