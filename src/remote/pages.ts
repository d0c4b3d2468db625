import { HiveError } from "../base/hive-error.ts";
import { isRecord } from "../base/is-record.ts";
import type { HttpAnswer } from "./exchange.ts";
import { jsonOf } from "./json-of.ts";
import type { RemoteClient } from "./remote-client.ts";

type PagedList = {
  readonly path: string;
  readonly scope: string;
  readonly action: string;
  readonly accept?: string;
  readonly expected?: readonly number[];
};

/**
 * The pages of a list, one after the other as they are asked for.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags}
 * @throws HiveError "failed" for a list without end, or one that goes on elsewhere.
 */
export async function* pages(client: RemoteClient, list: PagedList): AsyncGenerator<HttpAnswer> {
  const { address, limits } = client.endpoint;
  const { path, expected = [200], ...call } = list;
  const seen = new Set<string>();
  let size = 0;
  let next: URL | undefined = new URL(path, address.origin);
  while (next !== undefined) {
    seen.add(next.href);
    const answer = await client.call({
      ...call,
      method: "GET",
      path: next,
      limit: limits.pageSize,
      expected,
    });
    size += answer.bytes.byteLength;
    yield answer;
    next = nextPage(answer, new URL(address.origin));
    if (
      next !== undefined &&
      (seen.has(next.href) || seen.size >= limits.pages || size > limits.listSize)
    ) {
      throw new HiveError(
        "failed",
        `Cannot ${list.action} on ${address.host}: the list has no end`,
        { hint: "This is for those who run the registry to mend." },
      );
    }
  }
}

/** The field of a page that lists names; what is not there, or null, is empty. */
export function namesIn(answer: HttpAnswer, field: string): readonly string[] {
  const document = jsonOf(answer.bytes);
  const names = isRecord(document) ? (document[field] ?? []) : undefined;
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  throw new HiveError("failed", `${answer.url.host} answered without a list of ${field}`, {
    hint: "Is it a registry?",
  });
}

/** Where a `Link` header says that the list goes on: a path, or a URL of this registry. */
function nextPage({ headers, url }: HttpAnswer, origin: URL): URL | undefined {
  // Nothing in it goes beyond the next "<": what is no link takes no time, however long it is.
  const link = /<([^<>]*)>\s*;[^,<>]*\brel="?next\b/i;
  const [, target] = link.exec(headers.get("link") ?? "") ?? [];
  if (target === undefined) return undefined;
  const next = URL.parse(target, url.href);
  // Behind a proxy a registry may not know that it is reached by https: only the host has to be right.
  if (next === null || next.host !== origin.host) {
    throw new HiveError("failed", `The list of ${origin.host} goes on at another host`, {
      hint: "This is for those who run the registry to mend.",
    });
  }
  return new URL(`${next.pathname}${next.search}`, origin);
}
