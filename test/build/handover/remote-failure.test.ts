import { expect, test } from "bun:test";
import { remoteFailure } from "../../../src/build/handover/remote-failure.ts";

const place = { host: "r.test:5000", tls: true, repositories: new Set(["team/base"]) };
const push = "failed to push r.test:5000/team/base:1.0.linux-amd64: ";
const head = "https://r.test:5000/v2/team/base/blobs/sha256:1";

test.each([
  [`${push}unexpected status from POST request to ${head}: 401 Unauthorized`, "unauthorized"],
  [`${push}denied: requested access to the resource is denied`, "unauthorized"],
  [
    `${push}push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    "unauthorized",
  ],
  [
    `${push}failed to do request: Head "${head}": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    "unreachable",
  ],
  [
    `${push}failed to do request: Head "${head}": http: server gave HTTP response to HTTPS client`,
    "unreachable",
  ],
  [
    `${push}unexpected status from HEAD request to http://r.test:5000/v2/team/base/blobs/sha256:1: 400 Bad Request`,
    "unreachable",
  ],
  [
    `${push}failed to do request: Head "${head}": dial tcp 10.0.0.1:5000: connect: connection refused`,
    "unreachable",
  ],
  [
    `${push}failed to do request: Head "${head}": dial tcp: lookup r.test on 10.0.0.2:53: no such host`,
    "unreachable",
  ],
  [
    "The Docker Engine cannot push r.test:5000/team/base:1.0.linux-amd64: unauthorized: authentication required",
    "unauthorized",
  ],
])("remoteFailure() knows %s", (message, kind) => {
  const error = remoteFailure(message, place);
  expect([error?.kind, error?.message]).toEqual([
    kind as never,
    expect.stringContaining("r.test:5000"),
  ]);
  expect(error?.hint).toBeDefined();
});

test.each([
  // What a step says of another registry, or of another repository there, is none of ours.
  `r.test:5000/other/base:1: failed to resolve source metadata: 401 Unauthorized`,
  `elsewhere.test/team/base:1: failed to do request: connection refused`,
  `${push}unexpected status from PUT request to ${head}: 500 Internal Server Error`,
  'process "/bin/sh -c curl" did not complete successfully: exit code: 7',
])("remoteFailure() leaves %s to others", (message) => {
  expect(remoteFailure(message, place)).toBeUndefined();
});
