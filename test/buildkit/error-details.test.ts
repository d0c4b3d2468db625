import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { decodeErrorDetails } from "../../src/buildkit/error-details.ts";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.ts";

function statusOf(...details: readonly (readonly [type: string, value: unknown])[]): Uint8Array {
  const status = create(StatusSchema, {
    code: 2,
    details: details.map(([typeUrl, value]) => ({
      typeUrl,
      value: new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)),
    })),
  });
  return toBinary(StatusSchema, status);
}

test("decodeErrorDetails() reads sources and the step under any type prefix", () => {
  const dockerfile = "FROM scratch\nRUN false\n";
  const details = decodeErrorDetails(
    statusOf(
      ["github.com/moby/buildkit/stack.Stack+json", { frames: [] }],
      [
        "github.com/moby/buildkit/errdefs.Source+json",
        {
          info: { filename: "Dockerfile", data: Buffer.from(dockerfile).toString("base64") },
          ranges: [
            { start: { line: 2 }, end: { line: 2, character: 9 } },
            { start: { line: 4 }, end: {} },
          ],
        },
      ],
      ["errdefs.Vertex+json", { digest: "sha256:1" }],
    ),
  );
  expect(details.step).toBe("sha256:1");
  expect(details.sources).toHaveLength(1);
  const [source] = details.sources;
  expect(source?.filename).toBe("Dockerfile");
  expect(new TextDecoder().decode(source?.data)).toBe(dockerfile);
  expect(source?.ranges).toEqual([
    { start: 2, end: 2 },
    { start: 4, end: 4 },
  ]);
});

test("decodeErrorDetails() leaves out what it can't read", () => {
  const nothing = { sources: [], step: undefined };
  expect(decodeErrorDetails(new Uint8Array([0xff, 0xff]))).toEqual(nothing);
  const broken = statusOf(["x/errdefs.Source+json", "{"], ["x/errdefs.Vertex+json", "[]"]);
  expect(decodeErrorDetails(broken)).toEqual(nothing);
});
