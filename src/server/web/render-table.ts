import { type Html, html } from "./html.ts";

type Heading = string | { readonly number: string };

/** A table with a heading for each column; those of columns of numbers stand to the right, as the numbers do. */
export function renderTable(headings: readonly Heading[], rows: readonly Html[]): Html {
  return html`<table role="table">
    <thead role="rowgroup">
      <tr role="row">
        ${headings.map((heading) =>
          typeof heading === "string"
            ? html`<th role="columnheader">${heading}</th>`
            : html`<th role="columnheader" class="number">${heading.number}</th>`,
        )}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows}
    </tbody>
  </table>`;
}
