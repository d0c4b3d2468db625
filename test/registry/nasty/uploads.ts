import { digestOf } from "../../../src/oci/digest.ts";
import { rawRequest } from "../support/raw-http.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { type NastyCase, requests } from "./nasty-case.ts";

const empty = digestOf("");
const hello = digestOf("hello");
const uploads = "/v2/n/blobs/uploads/";

/** A chunk with this `Content-Range`, sent to an upload that has three bytes. */
function chunk(range: string, answer: NastyCase["answer"], body = "lo"): NastyCase {
  return {
    name: `a chunk of ${JSON.stringify(body.slice(0, 10))} with Content-Range ${range}`,
    answer,
    send: async ({ upload, request }) => {
      const location = await upload();
      await request("PATCH", location, { body: "hel" });
      return await request("PATCH", location, { body, headers: { "Content-Range": range } });
    },
  };
}

const chunks: readonly NastyCase[] = [
  chunk("3-4", "202"),
  chunk("bytes 3-4/5", "416 BLOB_UPLOAD_INVALID"),
  chunk("3-4/5", "416 BLOB_UPLOAD_INVALID"),
  chunk("0-1", "416 BLOB_UPLOAD_INVALID"),
  chunk("2-3", "416 BLOB_UPLOAD_INVALID"),
  chunk("4-5", "416 BLOB_UPLOAD_INVALID"),
  chunk("4-3", "416 BLOB_UPLOAD_INVALID"),
  chunk("3", "416 BLOB_UPLOAD_INVALID"),
  chunk("-3", "416 BLOB_UPLOAD_INVALID"),
  chunk("3-", "416 BLOB_UPLOAD_INVALID"),
  chunk("a-b", "416 BLOB_UPLOAD_INVALID"),
  chunk("3.0-4.0", "416 BLOB_UPLOAD_INVALID"),
  chunk("0x3-0x4", "416 BLOB_UPLOAD_INVALID"),
  chunk("3-4, 5-6", "416 BLOB_UPLOAD_INVALID"),
  chunk("3-18446744073709551615", "416 BLOB_UPLOAD_INVALID"),
  chunk("18446744073709551619-18446744073709551620", "416 BLOB_UPLOAD_INVALID"),
  chunk("3-999999999999999", "400 SIZE_INVALID"),
  chunk("3-3", "400 SIZE_INVALID"),
  chunk("3-5", "400 SIZE_INVALID"),
  chunk("3-3", "400 SIZE_INVALID", ""),
  chunk(`3-${"4".repeat(10_000)}`, "416 BLOB_UPLOAD_INVALID"),
];

/** The end of an upload of `hello` by a PUT with this query. */
function put(query: string, answer: NastyCase["answer"], body = "hello"): NastyCase {
  return {
    name: `PUT of ${body.length} bytes with ${query.slice(0, 60)}`,
    answer,
    send: async ({ upload, request }) =>
      await request("PUT", `${await upload()}${query}`, { body }),
  };
}

const puts: readonly NastyCase[] = [
  put("", "400 DIGEST_INVALID"),
  put("?digest=", "400 DIGEST_INVALID"),
  put("?digest=%00", "400 DIGEST_INVALID"),
  put(`?digest=${empty}`, "400 DIGEST_INVALID"),
  put(`?digest=${hello}&digest=${hello}`, "400 UNSUPPORTED"),
  put(`?digest=${hello.toUpperCase()}`, "400 DIGEST_INVALID"),
  put(`?digest=sha512:${hello.slice(7)}`, "400 DIGEST_INVALID"),
  put("?digest=md5:5d41402abc4b2a76b9719d911017c592", "400 DIGEST_INVALID"),
  put("?digest=sha256:..%2f..%2f..%2fetc%2fpasswd", "400 DIGEST_INVALID"),
  put(`?digest=sha512:${"a".repeat(128)}`, "400 DIGEST_INVALID"),
  put(`?digest=${encodeURIComponent(hello)}`, "201"),
  put(`?digest=${empty}`, "201", ""),
  put(`?digest=${hello}&__proto__=x`, "201"),
];

const mounts = requests([
  ["POST", `${uploads}?mount=${digestOf("nowhere")}&from=n`, "202", { body: "" }],
  ["POST", `${uploads}?mount=${digestOf("nowhere")}`, "202", { body: "" }],
  ["POST", `${uploads}?mount=x&from=n`, "202", { body: "" }],
  ["POST", `${uploads}?mount=&from=`, "202", { body: "" }],
  ["POST", `${uploads}?mount=${hello}&from=..%2f..%2fetc`, "202", { body: "" }],
  ["POST", `${uploads}?mount=${hello}&from=__proto__`, "202", { body: "" }],
  ["POST", `${uploads}?mount=${hello}&from=${"a".repeat(10_000)}`, "202", { body: "" }],
  ["POST", `${uploads}?mount=${hello}&mount=${hello}`, "400 UNSUPPORTED", { body: "" }],
  ["POST", `${uploads}?mount=${hello}&from=a&from=b`, "400 UNSUPPORTED", { body: "" }],
  ["POST", `${uploads}?from=n`, "202", { body: "" }],
  ["POST", `${uploads}?mount=${empty}&from=no&digest=${hello}`, "201", { body: "hello" }],
]);

const posts = requests([
  ["POST", `${uploads}?digest=${hello}`, "400 DIGEST_INVALID", { body: "other" }],
  ["POST", `${uploads}?digest=${hello}`, "400 DIGEST_INVALID", { body: "" }],
  ["POST", `${uploads}?digest=${empty}`, "201", { body: "" }],
  ["POST", `${uploads}?digest=x`, "400 DIGEST_INVALID", { body: "hello" }],
  ["POST", `${uploads}?digest-algorithm=md5`, "400 DIGEST_INVALID", { body: "" }],
  ["POST", `${uploads}?digest-algorithm=__proto__`, "400 DIGEST_INVALID", { body: "" }],
  ["POST", `${uploads}?digest-algorithm=sha512&digest=${hello}`, "201", { body: "hello" }],
  ["POST", uploads, "202", { body: "what nobody asked for" }],
  ["PUT", uploads, "405 UNSUPPORTED", { body: "" }],
  ["DELETE", uploads, "405 UNSUPPORTED"],
  ["PATCH", `${uploads}${"f".repeat(32)}`, "404 BLOB_UPLOAD_UNKNOWN", { body: "x" }],
  ["PUT", `${uploads}${"f".repeat(32)}?digest=${hello}`, "404 BLOB_UPLOAD_UNKNOWN", { body: "x" }],
]);

/** What comes as a blob, or on the way to one. */
export const uploadCases: readonly NastyCase[] = [
  ...chunks,
  ...puts,
  ...mounts,
  ...posts,
  {
    name: "PUT twice",
    answer: "404 BLOB_UPLOAD_UNKNOWN",
    send: async ({ upload, request }) => {
      const location = await upload();
      await request("PUT", `${location}?digest=${hello}`, { body: "hello" });
      return await request("PUT", `${location}?digest=${hello}`, { body: "hello" });
    },
  },
  ...["GET", "PATCH", "DELETE"].map((method): NastyCase => ({
    name: `${method} after DELETE`,
    answer: "404 BLOB_UPLOAD_UNKNOWN",
    send: async ({ upload, request }) => {
      const location = await upload();
      await request("DELETE", location);
      return await request(method, location);
    },
  })),
  {
    name: "an upload of another repository",
    answer: "404 BLOB_UPLOAD_UNKNOWN",
    send: async ({ upload, request }) =>
      await request("PATCH", (await upload()).replace("/n/", "/m/"), { body: "x" }),
  },
  ...["text/plain", "", "application/json", "x".repeat(5000)].map((type): NastyCase => ({
    name: `a chunk of type ${type.slice(0, 20)}`,
    answer: "202",
    send: async ({ upload, request }) =>
      await request("PATCH", await upload(), { body: "x", headers: { "Content-Type": type } }),
  })),
  {
    name: "an empty chunk",
    answer: "202",
    send: async ({ upload, request }) => await request("PATCH", await upload(), { body: "" }),
  },
  {
    name: "3,000 chunks of one byte each",
    answer: "201",
    send: async ({ upload, raw, request }) => {
      const location = await upload();
      const head = rawRequest("PATCH", location, { headers: { "Transfer-Encoding": "chunked" } });
      await raw(Buffer.concat([head, Buffer.from(`${"1\r\nx\r\n".repeat(3000)}0\r\n\r\n`)]));
      return await request("PUT", `${location}?digest=${digestOf("x".repeat(3000))}`, { body: "" });
    },
  },
  {
    name: "a body that breaks off, a hundred times, and the upload goes on",
    answer: "201",
    send: async ({ upload, abort, request }) => {
      const location = await upload();
      const head = rawRequest("PATCH", location, { headers: { "Content-Length": "5" } });
      for (let i = 0; i < 100; i++) await abort(head);
      // The server may still be at the last of those.
      return await waitUntil("the upload is free", 5000, async () => {
        const answer = await request("PUT", `${location}?digest=${hello}`, { body: "hello" });
        return answer.status === 409 ? undefined : answer;
      });
    },
  },
  {
    name: "1,000 bodies that break off",
    answer: "200",
    send: async ({ abort, request }) => {
      for (let i = 0; i < 1000; i += 20) {
        const path = `${uploads}?digest=${hello}`;
        const bytes = rawRequest("POST", path, {
          headers: { "Content-Length": "5000000" },
          body: "hel",
        });
        await Promise.all(Array.from({ length: 20 }, async () => await abort(bytes)));
      }
      return await request("GET", "/v2/");
    },
  },
  {
    name: "more than the announced length is another request, and a bad one",
    answer: ["202", "400"],
    send: async ({ upload, raw }) =>
      await raw(
        Buffer.concat([
          rawRequest("PATCH", await upload(), { headers: { "Content-Length": "3" }, body: "hel" }),
          Buffer.from("garbage\r\n\r\n"),
        ]),
      ),
  },
  {
    name: "a chunked body that never ends as it should",
    answer: ["0", "400"],
    send: async ({ upload, raw }) => {
      const head = rawRequest("PATCH", await upload(), {
        headers: { "Transfer-Encoding": "chunked" },
      });
      return await raw(Buffer.concat([head, Buffer.from("zz\r\nhello\r\n0\r\n\r\n")]));
    },
  },
  {
    name: "a chunk as long as 2^64",
    answer: ["0", "400"],
    send: async ({ upload, raw }) => {
      const head = rawRequest("PATCH", await upload(), {
        headers: { "Transfer-Encoding": "chunked" },
      });
      return await raw(Buffer.concat([head, Buffer.from("ffffffffffffffffff\r\nhello")]));
    },
  },
  {
    name: "two requests on one upload at once: one goes through",
    answer: "202",
    send: async ({ upload, request }) => {
      const location = await upload();
      const body = "x".repeat(2_000_000);
      const all = await Promise.all(
        Array.from({ length: 8 }, async () => await request("PATCH", location, { body })),
      );
      const done = all.filter(({ status }) => status === 202);
      const [first] = done;
      if (first === undefined)
        throw new Error(
          `None went through: ${all.map((answer) => `${answer.status} ${String(answer.body)}`).join(", ")}`,
        );
      const { headers } = await request("GET", location);
      const range = `0-${done.length * body.length - 1}`;
      return headers.get("range") === range ? first : { ...first, status: 0 };
    },
  },
  {
    name: "PUT and DELETE of one upload at once",
    answer: "404 BLOB_UPLOAD_UNKNOWN",
    send: async ({ upload, request }) => {
      const location = await upload();
      const body = "x".repeat(2_000_000);
      await Promise.all([
        request("PUT", `${location}?digest=${digestOf(body)}`, { body }),
        request("DELETE", location),
      ]);
      // Whoever won, nothing is left when the second DELETE is through.
      await request("DELETE", location);
      return await request("GET", location);
    },
  },
  {
    name: "64 pushes of one blob at once",
    answer: "201",
    send: async ({ request }) => {
      const body = "y".repeat(300_000);
      const path = `${uploads}?digest=${digestOf(body)}`;
      const all = await Promise.all(
        Array.from({ length: 64 }, async () => await request("POST", path, { body })),
      );
      const [first] = all;
      const other = all.find(({ status }) => status !== 201);
      if (first === undefined) throw new Error("No answer");
      return other ?? first;
    },
  },
  {
    name: "a blob while 500 of a megabyte never end",
    answer: "201",
    send: async ({ stall, request }) => {
      const head = rawRequest("POST", `${uploads}?digest=${hello}`, {
        headers: { "Content-Length": "1000000" },
      });
      const bytes = Buffer.concat([head, Buffer.alloc(900_000, " ")]);
      using _stalled = await stall(Array.from({ length: 500 }, () => bytes));
      return await request("POST", `${uploads}?digest=${hello}`, { body: "hello" });
    },
  },
  {
    name: "3,000 uploads that nobody goes on with",
    answer: "429 TOOMANYREQUESTS",
    send: async ({ request }) => {
      const opened: string[] = [];
      let last = await request("POST", uploads, { body: "" });
      for (let i = 0; i < 3000 && last.status === 202; i++) {
        opened.push(last.headers.get("location") ?? "");
        last = await request("POST", uploads, { body: "" });
      }
      for (const location of opened) await request("DELETE", location);
      return last;
    },
  },
];
