import { formatBytes } from "../../base/format-bytes.ts";
import type { Problem } from "./content-reader.ts";
import { formatAge } from "./format-age.ts";
import { type Html, html } from "./html.ts";

const textLimit = 4000;

/** A size for people, with the exact one for who asks. */
export function renderSize(bytes: number, complete = true): Html {
  const exact = bytes.toLocaleString("en");
  return complete
    ? html`<span class="size" title="${exact} bytes">${formatBytes(bytes)}</span>`
    : html`<span class="size" title="at least ${exact} bytes: not all of it is here or was read"
        >≥ ${formatBytes(bytes)}</span
      >`;
}

/** How long ago a date was, which stands in the tooltip; a dash when there is none. */
export function renderAge(date: string | undefined, now: number): Html {
  const age = date === undefined ? undefined : formatAge(date, now);
  if (date === undefined || age === undefined) return html`<span class="none">–</span>`;
  return html`<time datetime="${date}" title="${date}">${age}</time>`;
}

/** The first digits of a digest; all of it as tooltip. */
export function renderDigest(digest: string): Html {
  const colon = digest.indexOf(":");
  return html`<code class="digest" title="${digest}">${digest.slice(colon + 1, colon + 13)}</code>`;
}

/** Why something can't be shown. */
export function renderProblem(problem: Problem): Html {
  return html`<strong class="problem">${problem}</strong>`;
}

/** Foreign text, cut where it is longer than anybody reads. */
export function renderText(text: string): Html {
  if (text.length <= textLimit) return html`<bdi>${text}</bdi>`;
  const rest = text.length - textLimit;
  return html`<bdi>${text.slice(0, textLimit)}</bdi>
    <em class="cut">… ${rest} more characters</em>`;
}
