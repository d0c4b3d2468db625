import { jsonLine } from "../../base/json-line.ts";
import type { Route } from "../../registry/route.ts";

/** One answered request. */
export type LoggedRequest = {
  /** When it came, in milliseconds since 1970. */
  readonly time: number;
  readonly address: string | undefined;
  readonly user: string | undefined;
  readonly method: string;
  /** With its query. */
  readonly url: string;
  /** The path alone, as it came. */
  readonly path: string;
  readonly status: number;
  readonly received: number;
  readonly sent: number;
  /** Milliseconds until the answer began. */
  readonly duration: number;
  readonly userAgent: string | null;
  readonly errorCode: string | undefined;
  readonly route: Route | undefined;
};

/** A query may hold anything, a password too: only these have a meaning here. */
const loggedParameters: ReadonlySet<string> = new Set([
  "digest",
  "mount",
  "from",
  "n",
  "last",
  "artifactType",
  "tag",
]);

const pathLimit = 1024;
// A sha512 digest has 135 characters.
const valueLimit = 256;
const parameterLimit = 16;

/** A request as one line of JSON, its end of line included. Nothing in it can begin another line. */
export function logLine(request: LoggedRequest): string {
  const { route } = request;
  const query = request.url.indexOf("?");
  // JSON leaves out what is undefined.
  return jsonLine({
    time: new Date(request.time).toISOString(),
    address: request.address,
    user: request.user === undefined ? undefined : truncate(request.user, valueLimit),
    method: request.method,
    path: truncate(request.path, pathLimit),
    query: query < 0 ? undefined : loggedQuery(request.url.slice(query + 1)),
    status: request.status,
    received: request.received,
    sent: request.sent,
    ms: Math.round(request.duration * 1000) / 1000,
    userAgent: request.userAgent === null ? undefined : truncate(request.userAgent, valueLimit),
    error: request.errorCode,
    repository: route !== undefined && "repository" in route ? route.repository : undefined,
    tag: route?.kind === "manifest" && "tag" in route.reference ? route.reference.tag : undefined,
    digest: digestOf(route),
  });
}

function digestOf(route: Route | undefined): string | undefined {
  if (route?.kind === "blob" || route?.kind === "referrers") return route.digest;
  if (route?.kind === "manifest" && "digest" in route.reference) return route.reference.digest;
  return undefined;
}

/** The parameters that have a meaning, several values of one as a list; undefined when there is none. */
function loggedQuery(text: string): Readonly<Record<string, string | string[]>> | undefined {
  const found = new Map<string, string[]>();
  let count = 0;
  for (const [name, value] of new URLSearchParams(truncate(text, 8 * pathLimit))) {
    if (!loggedParameters.has(name)) continue;
    if (++count > parameterLimit) break;
    const values = found.get(name);
    if (values === undefined) found.set(name, [truncate(value, valueLimit)]);
    else values.push(truncate(value, valueLimit));
  }
  if (found.size === 0) return undefined;
  return Object.fromEntries(
    [...found].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? "") : values]),
  );
}

function truncate(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}
