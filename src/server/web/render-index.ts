import { attestationAnnotations } from "../../oci/attestation-annotations.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { ImageIndex } from "../../oci/manifest.ts";
import type { ManifestRecord } from "../../registry/store/metadata-store.ts";
import { renderTable } from "./render-table.ts";
import { type Html, html } from "./html.ts";
import type { ManifestContent } from "./manifest-content.ts";
import type { PageContext } from "./page-context.ts";
import { paths } from "./page-path.ts";
import { renderFacts } from "./render-facts.ts";
import { renderMore } from "./render-pairs.ts";
import { renderAge, renderDigest, renderProblem, renderSize } from "./render-value.ts";
import { platformOf, summarizeImage, totalSize } from "./summarize-image.ts";

const childLimit = 100;

/** An index: one row for each image in it. */
export async function renderIndex(
  context: PageContext,
  repository: string,
  record: ManifestRecord,
  index: ImageIndex,
): Promise<ManifestContent> {
  const { reader, now } = context;
  const whole = await summarizeImage(reader, repository, record);
  const rows: Html[] = [];
  for (const child of index.manifests.slice(0, childLimit)) {
    rows.push(await renderChild(context, repository, child));
  }
  const platforms = index.manifests.flatMap((child) => platformOf(child) ?? []);
  const facts = renderFacts([
    ["Size", renderSize(totalSize([whole]), whole.complete)],
    ["Platforms", `${platforms.length}`],
    ["Built", renderAge(whole.created, now)],
    ["Type", index.artifactType],
  ]);
  const details = html`<section>
    <h2>Images <span class="count">${index.manifests.length}</span></h2>
    ${
      rows.length === 0
        ? html`<p class="empty">The index is empty.</p>`
        : renderTable(["Platform", "Digest", { number: "Size" }, { number: "Built" }], rows)
    }
    ${renderMore(index.manifests.length - childLimit)}
  </section>`;
  return { facts, details };
}

async function renderChild(
  { reader, now }: PageContext,
  repository: string,
  child: Descriptor,
): Promise<Html> {
  const record = reader.store.metadata.findManifest(repository, child.digest);
  const summary =
    record === undefined ? undefined : await summarizeImage(reader, repository, record);
  const path = paths.manifest(repository, child.digest);
  const name = html`<bdi>${nameOf(child)}</bdi>`;
  const problem = summary === undefined ? "missing" : summary.problem;
  return html`<tr role="row">
    <th role="rowheader" scope="row">
      ${summary === undefined ? name : html`<a href="${path}">${name}</a>`}${problem === undefined ? undefined : html` ${renderProblem(problem)}`}
    </th>
    <td role="cell" data-label="Digest">${renderDigest(child.digest)}</td>
    <td role="cell" data-label="Size" class="number">
      ${summary === undefined ? undefined : renderSize(totalSize([summary]), summary.complete)}
    </td>
    <td role="cell" data-label="Built" class="number">${renderAge(summary?.created, now)}</td>
  </tr>`;
}

function nameOf(child: Descriptor): string {
  // How BuildKit marks provenance and SBOMs: https://docs.docker.com/build/metadata/attestations/attestation-storage/
  const kind = child.annotations?.[attestationAnnotations.type];
  return platformOf(child) ?? kind ?? child.artifactType ?? child.mediaType;
}
