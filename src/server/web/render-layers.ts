import { formatBytes } from "../../base/format-bytes.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import type { HistoryStep } from "../../oci/image-config.ts";
import type { ContentReader } from "./content-reader.ts";
import { type Html, html } from "./html.ts";
import { renderMore } from "./render-pairs.ts";
import { renderDigest, renderProblem, renderSize, renderText } from "./render-value.ts";

type Layers = {
  readonly repository: string;
  readonly layers: readonly Descriptor[];
  readonly history: readonly HistoryStep[];
  /** What other images of the repository have too. */
  readonly shared: ReadonlySet<Digest>;
};

const layerLimit = 200;
const commandLimit = 300;

/** The layers of an image, from the bottom: how big, made by what, and whether they are there. */
export function renderLayers(reader: ContentReader, options: Layers): Html {
  const { repository, layers, history, shared } = options;
  const commands = history.filter(({ emptyLayer }) => !emptyLayer);
  const rows = layers.slice(0, layerLimit).map((layer, index) => {
    const problem = reader.problemOf(repository, layer);
    return html`<li>
      <span class="index">${index + 1}</span>
      <div class="what">
        ${renderCommand(commands[index]?.createdBy ?? "")}
        <div class="about">
          ${renderDigest(layer.digest)}
          <span class="type"><bdi>${shortType(layer.mediaType)}</bdi></span
          >${shared.has(layer.digest) ? html` <span class="tag">shared</span>` : undefined}${problem === undefined ? undefined : html` ${renderProblem(problem)}`}
        </div>
      </div>
      <div class="fact">${renderSize(layer.size)}</div>
    </li>`;
  });
  return html`<section>
    <h2>Layers <span class="count">${layers.length}</span></h2>
    ${renderBar(layers, shared)}
    <ol class="layers">
      ${rows}
    </ol>
    ${renderMore(layers.length - layerLimit)}
  </section>`;
}

/** What each layer takes of the whole, in one line. Drawn by attributes: styles in the page are not allowed. */
function renderBar(layers: readonly Descriptor[], shared: ReadonlySet<Digest>): Html | undefined {
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  if (total === 0) return undefined;
  const width = 1000;
  let x = 0;
  const parts = layers.slice(0, layerLimit).map(({ digest, size }, index) => {
    const part = (size / total) * width;
    const start = x;
    x += part;
    const kind = shared.has(digest) ? "shared" : index % 2 === 0 ? "even" : "odd";
    return html`<rect
      class="${kind}"
      x="${start.toFixed(2)}"
      y="0"
      width="${Math.max(part - 2, 0.6).toFixed(2)}"
      height="14"
      ><title>Layer ${index + 1}: ${formatBytes(size)}</title></rect
    >`;
  });
  return html`<svg
    class="layer-bar"
    viewBox="0 0 ${width} 14"
    preserveAspectRatio="none"
    role="img"
    aria-label="Sizes of the layers compared"
  >
    ${parts}
  </svg>`;
}

function renderCommand(text: string): Html {
  // BuildKit and the classic builder say it with noise in front of it.
  const command = text
    .replace(/^\/bin\/sh -c (?:#\(nop\)\s*)?/, "")
    .replace(/\s*# buildkit$/, "")
    .trim();
  if (command === "") return html`<code class="made">–</code>`;
  if (command.length <= commandLimit) return html`<code class="made"><bdi>${command}</bdi></code>`;
  return html`<details>
    <summary>
      <code class="made"><bdi>${command.slice(0, commandLimit)}</bdi>…</code>
    </summary>
    <code class="made">${renderText(command)}</code>
  </details>`;
}

/** `tar+gzip` of `application/vnd.oci.image.layer.v1.tar+gzip`; what is no layer of an image stays whole. */
function shortType(mediaType: string): string {
  return mediaType
    .replace(/^application\/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\./, "")
    .replace(
      /^application\/vnd\.docker\.image\.rootfs\.(?:foreign\.)?diff\.tar\.gzip$/,
      "tar+gzip",
    );
}
