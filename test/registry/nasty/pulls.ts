import { connect } from "node:net";
import { digestOf } from "../../../src/oci/digest.ts";
import { rawRequest } from "../support/raw-http.ts";
import { manifestWith, type NastyCase, requests } from "./nasty-case.ts";

const content = "0123456789";
const digest = digestOf(content);

/** GET of ten bytes with these headers. */
function get(headers: Readonly<Record<string, string>>, answer: string, method = "GET"): NastyCase {
  return {
    name: `${method} of ten bytes with ${JSON.stringify(headers).slice(0, 80)}`,
    answer,
    send: async ({ blob, request }) => {
      await blob(content);
      return await request(method, `/v2/n/blobs/${digest}`, { headers });
    },
  };
}

const range = (value: string, answer: string): NastyCase => get({ Range: value }, answer);

const ranges: readonly NastyCase[] = [
  range("bytes=0-0", "206"),
  range("bytes=-1", "206"),
  range("bytes=-0", "416 SIZE_INVALID"),
  range("bytes=9-", "206"),
  range("bytes=10-", "416 SIZE_INVALID"),
  range("bytes=99999-", "416 SIZE_INVALID"),
  range("bytes=5-2", "416 SIZE_INVALID"),
  range("bytes=0-18446744073709551615", "206"),
  range("bytes=18446744073709551615-", "416 SIZE_INVALID"),
  range("bytes=-18446744073709551615", "206"),
  range(`bytes=${"9".repeat(5000)}-`, "416 SIZE_INVALID"),
  range("bytes=a-b", "200"),
  range("bytes=", "200"),
  range("bytes=-", "200"),
  range("bytes=--1", "200"),
  range("bytes=0-1;2-3", "200"),
  range("bytes", "200"),
  range("items=0-1", "200"),
  range("BYTES=0-1", "206"),
  range(" bytes=0-1 ", "206"),
  range("bytes=0-1,2-3", "200"),
  range(`bytes=${Array.from({ length: 2000 }, () => "0-1").join(",")}`, "200"),
  range(`bytes=${" ".repeat(10_000)}x`, "200"),
  get({ Range: "bytes=0-1", "If-Range": "x" }, "200"),
  get({ Range: "bytes=0-1", "If-Range": `"${digest}"` }, "206"),
  get({ Range: "bytes=0-1" }, "200", "HEAD"),
  get({ Range: "bytes=99-" }, "200", "HEAD"),
  get({ "If-None-Match": "*" }, "304"),
  get({ "If-None-Match": "x,".repeat(6000) }, "200"),
  get({ "If-Modified-Since": "Sat, 21 Nov 2026 12:00:00 GMT" }, "200"),
  get({ "Accept-Encoding": "zstd, gzip, br" }, "200"),
  get({ Accept: "text/html" }, "200"),
  get({ "Content-Length": "5", "X-Body": "none" }, "200"),
  get({ Upgrade: "websocket", Connection: "Upgrade" }, "200"),
  get({ Upgrade: "h2c", Connection: "Upgrade, HTTP2-Settings", "HTTP2-Settings": "" }, "200"),
];

const lists = requests([
  ...[
    "-1",
    "abc",
    "1.5",
    "0x10",
    "1e3",
    "%201",
    "1%20",
    "+1",
    "%2B1",
    "NaN",
    "Infinity",
    "١",
  ].flatMap((n) =>
    ["/v2/_catalog", "/v2/n/tags/list"].map(
      (path) => ["GET", `${path}?n=${n}`, "400 UNSUPPORTED"] as const,
    ),
  ),
  ...["0", "", "1000000000000", "99999999999999999999", "9".repeat(5000), "00001"].flatMap((n) =>
    ["/v2/_catalog", "/v2/n/tags/list"].map((path) => ["GET", `${path}?n=${n}`, "200"] as const),
  ),
  ["GET", "/v2/_catalog?last=%F0%9F%92%A9", "200"],
  ["GET", `/v2/n/referrers/${digest}?artifactType=a+b`, "200"],
  ["GET", `/v2/n/referrers/${digest}?artifactType=a%2Bb`, "200"],
  ["GET", `/v2/n/referrers/${digest}?artifactType=`, "200"],
  ["GET", `/v2/n/referrers/${digest}?artifactType=${"x".repeat(10_000)}`, "200"],
  ["GET", `/v2/n/referrers/${digest}?artifactType=a&artifactType=b`, "400 UNSUPPORTED"],
  ["GET", `/v2/n/referrers/${digest}?artifactType=__proto__`, "200"],
  ["GET", `/v2/n/referrers/${digest}?last=zzz`, "200"],
  ["GET", `/v2/n/referrers/${digest}?last=../../x`, "200"],
  ["GET", `/v2/never/seen/referrers/${digest}`, "200"],
  ["GET", "/v2/never/seen/tags/list", "404 NAME_UNKNOWN"],
  ["DELETE", `/v2/n/blobs/${digestOf("never pushed")}`, "404 BLOB_UNKNOWN"],
  ["DELETE", `/v2/n/manifests/${digestOf("never pushed")}`, "404 MANIFEST_UNKNOWN"],
  ["DELETE", "/v2/n/manifests/never", "404 MANIFEST_UNKNOWN"],
  ["DELETE", "/v2/", "405 UNSUPPORTED"],
  ["DELETE", "/v2/_catalog", "405 UNSUPPORTED"],
  ["DELETE", "/v2/n/tags/list", "405 UNSUPPORTED"],
  ["PUT", "/v2/n/tags/list", "405 UNSUPPORTED", { body: "{}" }],
  ["PUT", `/v2/n/blobs/${digest}`, "405 UNSUPPORTED", { body: content }],
  ["POST", "/v2/n/manifests/1", "405 UNSUPPORTED", { body: manifestWith() }],
  ["PATCH", "/v2/n/manifests/1", "405 UNSUPPORTED", { body: "x" }],
  ["POST", "/v2/", "405 UNSUPPORTED", { body: "x" }],
  ["OPTIONS", "/v2/", "405 UNSUPPORTED"],
  ["OPTIONS", `/v2/n/blobs/${digest}`, "405 UNSUPPORTED"],
  ["HEAD", "/v2/n/manifests/never", "404"],
  ["HEAD", `/v2/n/blobs/${digestOf("never pushed")}`, "404"],
  ["HEAD", "/v2/A/tags/list", "400"],
]);

/** What asks for content and lists, or wants it gone. */
export const pulls: readonly NastyCase[] = [
  ...ranges,
  ...lists,
  {
    name: "a blob that is deleted is gone at once, also for those who ask for it every way",
    answer: "404 BLOB_UNKNOWN",
    send: async ({ blob, request }) => {
      const gone = await blob("soon gone");
      await request("DELETE", `/v2/n/blobs/${gone}`);
      const head = await request("HEAD", `/v2/n/blobs/${gone}`);
      if (head.status !== 404) return head;
      return await request("GET", `/v2/n/blobs/${gone}`, { headers: { Range: "bytes=0-1" } });
    },
  },
  {
    name: "a layer asked for as manifest",
    answer: "404 MANIFEST_UNKNOWN",
    send: async ({ blob, request }) =>
      await request("GET", `/v2/n/manifests/${await blob("no manifest")}`),
  },
  {
    name: "a blob of another repository",
    answer: "404 BLOB_UNKNOWN",
    send: async ({ blob, request }) => await request("GET", `/v2/m/blobs/${await blob("of n")}`),
  },
  {
    name: "64 readers of 8 MiB that read nothing",
    answer: "200",
    send: async ({ blob, request, registry }) => {
      const path = `/v2/n/blobs/${await blob("z".repeat(8 * 1024 * 1024))}`;
      const sockets = Array.from({ length: 64 }, () => {
        const socket = connect({ host: "127.0.0.1", port: registry.port });
        socket.on("error", () => undefined);
        socket.pause();
        socket.write(rawRequest("GET", path));
        return socket;
      });
      const answer = await request("GET", path);
      for (const socket of sockets) socket.resetAndDestroy();
      return answer;
    },
  },
];
