import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { grpcCode } from "../../src/grpc/grpc-code.ts";
import {
  decodeGrpcMessage,
  encodeGrpcMessage,
  statusDetails,
  statusOfFailure,
  statusOfResponse,
} from "../../src/grpc/grpc-status.ts";
import { binaryMetadataValue } from "../../src/grpc/metadata.ts";
import { encodeBinaryMetadata } from "./support/encode-binary-metadata.ts";
import { errorCode } from "../../src/http2/error-code.ts";
import { Http2Error } from "../../src/http2/http2-error.ts";

test.each([
  ["plain text", "plain text"],
  ["100 %", "100 %25"],
  ["a\nb", "a%0Ab"],
  ["Grüße 💥", "Gr%C3%BC%C3%9Fe %F0%9F%92%A5"],
])("encodeGrpcMessage() encodes %p", (message, encoded) => {
  expect(encodeGrpcMessage(message)).toBe(encoded);
});

test("decodeGrpcMessage() undoes encodeGrpcMessage()", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (message) => {
      const encoded = encodeGrpcMessage(message);
      expect(encoded).toMatch(/^[ -~]*$/);
      expect(decodeGrpcMessage(encoded)).toBe(message);
    }),
  );
});

test.each([
  ["%", "%"],
  ["%zz", "%zz"],
  ["50%2", "50%2"],
])("decodeGrpcMessage() leaves %p as it is", (value, message) => {
  expect(decodeGrpcMessage(value)).toBe(message);
});

test.each([
  ["200", [["grpc-status", "5"]], 5],
  ["200", [["a", "b"]], grpcCode.internal],
  ["200", [["grpc-status", "x"]], grpcCode.internal],
  ["404", [], grpcCode.unimplemented],
  ["503", [], grpcCode.unavailable],
  ["418", [], grpcCode.unknown],
] as const)("statusOfResponse() of HTTP %s with %j is %d", (status, trailers, code) => {
  expect(statusOfResponse([[":status", status]], trailers).code).toBe(code);
});

test.each([
  ["stream", errorCode.cancel, grpcCode.cancelled],
  ["stream", errorCode.refusedStream, grpcCode.unavailable],
  ["stream", errorCode.enhanceYourCalm, grpcCode.resourceExhausted],
  ["stream", errorCode.inadequateSecurity, grpcCode.permissionDenied],
  ["stream", errorCode.noError, grpcCode.internal],
  ["connection", errorCode.cancel, grpcCode.unavailable],
] as const)("statusOfFailure() of a %s with code %d is %d", (scope, code, expected) => {
  expect(statusOfFailure(new Http2Error(scope, code, "x")).code).toBe(expected);
});

test("binaryMetadataValue() takes base64 with and without padding", () => {
  const octets = Uint8Array.of(1, 2, 3, 255);
  const value = encodeBinaryMetadata(octets);
  expect(value).toBe("AQID/w");
  for (const text of [value, `${value}==`]) {
    expect(binaryMetadataValue([["a-bin", text]], "a-bin")).toEqual(Buffer.from(octets));
  }
  expect(binaryMetadataValue([], "a-bin")).toBeUndefined();
});

test("statusDetails() is undefined for what is no Status", () => {
  expect(statusDetails([])).toBeUndefined();
  expect(
    statusDetails([["grpc-status-details-bin", encodeBinaryMetadata(Uint8Array.of(7))]]),
  ).toBeUndefined();
});
