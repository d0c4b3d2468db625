import { isImageConfigType } from "../../oci/image-config.ts";
import type { Manifest } from "../../oci/manifest.ts";
import type { ManifestRecord } from "../../registry/store/metadata-store.ts";
import { RegistryError } from "../../registry/registry-error.ts";
import type { ManifestReference } from "../../registry/route.ts";
import { type Html, html } from "./html.ts";
import type { ManifestContent } from "./manifest-content.ts";
import type { PageContext } from "./page-context.ts";
import { paths } from "./page-path.ts";
import { pullCommands } from "./pull-commands.ts";
import { renderCommands } from "./render-commands.ts";
import { renderImage } from "./render-image.ts";
import { renderIndex } from "./render-index.ts";
import { renderPairs } from "./render-pairs.ts";
import { renderReferrers } from "./render-referrers.ts";
import { renderDigest, renderProblem } from "./render-value.ts";

/** What a tag or digest of a repository stands for. @throws RegistryError 404 */
export async function manifestPage(
  context: PageContext,
  repository: string,
  reference: ManifestReference,
): Promise<Html> {
  const { reader, host, secure } = context;
  const { metadata } = reader.store;
  const record =
    "tag" in reference
      ? metadata.findTag(repository, reference.tag)
      : metadata.findManifest(repository, reference.digest);
  if (record === undefined) {
    throw new RegistryError(404, "MANIFEST_UNKNOWN", "There is no such image in this repository.");
  }
  const content = await reader.manifest(repository, record.digest);
  const manifest = "value" in content ? content.value : undefined;
  const suffix = "tag" in reference ? `:${reference.tag}` : `@${reference.digest}`;
  const shown =
    manifest === undefined ? undefined : await contentOf(context, repository, record, manifest);
  const artifact = manifest !== undefined && isArtifact(manifest);
  return html`<div class="head">
      <h1>
        <bdi>${repository}</bdi
        ><span class="reference"
          >${"tag" in reference ? suffix : html`@${renderDigest(reference.digest)}`}</span
        >
      </h1>
    </div>
    <p class="identity"><code>${record.digest}</code></p>
    ${"problem" in content ? html`<p class="broken">The manifest is ${renderProblem(content.problem)}. Push the image again to repair it.</p>` : undefined}
    ${shown?.facts}
    ${renderCommands("Pull", pullCommands({ host, repository, suffix, secure, artifact }))}
    ${shown?.details}
    ${manifest === undefined ? undefined : renderPairs("Annotations", Object.entries(manifest.annotations ?? {}))}
    ${renderReferrers(context, repository, record.digest)}
    ${manifest === undefined ? undefined : renderSubject(repository, manifest)}`;
}

async function contentOf(
  context: PageContext,
  repository: string,
  record: ManifestRecord,
  manifest: Manifest,
): Promise<ManifestContent> {
  return manifest.kind === "image"
    ? await renderImage(context, repository, record, manifest)
    : await renderIndex(context, repository, record, manifest);
}

function renderSubject(repository: string, { subject }: Manifest): Html | undefined {
  if (subject === undefined) return undefined;
  return renderPairs("Attached to", [
    [
      subject.mediaType,
      html`<a href="${paths.manifest(repository, subject.digest)}"
        >${renderDigest(subject.digest)}</a
      >`,
    ],
  ]);
}

function isArtifact(manifest: Manifest): boolean {
  if (manifest.artifactType !== undefined) return true;
  return manifest.kind === "image" && !isImageConfigType(manifest.config.mediaType);
}
