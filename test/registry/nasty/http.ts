import { digestOf } from "../../../src/oci/digest.ts";
import { rawRequest } from "../support/raw-http.ts";
import type { NastyCase } from "./nasty-case.ts";

const hello = digestOf("hello");
const host = "Host: localhost\r\n";
const patch = "PATCH /v2/n/blobs/uploads/x HTTP/1.1\r\n";

// name, bytes, answer
const bytes: readonly (readonly [string, string, NastyCase["answer"]])[] = [
  ["no Host", "GET /v2/ HTTP/1.1\r\n\r\n", ["400", "200"]],
  [
    "two hosts",
    "GET /v2/ HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n\r\n",
    ["421 DENIED", "400"],
  ],
  ["a foreign host", "GET /v2/ HTTP/1.1\r\nHost: evil.test\r\n\r\n", "421 DENIED"],
  [
    "a host that is none",
    "GET /v2/ HTTP/1.1\r\nHost: evil.test/../@x:99999\r\n\r\n",
    ["421 DENIED", "400"],
  ],
  ["an empty host", "GET /v2/n/tags/list HTTP/1.1\r\nHost:\r\n\r\n", ["200", "400"]],
  ["HTTP/1.0", "GET /v2/ HTTP/1.0\r\n\r\n", ["200"]],
  ["HTTP/0.9", "GET /v2/\r\n\r\n", ["0", "400", "505"]],
  ["HTTP/3.0", `GET /v2/ HTTP/3.0\r\n${host}\r\n`, ["0", "400", "505"]],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ["0", "400", "505"]],
  ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", ["0", "400", "505"]],
  ["zeros", `${"\0".repeat(1000)}\r\n\r\n`, ["0", "400", "505"]],
  ["an unknown method", `FOO /v2/ HTTP/1.1\r\n${host}\r\n`, ["0", "405 UNSUPPORTED"]],
  ["a method in small letters", `get /v2/ HTTP/1.1\r\n${host}\r\n`, ["0", "400"]],
  ["TRACE", `TRACE /v2/ HTTP/1.1\r\n${host}\r\n`, ["0", "405 UNSUPPORTED"]],
  ["CONNECT", `CONNECT /v2/ HTTP/1.1\r\n${host}\r\n`, ["0", "400", "405 UNSUPPORTED"]],
  ["PROPFIND", `PROPFIND /v2/ HTTP/1.1\r\n${host}\r\n`, ["0", "405 UNSUPPORTED"]],
  [
    "a length and chunks",
    `${patch}${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    "400",
  ],
  [
    "chunks and a length",
    `${patch}${host}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`,
    "400",
  ],
  ["two lengths", `${patch}${host}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`, "400"],
  ["a list of lengths", `${patch}${host}Content-Length: 3, 3\r\n\r\nabc`, "400"],
  ["a length of +3", `${patch}${host}Content-Length: +3\r\n\r\nabc`, "400"],
  ["a length of -3", `${patch}${host}Content-Length: -3\r\n\r\nabc`, "400"],
  [
    "a length of 2^64",
    `${patch}${host}Content-Length: 18446744073709551616\r\n\r\nabc`,
    ["400", "413"],
  ],
  ["two encodings", `${patch}${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, "400"],
  ["an unknown encoding", `${patch}${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, "400"],
  ["a space before a colon", `GET /v2/ HTTP/1.1\r\n${host}A : b\r\n\r\n`, "400"],
  ["a header that goes on", `GET /v2/ HTTP/1.1\r\n${host}A: b\r\n c\r\n\r\n`, ["400", "200"]],
  ["a zero in a header", `GET /v2/ HTTP/1.1\r\n${host}A: b\0c\r\n\r\n`, "400"],
  ["a return in a header", `GET /v2/ HTTP/1.1\r\n${host}A: b\rc\r\n\r\n`, ["400", "200"]],
  ["a header of 100 kB", `GET /v2/ HTTP/1.1\r\n${host}A: ${"b".repeat(100_000)}\r\n\r\n`, "431"],
  ["1,000 headers", `GET /v2/ HTTP/1.1\r\n${host}${"A: b\r\n".repeat(1000)}\r\n`, "431"],
  [
    "a header named as a prototype",
    `GET /v2/ HTTP/1.1\r\n${host}__proto__: x\r\nconstructor: y\r\n\r\n`,
    "200",
  ],
  [
    "two authorizations",
    `GET /v2/ HTTP/1.1\r\n${host}Authorization: Basic YTpi\r\nAuthorization: Basic YTpi\r\n\r\n`,
    "200",
  ],
  [
    "two ranges",
    `GET /v2/n/blobs/${hello} HTTP/1.1\r\n${host}Range: bytes=0-1\r\nRange: bytes=2-3\r\n\r\n`,
    ["200", "206"],
  ],
  [
    "an expectation in odd letters",
    `POST /v2/n/blobs/uploads/?digest=${hello} HTTP/1.1\r\n${host}Expect: 100-Continue\r\nContent-Length: 5\r\n\r\nhello`,
    ["201", "417"],
  ],
  [
    "an unknown expectation",
    `POST /v2/n/blobs/uploads/?digest=${hello} HTTP/1.1\r\n${host}Expect: x\r\nContent-Length: 5\r\n\r\nhello`,
    ["201", "417"],
  ],
  [
    "a body that GET does not have",
    `GET /v2/ HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`,
    "200",
  ],
  [
    "a path with a zero",
    `GET /v2/\0/tags/list HTTP/1.1\r\n${host}\r\n`,
    ["400", "400 NAME_INVALID", "0", "505"],
  ],
  [
    "a path with a tab",
    `GET /v2/a\tb/tags/list HTTP/1.1\r\n${host}\r\n`,
    ["400", "400 NAME_INVALID", "0", "505"],
  ],
  [
    "a path with a space",
    `GET /v2/a b/tags/list HTTP/1.1\r\n${host}\r\n`,
    ["400", "400 NAME_INVALID", "0", "505"],
  ],
  [
    "a path in Latin-1",
    `GET /v2/\xe9/tags/list HTTP/1.1\r\n${host}\r\n`,
    ["400", "400 NAME_INVALID"],
  ],
  ["lines that end with LF", "GET /v2/ HTTP/1.1\nHost: x\n\n", ["0", "400", "505"]],
  [
    "a foreign origin",
    `GET /v2/ HTTP/1.1\r\n${host}Origin: http://evil.test\r\nCookie: a=b\r\n\r\n`,
    "200",
  ],
];

/** What is no proper HTTP, or more of it than anybody needs. */
export const http: readonly NastyCase[] = [
  ...bytes.map(([name, text, answer]): NastyCase => ({
    name,
    answer,
    send: async ({ raw }) => await raw(Buffer.from(text, "latin1")),
  })),
  {
    name: "1,000 requests at once on one connection",
    answer: "200",
    send: async ({ raw }) => await raw("GET /v2/ HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1000)),
  },
  {
    name: "500 connections that say nothing",
    answer: "200",
    send: async ({ abort, request }) => {
      await Promise.all(Array.from({ length: 500 }, async () => await abort("GET /v2/ HT")));
      return await request("GET", "/v2/");
    },
  },
  {
    name: "a request that nobody waits for, 500 times",
    answer: "200",
    send: async ({ abort, request }) => {
      const list = rawRequest("GET", "/v2/n/tags/list");
      await Promise.all(Array.from({ length: 500 }, async () => await abort(list)));
      return await request("GET", "/v2/");
    },
  },
];
