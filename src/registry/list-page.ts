import { firstReached } from "./first-reached.ts";
import { RegistryError } from "./registry-error.ts";
import { queryOf, queryParameter } from "./route.ts";

export type ListPage = {
  readonly items: readonly string[];
  /** A `Link` header when there is more. */
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * One page of a sorted list, by the `n` and `last` of a request: at most `n` items, and at most `limit`, after `last`,
 * which need not be in the list. Items that are not `shown` are as if they were not there; only those that a page meets
 * are asked for.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags}
 */
export function listPage(
  sorted: readonly string[],
  request: Request,
  path: string,
  limit: number,
  shown: (item: string) => boolean = () => true,
): ListPage {
  const query = queryOf(request.url);
  const count = pageSize(queryParameter(query, "n"), limit);
  const last = queryParameter(query, "last") ?? "";
  const items: string[] = [];
  const first = last === "" ? 0 : firstReached(sorted, (item) => item > last);
  for (let next = first; next < sorted.length; next++) {
    const item = sorted[next];
    if (item === undefined || !shown(item)) continue;
    const end = items.at(-1);
    if (items.length < count) items.push(item);
    else if (end === undefined) break;
    else return { items, headers: nextLink(path, { n: `${count}`, last: end }) };
  }
  return { items, headers: {} };
}

/** The header that leads to the next page. Relative: only the client knows under which address it reaches us. */
export function nextLink(
  path: string,
  query: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { Link: `<${path}?${new URLSearchParams(query).toString()}>; rel="next"` };
}

function pageSize(text: string | undefined, limit: number): number {
  if (text === undefined || text === "") return limit;
  if (!/^[0-9]+$/.test(text)) {
    throw new RegistryError(400, "UNSUPPORTED", "the parameter n is no number");
  }
  return Math.min(Number(text), limit);
}
