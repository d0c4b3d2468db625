import type { Digest } from "../../oci/digest.ts";
import { type Html, html } from "./html.ts";
import type { PageContext } from "./page-context.ts";
import { paths } from "./page-path.ts";
import { renderTable } from "./render-table.ts";
import { renderMore } from "./render-pairs.ts";
import { renderDigest, renderSize, renderText } from "./render-value.ts";

const referrerLimit = 100;

/** What is attached to an image: signatures, SBOMs, test results. */
export function renderReferrers(
  { reader }: PageContext,
  repository: string,
  digest: Digest,
): Html | undefined {
  const referrers = reader.store.metadata.referrers(repository, digest);
  if (referrers.length === 0) return undefined;
  const rows = referrers.slice(0, referrerLimit).map(
    (referrer) =>
      html`<tr role="row">
        <th role="rowheader" scope="row">
          <a href="${paths.manifest(repository, referrer.digest)}"
            >${renderText(referrer.artifactType ?? referrer.mediaType)}</a
          >
        </th>
        <td role="cell" data-label="Digest">${renderDigest(referrer.digest)}</td>
        <td role="cell" data-label="Manifest" class="number">${renderSize(referrer.size)}</td>
      </tr>`,
  );
  return html`<section>
    <h2>Attached <span class="count">${referrers.length}</span></h2>
    ${renderTable(["Type", "Digest", { number: "Manifest" }], rows)}
    ${renderMore(referrers.length - referrerLimit)}
  </section>`;
}
