import { RegistryError } from "./registry-error.ts";
import { queryOf, queryParameter } from "./route.ts";

export type ListPage = {
  readonly items: readonly string[];
  /** A `Link` header when there is more. */
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * One page of a sorted list, by the `n` and `last` of a request: at most `n` items, and at most `limit`, after `last`,
 * which need not be in the list.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags}
 */
export function listPage(
  sorted: readonly string[],
  request: Request,
  path: string,
  limit: number,
): ListPage {
  const query = queryOf(request.url);
  const count = pageSize(queryParameter(query, "n"), limit);
  const last = queryParameter(query, "last") ?? "";
  const rest = last === "" ? sorted : sorted.filter((item) => item > last);
  const items = rest.slice(0, count);
  const end = items.at(-1);
  if (end === undefined || items.length === rest.length) return { items, headers: {} };
  const next = `${path}?n=${count}&last=${encodeURIComponent(end)}`;
  return { items, headers: { Link: `<${next}>; rel="next"` } };
}

function pageSize(text: string | undefined, limit: number): number {
  if (text === undefined || text === "") return limit;
  if (!/^[0-9]+$/.test(text)) {
    throw new RegistryError(400, "UNSUPPORTED", "the parameter n is no number");
  }
  return Math.min(Number(text), limit);
}
