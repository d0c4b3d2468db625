import type { ManifestRecord } from "../../registry/store/metadata-store.ts";
import { type Html, html } from "./html.ts";
import { listPart } from "./list-part.ts";
import { renderSearch } from "./render-search.ts";
import type { PageContext } from "./page-context.ts";
import { paths } from "./page-path.ts";
import { renderAge, renderSize } from "./render-value.ts";
import { type ImageSummary, summarizeImage, totalSize } from "./summarize-image.ts";

/** Tags of one repository that its row on the front page looks at. */
const tagsPerRow = 10;

/** The front page: every repository that the sender may read, with what some of its tags take. */
export async function repositoriesPage(context: PageContext): Promise<Html> {
  const { reader, access, query, host } = context;
  const readable = reader.store.metadata.repositories().filter((name) => access.may("read", name));
  if (readable.length === 0) return emptyRegistry(host);
  const part = listPart(readable, query, paths.repositories);
  const rows: Html[] = [];
  for (const repository of part.items) rows.push(await renderRow(context, repository));
  return html`<div class="head">
      <h1>Repositories <span class="count">${part.total}</span></h1>
      ${renderSearch(paths.repositories, part.search, "a repository")}
    </div>
    ${
      rows.length === 0
        ? html`<p class="empty">No repository has “<bdi>${part.search}</bdi>” in its name.</p>`
        : html`<ul class="rows">
            ${rows}
          </ul>`
    }
    ${part.navigation}`;
}

async function renderRow(context: PageContext, repository: string): Promise<Html> {
  const tags = context.reader.store.metadata.tags(repository) ?? [];
  const { size, complete, created } = await measure(context, repository, tags);
  const slash = repository.lastIndexOf("/") + 1;
  return html`<li>
    <a href="${paths.repository(repository)}"
      ><span class="name"
        ><span class="prefix">${repository.slice(0, slash)}</span>${repository.slice(slash)}</span
      ></a
    >
    <span class="fact">${tags.length} ${tags.length === 1 ? "tag" : "tags"}</span>
    <span class="fact">${renderSize(size, complete)}</span>
    <span class="fact"
      >${created === undefined ? undefined : html`built ${renderAge(created, context.now)}`}</span
    >
  </li>`;
}

/** What the last tags by name take together: to sort them as versions takes too long where there are thousands. */
async function measure(
  { reader }: PageContext,
  repository: string,
  tags: readonly string[],
): Promise<{ size: number; complete: boolean; created: string | undefined }> {
  const records = new Map<string, ManifestRecord>();
  for (const tag of tags.slice(-tagsPerRow)) {
    const record = reader.store.metadata.findTag(repository, tag);
    if (record !== undefined) records.set(record.digest, record);
  }
  const summaries: ImageSummary[] = [];
  for (const record of records.values()) {
    summaries.push(await summarizeImage(reader, repository, record));
  }
  return {
    size: totalSize(summaries),
    complete: tags.length <= tagsPerRow && summaries.every(({ complete }) => complete),
    created: summaries
      .flatMap(({ created }) => created ?? [])
      .toSorted()
      .at(-1),
  };
}

function emptyRegistry(host: string): Html {
  return html`<div class="head"><h1>Repositories</h1></div>
    <section class="empty">
      <p>Nothing is here yet. Push the first image:</p>
      <pre><code class="command" tabindex="0">docker tag IMAGE ${host}/IMAGE
docker push ${host}/IMAGE</code></pre>
    </section>`;
}
