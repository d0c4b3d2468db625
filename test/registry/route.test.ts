import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RegistryError } from "../../src/registry/registry-error.ts";
import { parseRoute, rawPath } from "../../src/registry/route.ts";

const digest = `sha256:${"ab".repeat(32)}`;
const id = "0123456789abcdef".repeat(2);

describe("parseRoute()", () => {
  test.each([
    ["/v2", { kind: "base" }],
    ["/v2/", { kind: "base" }],
    ["/v2/_catalog", { kind: "catalog" }],
    ["/v2/a/tags/list", { kind: "tags", repository: "a" }],
    ["/v2/a/b/manifests/1.0", { kind: "manifest", repository: "a/b", reference: { tag: "1.0" } }],
    [`/v2/a/manifests/${digest}`, { kind: "manifest", repository: "a", reference: { digest } }],
    [`/v2/a/blobs/${digest}`, { kind: "blob", repository: "a", digest }],
    // As clients send it that escape all they can.
    [`/v2/a/blobs/${digest.replace(":", "%3A")}`, { kind: "blob", repository: "a", digest }],
    [`/v2/a/referrers/${digest}`, { kind: "referrers", repository: "a", digest }],
    ["/v2/a/blobs/uploads", { kind: "uploads", repository: "a" }],
    ["/v2/a/blobs/uploads/", { kind: "uploads", repository: "a" }],
    [`/v2/a/blobs/uploads/${id}`, { kind: "upload", repository: "a", id }],
    // Parts of names that look like endpoints.
    ["/v2/blobs/uploads/blobs/uploads/", { kind: "uploads", repository: "blobs/uploads" }],
    ["/v2/tags/list/tags/list", { kind: "tags", repository: "tags/list" }],
    [`/v2/manifests/blobs/${digest}`, { kind: "blob", repository: "manifests", digest }],
    ["/v2/a/blobs/uploads/tags/list", { kind: "tags", repository: "a/blobs/uploads" }],
    [
      "/v2/x/manifests/y/manifests/z",
      { kind: "manifest", repository: "x/manifests/y", reference: { tag: "z" } },
    ],
  ])("parseRoute() reads %s", (path, route) => {
    expect(parseRoute(path, "GET") as unknown).toEqual(route);
  });

  test.each([
    ["/", 404, "UNSUPPORTED"],
    ["/v1/", 404, "UNSUPPORTED"],
    ["/v2x/", 404, "UNSUPPORTED"],
    ["/v2/a", 404, "UNSUPPORTED"],
    ["/v2//", 404, "UNSUPPORTED"],
    ["/v2/a/tags/lists", 404, "UNSUPPORTED"],
    ["/v2/_oci/ext/discover", 404, "UNSUPPORTED"],
    ["/v2/tags/list", 400, "NAME_INVALID"],
    ["/v2//a/tags/list", 400, "NAME_INVALID"],
    ["/v2/a//tags/list", 400, "NAME_INVALID"],
    ["/v2/A/tags/list", 400, "NAME_INVALID"],
    ["/v2/a..b/tags/list", 400, "NAME_INVALID"],
    ["/v2/a___b/tags/list", 400, "NAME_INVALID"],
    ["/v2/-a/tags/list", 400, "NAME_INVALID"],
    ["/v2/../../etc/tags/list", 400, "NAME_INVALID"],
    ["/v2/a%2fb/tags/list", 400, "NAME_INVALID"],
    ["/v2/a%00/tags/list", 400, "NAME_INVALID"],
    ["/v2/%e9/tags/list", 400, "NAME_INVALID"],
    ["/v2/_catalog/tags/list", 400, "NAME_INVALID"],
    [`/v2/${"a".repeat(256)}/tags/list`, 400, "NAME_INVALID"],
    [`/v2/${"a/".repeat(1000)}tags/list`, 400, "NAME_INVALID"],
    ["/v2/a/manifests/", 400, "MANIFEST_INVALID"],
    ["/v2/a/manifests/..", 400, "MANIFEST_INVALID"],
    ["/v2/a/manifests/.x", 400, "MANIFEST_INVALID"],
    ["/v2/a/manifests/a+b", 400, "MANIFEST_INVALID"],
    [`/v2/a/manifests/${"t".repeat(129)}`, 400, "MANIFEST_INVALID"],
    ["/v2/a/manifests/a:b", 400, "DIGEST_INVALID"],
    ["/v2/a/blobs/sha256:", 400, "DIGEST_INVALID"],
    ["/v2/a/blobs/sha256:..%2f..%2fetc", 400, "DIGEST_INVALID"],
    [`/v2/a/blobs/${digest.toUpperCase()}`, 400, "DIGEST_INVALID"],
    [`/v2/a/blobs/sha256:${"a".repeat(63)}`, 400, "DIGEST_INVALID"],
    [`/v2/a/blobs/sha512:${"a".repeat(64)}`, 400, "DIGEST_INVALID"],
    [`/v2/a/blobs/md5:${"a".repeat(32)}`, 400, "DIGEST_INVALID"],
    [`/v2/a/referrers/latest`, 400, "DIGEST_INVALID"],
    ["/v2/a/blobs/uploads/x", 404, "BLOB_UPLOAD_UNKNOWN"],
    ["/v2/a/blobs/uploads/..%2f", 404, "BLOB_UPLOAD_UNKNOWN"],
    [`/v2/a/blobs/uploads/${"0".repeat(10_000)}`, 404, "BLOB_UPLOAD_UNKNOWN"],
  ])("parseRoute() refuses %s with %d %s", (path, status, code) => {
    let thrown: unknown;
    try {
      parseRoute(path, "PUT");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(RegistryError);
    expect(thrown).toMatchObject({ status, code });
  });

  test("parseRoute() says of an invalid tag that is only asked for that it is unknown", () => {
    for (const method of ["GET", "HEAD", "DELETE"]) {
      expect(() => parseRoute("/v2/a/manifests/.x", method)).toThrow(
        expect.objectContaining({ status: 404, code: "MANIFEST_UNKNOWN" }),
      );
    }
  });

  test("parseRoute() answers any path with a route or a RegistryError", () => {
    const piece = fc.constantFrom(
      "a",
      "blobs",
      "uploads",
      "manifests",
      "tags",
      "list",
      "",
      "..",
      digest,
      id,
      "%2f",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        try {
          parseRoute(`/v2/${pieces.join("/")}`, "GET");
        } catch (error) {
          expect(error).toBeInstanceOf(RegistryError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("rawPath()", () => {
  test.each([
    ["http://127.0.0.1:5000/v2/a%2fb?x=/y", "/v2/a%2fb"],
    ["/v2/", "/v2/"],
    ["/v2/?n=1", "/v2/"],
    ["http://host", "/"],
    ["http://host/v2/#/x", "/v2/"],
    ["http://[::1]:80/v2/", "/v2/"],
  ])("rawPath() of %s is %s", (url, path) => {
    expect(rawPath(url)).toBe(path);
  });
});
