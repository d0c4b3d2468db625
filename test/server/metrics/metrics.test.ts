import { afterAll, beforeAll, expect, test } from "bun:test";
import { fullAccess } from "../../../src/registry/access/access.ts";
import { renderExposition } from "../../../src/server/metrics/exposition.ts";
import { createProcessMetrics } from "../../../src/server/metrics/process-metrics.ts";
import { createRequestCounters } from "../../../src/server/metrics/request-counters.ts";
import { serveMetrics } from "../../../src/server/metrics/serve-metrics.ts";
import type { ServerNumbers } from "../../../src/server/metrics/server-numbers.ts";
import { buildPrometheusPeer, type PrometheusPeer } from "../support/prometheus-peer.ts";

const allNumbers: Required<ServerNumbers> = {
  requestsInFlight: 1,
  uploadsOpen: 2,
  committedBlobs: 3,
  committedBytes: 2 ** 53 - 1,
  repositories: 5,
  manifests: 6,
  tags: 7,
  blobs: 8,
  storageBytes: 9e12,
  storageFreeBytes: 10,
  journalBytes: 11,
  gcRuns: 12,
  gcFailures: 13,
  gcRemovedBlobs: 14,
  gcRemovedBytes: 15,
  gcLastDurationSeconds: 0.25,
  gcLastSuccessSeconds: 1.7e9,
  accessLogDroppedLines: 18,
  mirrorHits: 19,
  mirrorMisses: 20,
  mirrorStale: 21,
  mirrorFailures: 22,
  mirrorFetchedBytes: 23,
};
const request = {
  endpoint: "blob",
  method: "GET",
  status: 200,
  duration: 3,
  received: 0,
  sent: 100,
  authenticationFailed: false,
} as const;

let prometheus: PrometheusPeer;
beforeAll(async () => {
  prometheus = await buildPrometheusPeer();
}, 300_000);
afterAll(() => prometheus[Symbol.asyncDispose]());

async function scrape(numbers: ServerNumbers, counters = createRequestCounters()): Promise<string> {
  using own = createProcessMetrics("1.2.3");
  const response = await serveMetrics(
    { parts: [counters, own], collect: () => numbers },
    new Request("http://registry.test/metrics"),
    fullAccess,
  );
  expect(response.headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
  const text = await response.text();
  expect(response.headers.get("content-length")).toBe(`${Buffer.byteLength(text)}`);
  return text;
}

test("Prometheus reads every number, and its linter has nothing to say", async () => {
  const series = await prometheus.read(await scrape(allNumbers));
  for (const value of Object.values(allNumbers)) expect([...series.values()]).toContain(value);
  expect(series.get('hive_registry_build_info{version="1.2.3"}')).toBe(1);
  expect(series.get("hive_registry_committed_bytes_total")).toBe(2 ** 53 - 1);
  expect(series.get("process_resident_memory_bytes")).toBeGreaterThan(1e6);
  expect(series.get("process_start_time_seconds")).toBeGreaterThan(1.7e9);
});

test("numbers that nobody has are left out", async () => {
  const series = await prometheus.read(await scrape({ tags: 0 }));
  expect(series.get("hive_registry_tags")).toBe(0);
  expect(series.has("hive_registry_manifests")).toBe(false);
});

test("createRequestCounters() counts by endpoint, method and class of status, and adds up bytes", async () => {
  const counters = createRequestCounters();
  counters.count(request);
  counters.count({ ...request, status: 206, duration: 400_000, sent: 1 });
  counters.count({ ...request, status: 404, sent: 0 });
  counters.count({ ...request, endpoint: "upload", method: "PUT", status: 201, received: 7 });
  counters.count({ ...request, endpoint: "other", method: "BREW", status: 401, sent: 0 });
  counters.count({ ...request, method: "HEAD", status: 401, sent: 0, authenticationFailed: true });
  const series = await prometheus.read(await scrape({}, counters));
  const count = (labels: string): number | undefined =>
    series.get(`hive_registry_requests_total{${labels}}`);
  expect(count('endpoint="blob", method="GET", status="2xx"')).toBe(2);
  expect(count('endpoint="blob", method="GET", status="4xx"')).toBe(1);
  expect(count('endpoint="upload", method="PUT", status="2xx"')).toBe(1);
  expect(count('endpoint="other", method="other", status="4xx"')).toBe(1);
  expect(series.get("hive_registry_received_bytes_total")).toBe(7);
  expect(series.get("hive_registry_sent_bytes_total")).toBe(201);
  expect(series.get("hive_registry_authentication_failures_total")).toBe(1);
  const duration = (suffix: string, more = ""): number | undefined =>
    series.get(`hive_registry_request_duration_seconds_${suffix}{endpoint="blob"${more}}`);
  expect(duration("count")).toBe(4);
  expect(duration("sum")).toBeCloseTo(400.009);
  expect(duration("bucket", ', le="0.0025"')).toBe(0);
  expect(duration("bucket", ', le="0.005"')).toBe(3);
  expect(duration("bucket", ', le="300"')).toBe(3);
  expect(duration("bucket", ', le="+Inf"')).toBe(4);
});

test("renderExposition() escapes what would end a label or a line", async () => {
  const text = renderExposition([
    {
      name: "odd_info",
      help: "a \\ and\na line",
      type: "gauge",
      samples: [{ labels: { text: 'q"\\\n} 1\nevil 2' }, value: Number.NaN }],
    },
    { name: "empty_info", help: "none", type: "gauge", samples: [] },
  ]);
  expect(text.trim().split("\n")).toHaveLength(3);
  expect([...(await prometheus.read(text)).keys()]).toEqual([
    String.raw`odd_info{text="q\"\\\n} 1\nevil 2"}`,
  ]);
});

test("serveMetrics() is for users where there are users, and for GET and HEAD", async () => {
  const sources = { parts: [], collect: () => allNumbers };
  const send = (method: string, access = fullAccess): Promise<Response> =>
    serveMetrics(sources, new Request("http://registry.test/metrics", { method }), access);
  const nobody = { ...fullAccess, admin: false, challenge: "Basic realm=hive" };
  expect(await send("GET", nobody).catch((error: unknown) => error)).toMatchObject({ status: 401 });
  expect((await send("GET", { ...nobody, user: "jo" })).status).toBe(200);
  expect(await send("POST").catch((error: unknown) => error)).toMatchObject({ status: 405 });
  const head = await send("HEAD");
  expect(await head.text()).toBe("");
});

test("createProcessMetrics() sees an event loop that is blocked now", () => {
  using own = createProcessMetrics("1");
  const lag = (): number =>
    own.families().find(({ name }) => name.includes("lag"))?.samples[0]?.value ?? Number.NaN;
  expect(lag()).toBe(0);
  Bun.sleepSync(700);
  expect(lag()).toBeGreaterThan(0.1);
});
