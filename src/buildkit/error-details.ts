import type { ErrorSource, LineRange } from "./buildkit-error.ts";

/** What the daemon says of an error besides its message. */
export type ErrorDetails = {
  readonly sources: readonly ErrorSource[];
  /** The digest of the step that failed. */
  readonly step: string | undefined;
};

type Json = { readonly [key: string]: unknown };

/** A detail of a google.rpc.Status: BuildKit puts the JSON of a Go struct there, under the name of its Go type. */
type StatusDetail = { readonly typeUrl: string; readonly value: Uint8Array };

/** Reads the details of a call's status. What can't be read is left out; the message stands without it. */
export function readErrorDetails(status: readonly StatusDetail[]): ErrorDetails {
  const sources: ErrorSource[] = [];
  let step: string | undefined;
  for (const { typeUrl, value } of status) {
    // Prefixes differ between versions: "github.com/moby/buildkit/errdefs.Source+json".
    const type = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
    const json = parseJson(value);
    if (type === "errdefs.Source+json") {
      const source = toSource(json);
      if (source !== undefined) sources.push(source);
    }
    if (type === "errdefs.Vertex+json" && typeof json["digest"] === "string")
      step ??= json["digest"];
  }
  return { sources, step };
}

function parseJson(bytes: Uint8Array): Json {
  try {
    return asObject(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return {};
  }
}

// Go leaves out zeros and empty values.
function toSource(json: Json): ErrorSource | undefined {
  const info = asObject(json["info"]);
  if (typeof info["filename"] !== "string") return undefined;
  const data = typeof info["data"] === "string" ? info["data"] : "";
  const ranges = Array.isArray(json["ranges"]) ? json["ranges"].map(toRange) : [];
  return { filename: info["filename"], data: Buffer.from(data, "base64"), ranges: joined(ranges) };
}

function toRange(value: unknown): LineRange {
  const range = asObject(value);
  const start = Number(asObject(range["start"])["line"] ?? 0);
  const end = Number(asObject(range["end"])["line"] ?? start);
  return { start, end: Math.max(start, end) };
}

// An instruction over several lines comes as one range a line.
function joined(ranges: readonly LineRange[]): LineRange[] {
  const found: LineRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = found.at(-1);
    if (last === undefined || range.start > last.end + 1) found.push(range);
    else found[found.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
  }
  return found;
}

function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}
