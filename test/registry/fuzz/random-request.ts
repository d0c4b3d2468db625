import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { descriptorOf, manifestWith } from "../nasty/nasty-case.ts";
import { rawRequest } from "../support/raw-http.ts";
import type { Random } from "../../support/random.ts";

/** What earlier requests left behind that later ones may name. */
export type Known = { readonly uploads: string[] };

type Parts = { method: string; target: string; headers: Record<string, string>; body: Buffer };

const names = [
  "a",
  "a/b",
  "fuzz/one",
  "blobs/uploads",
  "n",
  "__proto__",
  "A",
  "a//b",
  "a".repeat(256),
];
const tags = ["1", "latest", "V1", "__proto__", "t".repeat(128), "t".repeat(129), ".x", "a+b", ""];
const contents = ["", "{}", "hello", "x".repeat(70_000), "y".repeat(200_000)];
const digests = [
  ...contents.map((content) => digestOf(content) as string),
  `sha512:${new Bun.CryptoHasher("sha512").update("hello").digest("hex")}`,
  `sha256:${"0".repeat(64)}`,
  "sha256:0",
  "md5:00",
  digestOf("hello").toUpperCase(),
];
const methods = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"];
const numbers = ["0", "1", "-1", "5", "70000", "4194305", "1e9", "18446744073709551616", "x", ""];
const types = [...Object.values(mediaTypes), "application/json", "text/plain", "", "a/b; c=d"];
const bodies = [
  ...contents,
  manifestWith(),
  manifestWith({ subject: descriptorOf("hello") }),
  manifestWith({ layers: [descriptorOf("hello"), descriptorOf("missing")] }),
  manifestWith({ annotations: { text: "z".repeat(50_000) }, subject: descriptorOf("hello") }),
  JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [descriptorOf("{}")],
  }),
  manifestWith({ layers: null }),
  "[".repeat(5000),
];

/** The bytes of a request: mostly a valid one with something changed, at times with bytes of it broken. */
export function randomRequest(random: Random, known: Known): Buffer {
  const parts = validRequest(random, known);
  while (random.once(2)) change(random, parts);
  const { method, target, headers, body } = parts;
  const bytes = rawRequest(method, target, { headers, body });
  if (random.once(30)) return Buffer.concat([bytes, randomRequest(random, known)]);
  return random.once(6) ? broken(random, bytes) : bytes;
}

function validRequest(random: Random, known: Known): Parts {
  const { pick } = random;
  const name = pick(names);
  const content = pick(contents);
  const digest = pick(digests);
  const upload = known.uploads.length > 0 ? pick(known.uploads) : "/v2/a/blobs/uploads/x";
  const manifest = pick(bodies);
  const reference = random.once(3) ? pick([...digests, digestOf(manifest)]) : pick(tags);
  const size = Buffer.byteLength(content);
  const requests: readonly (readonly [string, string, string?, Record<string, string>?])[] = [
    ["GET", "/v2/"],
    ["GET", `/v2/_catalog?n=${pick(numbers)}&last=${pick(names)}`],
    ["GET", `/v2/${name}/tags/list?n=${pick(numbers)}&last=${pick(tags)}`],
    ["GET", `/v2/${name}/referrers/${digest}?artifactType=${pick(types)}&last=${pick(digests)}`],
    ["GET", `/v2/${name}/manifests/${reference}`],
    ["HEAD", `/v2/${name}/manifests/${reference}`],
    ["PUT", `/v2/${name}/manifests/${reference}`, manifest, { "Content-Type": pick(types) }],
    [
      "PUT",
      `/v2/${name}/manifests/${digestOf(manifest)}?tag=${pick(tags)}`,
      manifest,
      { "Content-Type": mediaTypes.ociManifest },
    ],
    ["DELETE", `/v2/${name}/manifests/${reference}`],
    ["GET", `/v2/${name}/blobs/${digest}`],
    [
      "GET",
      `/v2/${name}/blobs/${digest}`,
      "",
      { Range: `bytes=${pick(numbers)}-${pick(numbers)}` },
    ],
    ["DELETE", `/v2/${name}/blobs/${digest}`],
    ["POST", `/v2/${name}/blobs/uploads/`, ""],
    ["POST", `/v2/${name}/blobs/uploads/?digest=${digestOf(content)}`, content],
    ["POST", `/v2/${name}/blobs/uploads/?mount=${digest}&from=${pick(names)}`, ""],
    ["POST", `/v2/${name}/blobs/uploads/?mount=${digest}`, ""],
    ["GET", upload],
    ["PATCH", upload, content],
    ["PATCH", upload, content, { "Content-Range": `0-${size - 1}` }],
    ["PATCH", upload, content, { "Content-Range": `${pick(numbers)}-${pick(numbers)}` }],
    ["PUT", `${upload}?digest=${digestOf(content)}`, content],
    ["PUT", `${upload}?digest=${digest}`, ""],
    ["DELETE", upload],
  ];
  const [method, target, body, headers = {}] = pick(requests);
  return { method, target, headers: { ...headers }, body: Buffer.from(body ?? "") };
}

function change(random: Random, parts: Parts): void {
  const { pick, below } = random;
  const changes: readonly (() => void)[] = [
    () => (parts.method = pick(methods)),
    () =>
      (parts.target = parts.target.replace(
        /[^/?&=]+$/,
        pick([...names, ...tags, ...digests, ...numbers]),
      )),
    () =>
      (parts.target += pick([
        "/",
        "?",
        "&",
        "#",
        "%",
        "%00",
        "%2f..",
        "/../..",
        "?digest=",
        `?digest=${pick(digests)}`,
      ])),
    () => (parts.target = spliced(random, parts.target)),
    () => (parts.headers["Content-Length"] = pick(numbers)),
    () => (parts.headers["Transfer-Encoding"] = pick(["chunked", "gzip", "chunked, chunked", ""])),
    () => (parts.headers["Content-Range"] = `${pick(numbers)}-${pick(numbers)}`),
    () =>
      (parts.headers["Range"] =
        pick(["bytes=", "items="]) + `${pick(numbers)}-${pick(numbers)},${pick(numbers)}-`),
    () => (parts.headers["If-None-Match"] = pick(["*", `"${pick(digests)}"`, "x"])),
    () => (parts.headers["If-Match"] = pick(["*", `"${pick(digests)}"`, ""])),
    () => (parts.headers["Content-Type"] = pick(types)),
    () => (parts.headers["Host"] = pick(["localhost", "evil.test", "", "::1", "a:b:c"])),
    () => (parts.headers["Connection"] = pick(["close", "keep-alive", "upgrade"])),
    () => (parts.headers["Expect"] = "100-continue"),
    () =>
      (parts.headers[pick(["Authorization", "Accept", "X-A", "__proto__"])] = "b".repeat(
        below(2000),
      )),
    () => (parts.body = Buffer.from(pick(bodies))),
    () => (parts.body = parts.body.subarray(0, below(parts.body.length + 1))),
    () => (parts.body = Buffer.from(spliced(random, parts.body.toString("latin1")), "latin1")),
  ];
  pick(changes)();
}

/** Text with a piece of it gone, doubled or replaced. */
function spliced({ below, pick }: Random, text: string): string {
  const start = below(text.length + 1);
  const end = Math.min(start + below(8), text.length);
  const piece = pick([
    "",
    text.slice(start, end).repeat(2),
    "\0",
    "é",
    "..",
    "//",
    "%",
    "[",
    "{",
    '"',
    "-",
  ]);
  return text.slice(0, start) + piece + text.slice(end);
}

function broken(random: Random, bytes: Buffer): Buffer {
  const { below, once } = random;
  if (once(2)) return bytes.subarray(0, below(bytes.length));
  const copy = Buffer.from(bytes);
  // Mostly in the head, where a byte means most.
  const reach = once(4) ? copy.length : Math.min(copy.length, 200);
  for (let i = below(4); i >= 0; i--) copy[below(reach)] = below(256);
  return copy;
}
