import { type Html, html } from "./html.ts";

type Fact = readonly [name: string, value: Html | string | undefined];

/** A few numbers side by side; those that nobody knows are left out. */
export function renderFacts(facts: readonly Fact[]): Html {
  const tiles = facts.flatMap(([name, value]) =>
    value === undefined
      ? []
      : [
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
        ],
  );
  return html`<dl class="facts">${tiles}</dl>`;
}
