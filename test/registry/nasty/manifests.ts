import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { rawRequest } from "../support/raw-http.ts";
import { descriptorOf, manifestWith, type NastyCase } from "./nasty-case.ts";

const invalid = "400 MANIFEST_INVALID";
const limit = 4 * 1024 * 1024;
const some = digestOf("some");

/** An image whose JSON is of exactly so many bytes. */
function manifestOfSize(size: number): string {
  const empty = manifestWith({ annotations: { text: "" } });
  return manifestWith({ annotations: { text: "x".repeat(size - empty.length) } });
}

function index(extra: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, ...extra });
}

function layers(count: number): readonly unknown[] {
  const one = { mediaType: "a/b", digest: some, size: 4 };
  return Array.from({ length: count }, () => one);
}

// name, body, answer, media type
const bodies: readonly (readonly [string, string | Uint8Array, NastyCase["answer"], string?])[] = [
  ["nothing", "", invalid],
  ["no JSON", "not json", invalid],
  ["null", "null", invalid],
  ["a list", "[]", invalid],
  ["a number", "1", invalid],
  ["a string", '"x"', invalid],
  ["an empty object", "{}", invalid],
  ["a byte order mark", `\uFEFF${manifestWith()}`, invalid],
  ["something behind it", `${manifestWith()}x`, invalid],
  ["two documents", `${manifestWith()}\n${manifestWith()}`, invalid],
  ["NaN", manifestWith().replace("2", "NaN"), invalid],
  ["a size of 1e999", manifestWith().replace('"size":6', '"size":1e999'), invalid],
  ["a size of 2^53", manifestWith().replace('"size":6', '"size":9007199254740992'), invalid],
  ["a negative size", manifestWith({ config: { ...descriptorOf("x"), size: -1 } }), invalid],
  ["half a byte", manifestWith({ config: { ...descriptorOf("x"), size: 0.5 } }), invalid],
  ["a size as text", manifestWith({ config: { ...descriptorOf("x"), size: "1" } }), invalid],
  ["bad UTF-8", Buffer.from([...Buffer.from('{"a":"'), 0xff, 0xfe, 0x22, 0x7d]), invalid],
  ["half a surrogate", manifestWith({ annotations: { a: "\\ud800" } }), "201"],
  ["UTF-16", Buffer.from(manifestWith(), "utf16le"), invalid],
  ["gzip", Bun.gzipSync(manifestWith()), invalid],
  ["schema version 1", manifestWith({ schemaVersion: 1 }), invalid],
  ["schema version as text", manifestWith({ schemaVersion: "2" }), invalid],
  ["no config", manifestWith({ config: undefined }), invalid],
  ["config null", manifestWith({ config: null }), invalid],
  ["config a list", manifestWith({ config: [] }), invalid],
  ["no layers", manifestWith({ layers: undefined }), invalid],
  ["layers null", manifestWith({ layers: null }), invalid],
  ["layers an object", manifestWith({ layers: { length: 1 } }), invalid],
  ["layers of null", manifestWith({ layers: [null] }), invalid],
  ["layers of text", manifestWith({ layers: ["sha256:"] }), invalid],
  ["an empty list of layers", manifestWith({ layers: [] }), "201"],
  ["layers and manifests", manifestWith({ manifests: [] }), invalid],
  [
    "a digest that climbs",
    manifestWith({ layers: [{ ...descriptorOf("x"), digest: "sha256:../../etc/passwd" }] }),
    invalid,
  ],
  [
    "a digest as list",
    manifestWith({ layers: [{ ...descriptorOf("x"), digest: [some] }] }),
    invalid,
  ],
  [
    "an unknown algorithm",
    manifestWith({ layers: [{ ...descriptorOf("x"), digest: "md5:00" }] }),
    invalid,
  ],
  ["no media type of a layer", manifestWith({ layers: [{ digest: some, size: 1 }] }), invalid],
  ["urls that are text", manifestWith({ layers: [{ ...descriptorOf("x"), urls: "x" }] }), invalid],
  [
    "a layer elsewhere",
    manifestWith({
      layers: [
        {
          ...descriptorOf("x"),
          mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar",
          urls: ["http://169.254.169.254/latest", "file:///etc/passwd"],
        },
      ],
    }),
    "201",
  ],
  [
    "data that is something else",
    manifestWith({ config: { ...descriptorOf("x"), data: "!!!" } }),
    "201",
  ],
  ["annotations as list", manifestWith({ annotations: ["a"] }), invalid],
  ["annotations of numbers", manifestWith({ annotations: { a: 1 } }), invalid],
  [
    "annotations of a prototype",
    '{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"' +
      some +
      '","size":1},"layers":[],"annotations":{"__proto__":"x","constructor":"y"}}',
    "201",
  ],
  ["a prototype", manifestWith().replace("{", '{"__proto__":{"config":1},'), "201"],
  [
    "a prototype with a subject",
    `{"__proto__":{"subject":${JSON.stringify(descriptorOf("s"))}},"schemaVersion":2}`,
    invalid,
  ],
  ["a key twice", manifestWith().replace("{", '{"schemaVersion":1,'), "201"],
  ["media type as number", manifestWith({ mediaType: 1 }), invalid],
  ["another media type", manifestWith({ mediaType: mediaTypes.ociIndex }), invalid],
  ["a subject that is text", manifestWith({ subject: some }), invalid],
  ["a subject without digest", manifestWith({ subject: { mediaType: "a/b", size: 1 } }), invalid],
  ["a missing subject", manifestWith({ subject: descriptorOf("missing") }), "201"],
  [
    "a subject of sha512",
    manifestWith({ subject: { ...descriptorOf("x"), digest: `sha512:${"a".repeat(128)}` } }),
    "201",
  ],
  [
    "a subject of a wrong size",
    manifestWith({ subject: { ...descriptorOf("config"), size: 0 } }),
    "201",
  ],
  ["artifactType as number", manifestWith({ artifactType: 1 }), invalid],
  ["artifactType of 10 kB", manifestWith({ artifactType: "a".repeat(10_000) }), invalid],
  ["20,000 levels", `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, invalid],
  ["2,000,000 levels", "[".repeat(2_000_000), invalid],
  ["2,000,000 levels of objects", '{"a":'.repeat(700_000), invalid],
  [
    "20,000 levels where nobody looks",
    manifestWith().replace("{", `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)},`),
    invalid,
  ],
  ["400,000 keys", `{${Array.from({ length: 380_000 }, (_, i) => `"${i}":1`).join(",")}}`, invalid],
  [
    "colliding keys",
    `{${Array.from({ length: 100_000 }, (_, i) => `"${"Aa".repeat(8)}${i}":1`).join(",")}}`,
    invalid,
  ],
  [
    "a million tiny objects",
    manifestWith({ x: Array.from({ length: 1_300_000 }, () => ({})) }),
    invalid,
  ],
  ["30,000 layers", manifestWith({ layers: layers(30_000) }), "201"],
  ["4 MiB", manifestOfSize(limit), "201"],
  ["4 MiB and a byte", manifestOfSize(limit + 1), "413 MANIFEST_INVALID"],
  [
    "390 annotations of 10 kB",
    manifestWith({
      annotations: Object.fromEntries(
        Array.from({ length: 390 }, (_, i) => [`${i}`, "x".repeat(10_000)]),
      ),
    }),
    "201",
  ],
  ["text/plain", manifestWith(), invalid, "text/plain"],
  ["application/json", manifestWith(), invalid, "application/json"],
  ["a type of 10 kB", manifestWith(), invalid, `application/${"x".repeat(10_000)}`],
  ["a type with a parameter", manifestWith(), "201", `${mediaTypes.ociManifest}; charset=utf-8`],
  ["a type in capitals", manifestWith(), "201", mediaTypes.ociManifest.toUpperCase()],
  ["two types", manifestWith(), invalid, `${mediaTypes.ociManifest}, ${mediaTypes.ociIndex}`],
  [
    "schema 1",
    '{"schemaVersion":1,"name":"a"}',
    invalid,
    "application/vnd.docker.distribution.manifest.v1+json",
  ],
  ["signed schema 1", "{}", invalid, "application/vnd.docker.distribution.manifest.v1+prettyjws"],
  ["an image as index", manifestWith(), invalid, mediaTypes.ociIndex],
  ["an empty index", index({ manifests: [] }), "201", mediaTypes.ociIndex],
  ["an index of null", index({ manifests: null }), invalid, mediaTypes.ociIndex],
  ["an index with layers", index({ manifests: [], layers: [] }), invalid, mediaTypes.ociIndex],
  [
    "an index with config",
    index({ manifests: [], config: descriptorOf("x") }),
    invalid,
    mediaTypes.ociIndex,
  ],
  ["an index of layers", index({ manifests: layers(3) }), "201", mediaTypes.ociIndex],
  [
    "an index with a bad platform",
    index({ manifests: [{ ...descriptorOf("x"), platform: "linux" }] }),
    invalid,
    mediaTypes.ociIndex,
  ],
  ["30,000 children", index({ manifests: layers(30_000) }), "201", mediaTypes.ociIndex],
];

/** What comes as a manifest. */
export const manifests: readonly NastyCase[] = [
  ...bodies.map(([name, body, answer, type]): NastyCase => ({
    name: `a manifest of ${name}`,
    answer,
    send: async ({ manifest }) => await manifest("nasty", body, type),
  })),
  {
    name: "a manifest without a type in header and body",
    answer: invalid,
    send: async ({ request }) =>
      await request("PUT", "/v2/n/manifests/x", { body: manifestWith({ mediaType: undefined }) }),
  },
  {
    name: "a manifest with a type only in its body",
    answer: "201",
    send: async ({ request }) =>
      await request("PUT", "/v2/n/manifests/x", { body: manifestWith() }),
  },
  {
    name: "a manifest of 100 MiB, announced",
    answer: "413 MANIFEST_INVALID",
    send: async ({ raw }) =>
      await raw(
        rawRequest("PUT", "/v2/n/manifests/x", { headers: { "Content-Length": "104857600" } }),
      ),
  },
  {
    name: "a manifest of 100 MiB, announced and sent",
    answer: "413 MANIFEST_INVALID",
    send: async ({ request }) =>
      await request("PUT", "/v2/n/manifests/x", { body: Buffer.alloc(104_857_600, " ") }),
  },
  {
    name: "a manifest of 100 MiB, chunked",
    answer: "413 MANIFEST_INVALID",
    send: async ({ raw }) => {
      const head = rawRequest("PUT", "/v2/n/manifests/x", {
        headers: { "Transfer-Encoding": "chunked" },
      });
      const chunk = Buffer.concat([
        Buffer.from("100000\r\n"),
        Buffer.alloc(1024 * 1024, " "),
        Buffer.from("\r\n"),
      ]);
      const chunks = Array.from({ length: 100 }, () => chunk);
      return await raw(Buffer.concat([head, ...chunks, Buffer.from("0\r\n\r\n")]));
    },
  },
  {
    name: "a manifest under another digest",
    answer: "400 DIGEST_INVALID",
    send: async ({ manifest }) => await manifest(digestOf("other"), manifestWith()),
  },
  {
    name: "a manifest under its digest of sha512, and got by it",
    answer: "200",
    send: async ({ manifest, request }) => {
      const body = manifestWith({ annotations: { by: "sha512" } });
      const hex = new Bun.CryptoHasher("sha512").update(body).digest("hex");
      await manifest(`sha512:${hex}?tag=sha512`, body);
      const answer = await request("GET", "/v2/n/manifests/sha512");
      const same = answer.headers.get("docker-content-digest") === `sha512:${hex}`;
      return same && answer.body.toString() === body ? answer : { ...answer, status: 0 };
    },
  },
  {
    name: "a manifest with 1,000 tags",
    answer: "414 UNSUPPORTED",
    send: async ({ manifest }) => {
      const tags = Array.from({ length: 1000 }, (_, i) => `tag=${i}`).join("&");
      return await manifest(`${digestOf(manifestWith())}?${tags}`, manifestWith());
    },
  },
  {
    name: "a manifest with a tag that climbs",
    answer: invalid,
    send: async ({ manifest }) =>
      await manifest(`${digestOf(manifestWith())}?tag=..%2f..%2fx`, manifestWith()),
  },
  {
    name: "a tag that is in the way of nothing: deleted twice",
    answer: "404 MANIFEST_UNKNOWN",
    send: async ({ manifest, request }) => {
      await manifest("twice", manifestWith());
      await request("DELETE", "/v2/n/manifests/twice");
      return await request("DELETE", "/v2/n/manifests/twice");
    },
  },
  {
    name: "subjects that go in a circle",
    answer: "200",
    send: async ({ manifest, request }) => {
      // Each has the one before as subject, and the first the digest of one that can't be made to exist.
      let subject = descriptorOf("circle");
      for (let i = 0; i < 50; i++) {
        const body = manifestWith({ subject, annotations: { i: `${i}` } });
        await manifest(digestOf(body), body);
        subject = { mediaType: mediaTypes.ociManifest, digest: digestOf(body), size: body.length };
      }
      return await request("GET", `/v2/n/referrers/${digestOf("circle")}`);
    },
  },
  {
    name: "a million tiny objects, sixteen times at once, while others ask",
    answer: "200",
    send: async ({ manifest, request }) => {
      const body = manifestWith({ x: Array.from({ length: 1_300_000 }, () => ({})) });
      const pushes = Array.from({ length: 16 }, async () => await manifest("tiny", body));
      const [answer] = await Promise.all([request("GET", "/v2/"), ...pushes]);
      return answer;
    },
  },
  {
    name: "a small manifest while a hundred big ones never end",
    answer: "201",
    send: async ({ stall, manifest }) => {
      const head = rawRequest("PUT", "/v2/n/manifests/slow", {
        headers: { "Content-Length": "4000000" },
      });
      const bytes = Buffer.concat([head, Buffer.alloc(3_900_000, " ")]);
      using _stalled = await stall(Array.from({ length: 100 }, () => bytes));
      return await manifest("small", manifestWith());
    },
  },
];
