import { type Html, html } from "./html.ts";
import { renderText } from "./render-value.ts";

const pairLimit = 200;

/** Names with values, as labels are, below a heading; nothing where there are none. */
export function renderPairs(
  heading: string,
  pairs: readonly (readonly [name: string, value: Html | string])[],
): Html | undefined {
  if (pairs.length === 0) return undefined;
  const rows = pairs.slice(0, pairLimit).map(
    ([name, value]) =>
      html`<div>
        <dt>${renderText(name)}</dt>
        <dd>${typeof value === "string" ? renderText(value) : value}</dd>
      </div>`,
  );
  return html`<section>
    <h2>${heading}</h2>
    <dl class="pairs">${rows}</dl>
    ${renderMore(pairs.length - pairLimit)}
  </section>`;
}

/** A note on what a list leaves out. */
export function renderMore(count: number): Html | undefined {
  return count <= 0 ? undefined : html`<p class="cut">… and ${count} more</p>`;
}
