import { digestOf } from "../../../src/oci/digest.ts";
import { manifestWith, type NastyCase, requests } from "./nasty-case.ts";

const digest = digestOf("nothing has this content");
const hex = digest.slice("sha256:".length);
const invalidName = "400 NAME_INVALID";
const invalidDigest = "400 DIGEST_INVALID";
const unknownPath = "404 UNSUPPORTED";

const badNames = [
  "A",
  "a..b",
  "a___b",
  "-a",
  "a-",
  ".a",
  "a.",
  "_a",
  "a_",
  "a._b",
  "%c3%a9",
  "%ef%bc%8f",
  "a%2fb",
  "a%2Fb",
  "a%00b",
  "a%0d%0aSet-Cookie:x",
  "a%zz",
  "%",
  "a:b",
  "a@b",
  "a+b",
  "a~b",
  "a*",
  "_catalog",
  "_oci",
  "a//b",
  "/a",
  "a/",
  "__proto__",
  "a/__proto__",
  "a".repeat(256),
  "a".repeat(300),
  "a".repeat(5000),
  "a/".repeat(1000).slice(0, -1),
  // Slow for a pattern that tries all ways to split it.
  `${"a-".repeat(120)}-`,
  `a${"-".repeat(250)}`,
  `${"a_".repeat(126)}_`,
];

const goodNames = [
  "a--b",
  "a__b",
  "a.b-c_d",
  "blobs",
  "manifests",
  "uploads",
  "blobs/uploads",
  "x/tags/list",
  "x/manifests/y",
  "v2",
  "con",
  "nul",
  "index.json",
  "constructor",
  "hasownproperty",
  "tostring",
  "valueof",
  "0",
  "a".repeat(255),
  `${"a/".repeat(127)}a`,
];

const badTags = [
  ".x",
  "-x",
  "a+b",
  "a%20b",
  "%2e%2e%2f",
  "..%2f..%2fetc%2fpasswd",
  "%00",
  "a%2fb",
  "*",
  "t".repeat(129),
];

const goodTags = [
  "v1",
  "V1",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "_",
  `sha256-${hex}`,
  hex,
  "t".repeat(128),
  "0",
  "-".padStart(2, "_"),
];

const badDigests = [
  digest.toUpperCase(),
  `sha256:${hex.toUpperCase()}`,
  `SHA256:${hex}`,
  `sha256:${hex.slice(1)}`,
  `sha256:${hex}0`,
  "sha256:",
  "sha256:..%2f..%2fetc%2fpasswd",
  `sha512:${hex}`,
  `sha384:${hex}${hex.slice(32)}`,
  `md5:${hex.slice(32)}`,
  `sha256+b64:${hex}`,
  `sha256:${hex.slice(1)}%D9%A1`,
  `sha256:${hex}%00`,
  `sha256::${hex}`,
  `__proto__:${hex}`,
];

/** Names of repositories, tags and digests, and where they stand in a path. */
export const names: readonly NastyCase[] = [
  ...requests(badNames.map((name) => ["GET", `/v2/${name}/tags/list`, invalidName])),
  ...requests(
    badNames.map((name) => ["POST", `/v2/${name}/blobs/uploads/`, invalidName, { body: "" }]),
  ),
  ...requests(goodNames.map((name) => ["GET", `/v2/${name}/tags/list`, "404 NAME_UNKNOWN"])),
  ...goodNames.map((name) => ({
    name: `repository ${name.slice(0, 40)} (${name.length})`,
    answer: "200",
    send: async ({ request }: Parameters<NastyCase["send"]>[0]) => {
      const headers = { "Content-Type": "application/vnd.oci.image.manifest.v1+json" };
      const body = manifestWith();
      await request("PUT", `/v2/${name}/manifests/1`, { headers, body });
      return await request("GET", `/v2/${name}/manifests/1`);
    },
  })),
  ...requests(badTags.map((tag) => ["GET", `/v2/n/manifests/${tag}`, "404 MANIFEST_UNKNOWN"])),
  ...requests(badTags.map((tag) => ["DELETE", `/v2/n/manifests/${tag}`, "404 MANIFEST_UNKNOWN"])),
  ...requests(
    badTags.map((tag) => [
      "PUT",
      `/v2/n/manifests/${tag}`,
      "400 MANIFEST_INVALID",
      { body: manifestWith() },
    ]),
  ),
  ...goodTags.flatMap((tag): NastyCase[] => [
    {
      name: `tag ${tag.slice(0, 40)} unknown`,
      answer: "404 MANIFEST_UNKNOWN",
      send: async ({ request }) => await request("GET", `/v2/n/tags/manifests/${tag}`),
    },
    {
      name: `tag ${tag.slice(0, 40)} pushed`,
      answer: "200",
      send: async ({ request, manifest }) => {
        await manifest(tag, manifestWith({ annotations: { tag } }));
        return await request("GET", `/v2/n/manifests/${tag}`);
      },
    },
  ]),
  ...requests(
    ["blobs", "manifests", "referrers"].flatMap((kind) =>
      badDigests.map((text) => ["GET", `/v2/n/${kind}/${text}`, invalidDigest] as const),
    ),
  ),
  ...requests(badDigests.map((text) => ["DELETE", `/v2/n/blobs/${text}`, invalidDigest])),
  ...requests([
    ["GET", "/v2/n/manifests/", "404 MANIFEST_UNKNOWN"],
    ["GET", "/v2/n/blobs/", invalidDigest],
    ["GET", "/v2/n/blobs", unknownPath],
    ["GET", "/v2/n/tags/list/", unknownPath],
    ["GET", "/v2/n/tags/LIST", unknownPath],
    ["GET", "/v2/n/referrers/", invalidDigest],
    ["GET", "/v2/n/blobs/uploads/", "405 UNSUPPORTED"],
    ["GET", "/v2/n/blobs/uploads/..%2f..%2fx", "404 BLOB_UPLOAD_UNKNOWN"],
    ["GET", `/v2/n/blobs/uploads/${"0".repeat(32)}`, "404 BLOB_UPLOAD_UNKNOWN"],
    ["GET", `/v2/n/blobs/uploads/${"0".repeat(10_000)}`, "404 BLOB_UPLOAD_UNKNOWN"],
    ["GET", "/v2/n/blobs/uploads/__proto__", "404 BLOB_UPLOAD_UNKNOWN"],
    ["GET", "/", [unknownPath, "200"]],
    ["GET", "/v1/", unknownPath],
    ["GET", "/v2", "200"],
    ["GET", "/v2/", "200"],
    ["GET", "/V2/", unknownPath],
    ["GET", "/v2//", unknownPath],
    ["GET", "//v2/", unknownPath],
    ["GET", "/v2/_oci/ext/discover", unknownPath],
    ["GET", "/v2/../../etc/passwd", unknownPath],
    ["GET", "/../../../../etc/passwd", unknownPath],
    ["GET", "/v2/n/blobs/../../../../etc/passwd", unknownPath],
    ["GET", "/v2/n\\..\\..\\etc\\passwd", unknownPath],
    ["GET", `/v2/n/%2e%2e/%2e%2e/blobs/${digest}`, [unknownPath, "404 BLOB_UNKNOWN"]],
    ["GET", `/v2/n/..;/blobs/${digest}`, invalidName],
    ["GET", "//evil.test/v2/", unknownPath],
    ["GET", "/v2//evil.test/%2e%2e", unknownPath],
    ["GET", "/v2/n/tags/list#/../x", ["200", "400", unknownPath]],
    ["GET", "http://other.test/v2/", "200"],
    ["GET", "http://other.test:99999/v2/n/tags/list", ["200", "400"]],
    ["GET", "*", ["400", unknownPath]],
    ["GET", "v2/", ["400", unknownPath]],
    ["GET", `/${"a".repeat(12_000)}`, unknownPath],
    ["GET", `/v2/${"a/".repeat(6000)}tags/list`, invalidName],
    ["GET", `/${"a".repeat(100_000)}`, "431"],
    ["GET", `/v2/n/tags/list?${"a=b&".repeat(3000)}`, "200"],
    ["GET", `/v2/n/tags/list?${"n=1&".repeat(2)}`, "400 UNSUPPORTED"],
    ["GET", "/v2/n/tags/list?__proto__=1&constructor=2", "200"],
    ["GET", "/v2/n/tags/list?%", "200"],
    ["GET", "/v2/n/tags/list?n=%zz", "400 UNSUPPORTED"],
    ["GET", "/v2/n/tags/list?n=%F0%9F%92%A9", "400 UNSUPPORTED"],
    ["GET", "/v2/n/tags/list?last=%00%ff", "200"],
    ["GET", `/v2/n/tags/list?last=${"z".repeat(10_000)}`, "200"],
  ]),
];
