import { RegistryError } from "../../registry/registry-error.ts";
import { renderTable } from "./render-table.ts";
import { type Html, html } from "./html.ts";
import { listPart } from "./list-part.ts";
import { renderSearch } from "./render-search.ts";
import type { PageContext } from "./page-context.ts";
import { paths } from "./page-path.ts";
import { pullCommands } from "./pull-commands.ts";
import { renderCommands } from "./render-commands.ts";
import { renderAge, renderDigest, renderProblem, renderSize } from "./render-value.ts";
import { type ImageSummary, summarizeImage, totalSize } from "./summarize-image.ts";

const collator = new Intl.Collator("en", { numeric: true });

/** A repository: its tags with what they stand for. @throws RegistryError 404 */
export async function repositoryPage(context: PageContext, repository: string): Promise<Html> {
  const { reader, query, host, secure } = context;
  const all = reader.store.metadata.tags(repository);
  if (all === undefined)
    throw new RegistryError(404, "NAME_UNKNOWN", "There is no such repository.");
  const tags = all.toSorted(compareTags);
  const path = paths.repository(repository);
  const part = listPart(tags, query, path);
  const rows: Html[] = [];
  let first: ImageSummary | undefined;
  for (const tag of part.items) {
    const record = reader.store.metadata.findTag(repository, tag);
    if (record === undefined) continue;
    const summary = await summarizeImage(reader, repository, record);
    first ??= summary;
    rows.push(renderRow(context, repository, tag, record.digest, summary));
  }
  const tag = all.includes("latest") ? "latest" : tags[0];
  const artifact = first?.artifactType !== undefined;
  return html`<div class="head">
      <h1><bdi>${repository}</bdi></h1>
    </div>
    ${tag === undefined ? undefined : renderCommands("Pull", pullCommands({ host, repository, suffix: `:${tag}`, secure, artifact }))}
    <section>
      <div class="head">
        <h2>Tags <span class="count">${part.total}</span></h2>
        ${renderSearch(path, part.search, "a tag")}
      </div>
      ${
        rows.length === 0
          ? html`<p class="empty">
              ${part.search === "" ? "Nothing is tagged here; images may still be pulled by their digest." : "No tag fits."}
            </p>`
          : renderTable(
              ["Tag", "Platforms", "Digest", { number: "Size" }, { number: "Built" }],
              rows,
            )
      }
      ${part.navigation}
    </section>`;
}

function renderRow(
  { now }: PageContext,
  repository: string,
  tag: string,
  digest: string,
  summary: ImageSummary,
): Html {
  const { platforms, artifactType, problem, complete, created } = summary;
  return html`<tr role="row">
    <th role="rowheader" scope="row">
      <a href="${paths.manifest(repository, tag)}"><bdi>${tag}</bdi></a>
    </th>
    <td role="cell" data-label="Platforms">
      ${problem === undefined ? (artifactType ?? renderPlatforms(platforms)) : renderProblem(problem)}
    </td>
    <td role="cell" data-label="Digest">
      <a href="${paths.manifest(repository, digest)}">${renderDigest(digest)}</a>
    </td>
    <td role="cell" data-label="Size" class="number">
      ${renderSize(totalSize([summary]), complete)}
    </td>
    <td role="cell" data-label="Built" class="number">${renderAge(created, now)}</td>
  </tr>`;
}

/** Newest versions first, 1.10 above 1.9; then what is no version. */
function compareTags(a: string, b: string): number {
  return Number(isVersion(b)) - Number(isVersion(a)) || collator.compare(b, a);
}

function isVersion(tag: string): boolean {
  return /^v?[0-9]/.test(tag);
}

const platformLimit = 6;

function renderPlatforms(platforms: readonly string[]): Html {
  const shown = platforms
    .slice(0, platformLimit)
    .map((name) => html`<span class="tag">${name}</span> `);
  const more = platforms.length - platformLimit;
  return html`${shown}${more > 0 ? html`<span class="tag">+${more}</span>` : undefined}`;
}
