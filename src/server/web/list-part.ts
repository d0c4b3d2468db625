import { RegistryError } from "../../registry/registry-error.ts";
import { queryParameter } from "../../registry/route.ts";
import { type Html, html } from "./html.ts";

/** A part of a long list, with the means to find the rest. */
export type ListPart = {
  readonly items: readonly string[];
  /** How many there are that fit the search. */
  readonly total: number;
  readonly search: string;
  readonly navigation: Html | undefined;
};

const pageSize = 50;

/**
 * The part that `page` of the query asks for, of what contains the `q` of the query.
 * @throws RegistryError when the query is none of ours.
 */
export function listPart(all: readonly string[], query: URLSearchParams, path: string): ListPart {
  const search = (queryParameter(query, "q") ?? "").trim();
  const number = queryParameter(query, "page") ?? "1";
  if (!/^[1-9][0-9]{0,5}$/.test(number)) {
    throw new RegistryError(400, "UNSUPPORTED", "There is no such page of the list.");
  }
  const wanted = search.toLowerCase();
  const found = wanted === "" ? all : all.filter((name) => name.toLowerCase().includes(wanted));
  const page = Number(number);
  const pages = Math.max(Math.ceil(found.length / pageSize), 1);
  const link = (target: number): string => {
    const parameters = search === "" ? [] : [`q=${encodeURIComponent(search)}`];
    return `${path}?${[...parameters, `page=${target}`].join("&")}`;
  };
  return {
    items: found.slice((page - 1) * pageSize, page * pageSize),
    total: found.length,
    search,
    navigation:
      pages === 1
        ? undefined
        : html`<nav class="pages" aria-label="Pages of the list">
            ${page > 1 ? html`<a rel="prev" href="${link(page - 1)}">← Previous</a>` : html`<span></span>`}
            <span>Page ${page} of ${pages}</span>
            ${page < pages ? html`<a rel="next" href="${link(page + 1)}">Next →</a>` : html`<span></span>`}
          </nav>`,
  };
}
