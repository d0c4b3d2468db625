import type { Digest } from "../../oci/digest.ts";
import { type ImageConfig, isImageConfigType } from "../../oci/image-config.ts";
import { type ImageManifest, imageSize } from "../../oci/manifest.ts";
import type { ManifestRecord } from "../../registry/store/metadata-store.ts";
import { type Html, html } from "./html.ts";
import type { ManifestContent } from "./manifest-content.ts";
import type { PageContext } from "./page-context.ts";
import { renderFacts } from "./render-facts.ts";
import { renderLayers } from "./render-layers.ts";
import { renderPairs } from "./render-pairs.ts";
import { renderAge, renderProblem, renderSize } from "./render-value.ts";
import { layersOfOthers } from "./shared-layers.ts";

/** An image: what it takes, its layers, and what its configuration says. */
export async function renderImage(
  { reader, now }: PageContext,
  repository: string,
  record: ManifestRecord,
  manifest: ImageManifest,
): Promise<ManifestContent> {
  const { config: descriptor, layers } = manifest;
  const shared = await layersOfOthers(reader, repository, record.digest);
  const size = imageSize(manifest, record.size);
  const both = sharedSize(manifest, shared);
  const isImage = isImageConfigType(descriptor.mediaType);
  const content = isImage ? await reader.config(repository, descriptor) : undefined;
  const config = content !== undefined && "value" in content ? content.value : undefined;
  const facts = renderFacts([
    ["Size", renderSize(size)],
    ["Shared", both === 0 ? undefined : renderSize(both)],
    ["Layers", `${layers.length}`],
    ["Platform", config?.platform],
    ["Built", config === undefined ? undefined : renderAge(config.created, now)],
    ["Type", manifest.artifactType ?? (isImage ? undefined : descriptor.mediaType)],
    [
      "Configuration",
      content !== undefined && "problem" in content ? renderProblem(content.problem) : undefined,
    ],
  ]);
  const details = html`${renderLayers(reader, { repository, layers, history: config?.history ?? [], shared })}
  ${config === undefined ? undefined : renderConfig(config)}`;
  return { facts, details };
}

function sharedSize(manifest: ImageManifest, shared: ReadonlySet<Digest>): number {
  const sizes = new Map(manifest.layers.map(({ digest, size }) => [digest, size]));
  let sum = 0;
  for (const [digest, size] of sizes) if (shared.has(digest)) sum += size;
  return sum;
}

function renderConfig(config: ImageConfig): Html {
  const run: readonly (readonly [string, string | undefined])[] = [
    ["Entrypoint", words(config.entrypoint)],
    ["Command", words(config.cmd)],
    ["Directory", config.workingDirectory],
    ["User", config.user],
    ["Ports", list(config.exposedPorts)],
    ["Volumes", list(config.volumes)],
    ["Stop signal", config.stopSignal],
    ["Author", config.author],
  ];
  const given = run.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return html`${renderPairs("How it runs", given)}
  ${renderPairs("Environment", config.env.map(splitVariable))}
  ${renderPairs("Labels", Object.entries(config.labels))}`;
}

/** Words of a command as JSON has them, so that it is clear where each ends. */
function words(command: readonly string[]): string | undefined {
  return command.length === 0 ? undefined : JSON.stringify(command);
}

function list(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : names.join(", ");
}

function splitVariable(variable: string): readonly [name: string, value: string] {
  const equals = variable.indexOf("=");
  return equals < 0 ? [variable, ""] : [variable.slice(0, equals), variable.slice(equals + 1)];
}
