import { type Endpoint, endpoints } from "../endpoint.ts";
import type { MetricFamily, MetricSample } from "./exposition.ts";

/** Counts requests. Counting allocates nothing: every series has its place in an array from the start. */
export type RequestCounters = {
  count(request: CountedRequest): void;
  families(): readonly MetricFamily[];
};

type CountedRequest = {
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly status: number;
  /** Milliseconds until the answer began. */
  readonly duration: number;
  /** Bytes of the request's body. */
  readonly received: number;
  /** Bytes of the answer's body. */
  readonly sent: number;
  /** The request brought credentials, and they were refused. */
  readonly authenticationFailed: boolean;
};

const methods = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "other"] as const;
const statusClasses = ["2xx", "3xx", "4xx", "5xx"] as const;
// Seconds. A manifest takes a fraction of a millisecond, an upload as long as its body needs.
const buckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
] as const;

const methodIndex = new Map<string, number>(methods.map((method, index) => [method, index]));
const endpointIndex = new Map<string, number>(endpoints.map((name, index) => [name, index]));
const otherMethod = methods.length - 1;
const bucketCount = buckets.length + 1;

/** With every series at 0. */
export function createRequestCounters(): RequestCounters {
  const requests = new Float64Array(endpoints.length * methods.length * statusClasses.length);
  const durations = new Float64Array(endpoints.length * bucketCount);
  const durationSums = new Float64Array(endpoints.length);
  let received = 0;
  let sent = 0;
  let authenticationFailures = 0;

  return {
    count(request) {
      const endpoint = endpointIndex.get(request.endpoint) ?? 0;
      const method = methodIndex.get(request.method) ?? otherMethod;
      const statusClass = Math.min(Math.max(Math.floor(request.status / 100) - 2, 0), 3);
      increment(
        requests,
        (endpoint * methods.length + method) * statusClasses.length + statusClass,
      );
      const seconds = request.duration / 1000;
      increment(durations, endpoint * bucketCount + bucketOf(seconds));
      durationSums[endpoint] = (durationSums[endpoint] ?? 0) + seconds;
      received += request.received;
      sent += request.sent;
      if (request.authenticationFailed) authenticationFailures++;
    },
    families: () => [
      {
        name: "hive_registry_requests_total",
        help: "Requests answered, by endpoint, method and class of status.",
        type: "counter",
        samples: requestSamples(requests),
      },
      {
        name: "hive_registry_request_duration_seconds",
        help: "Time from a request's head until its answer began, the upload of a body included.",
        type: "histogram",
        samples: durationSamples(durations, durationSums),
      },
      counter("hive_registry_received_bytes_total", "Bytes of request bodies.", received),
      counter(
        "hive_registry_sent_bytes_total",
        "Bytes of blobs, manifests and pages in answers, whether the client took all of them or not.",
        sent,
      ),
      counter(
        "hive_registry_authentication_failures_total",
        "Requests whose credentials were refused.",
        authenticationFailures,
      ),
    ],
  };
}

function increment(array: Float64Array, index: number): void {
  array[index] = (array[index] ?? 0) + 1;
}

function bucketOf(seconds: number): number {
  let index = 0;
  for (const limit of buckets) {
    if (seconds <= limit) return index;
    index++;
  }
  return index;
}

function counter(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: "counter", samples: [{ value }] };
}

/** Series that were never counted are left out: most methods have no meaning at most endpoints. */
function requestSamples(requests: Float64Array): readonly MetricSample[] {
  let index = 0;
  const samples: MetricSample[] = [];
  for (const endpoint of endpoints) {
    for (const method of methods) {
      for (const status of statusClasses) {
        const value = requests[index++] ?? 0;
        if (value > 0) samples.push({ labels: { endpoint, method, status }, value });
      }
    }
  }
  return samples;
}

function durationSamples(durations: Float64Array, sums: Float64Array): readonly MetricSample[] {
  return endpoints.flatMap((endpoint, index) => {
    const counts = durations.subarray(index * bucketCount, (index + 1) * bucketCount);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return [];
    let below = 0;
    const limits = [...buckets.map((limit) => `${limit}`), "+Inf"];
    const inBuckets = limits.map((le, bucket) => {
      below += counts[bucket] ?? 0;
      return { suffix: "_bucket", labels: { endpoint, le }, value: below };
    });
    return [
      ...inBuckets,
      { suffix: "_sum", labels: { endpoint }, value: sums[index] ?? 0 },
      { suffix: "_count", labels: { endpoint }, value: total },
    ];
  });
}
