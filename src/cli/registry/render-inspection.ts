import { formatBytes } from "../../base/format-bytes.ts";
import type { Painter } from "../../base/painter.ts";
import { printable } from "../../base/printable.ts";
import { renderTable } from "../../base/render-table.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import type { InspectedImage, Inspection } from "../../remote/inspect-image.ts";

/** An inspection for people. Everything in it was written by others. */
export function renderInspection(name: string, inspection: Inspection, paint: Painter): string {
  const { digest, mediaType, size, artifactType, subject, platforms, image } = inspection;
  const sections = [
    fields([
      ["Name", name],
      ["Digest", digest],
      ["Media type", mediaType],
      image === undefined ? ["Manifest", formatBytes(size)] : ["Size", formatBytes(image.size)],
      ["Artifact type", artifactType],
      ["Subject", subject],
      ...(image?.config === undefined ? [] : configFields(image.config)),
    ]),
    ...(image?.config === undefined ? [] : configLists(image.config, paint)),
    list("Annotations", pairs(inspection.annotations), paint),
    ...(platforms === undefined ? [] : [platformTable(platforms, paint)]),
    ...(image === undefined ? [] : [layerTable(image, paint)]),
    referrerTable(inspection, paint),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function configFields(config: ImageConfig): [string, string | undefined][] {
  return [
    ["Platform", config.platform],
    ["Created", config.created],
    ["User", config.user],
    ["Directory", config.workingDirectory],
    ["Entrypoint", command(config.entrypoint)],
    ["Command", command(config.cmd)],
    ["Ports", config.exposedPorts.length === 0 ? undefined : config.exposedPorts.join(", ")],
  ];
}

function configLists(config: ImageConfig, paint: Painter): string[][] {
  return [list("Environment", config.env, paint), list("Labels", pairs(config.labels), paint)];
}

function platformTable(platforms: NonNullable<Inspection["platforms"]>, paint: Painter): string[] {
  const rows = platforms.map(({ platform, digest, size }) => [
    printable(platform),
    formatBytes(size),
    digest,
  ]);
  return table(["PLATFORM", "MANIFEST", "DIGEST"], rows, 1, paint);
}

function layerTable({ layers }: InspectedImage, paint: Painter): string[] {
  const rows = layers.map(({ digest, mediaType, size }) => [
    digest,
    formatBytes(size),
    printable(mediaType),
  ]);
  return table(["LAYER", "SIZE", "MEDIA TYPE"], rows, 1, paint);
}

function referrerTable({ referrers }: Inspection, paint: Painter): string[] {
  const rows = referrers.map(({ digest, artifactType, mediaType, size }) => [
    digest,
    formatBytes(size),
    printable(artifactType ?? mediaType),
  ]);
  return table(["REFERRER", "SIZE", "TYPE"], rows, 1, paint);
}

function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: number,
  paint: Painter,
): string[] {
  if (rows.length === 0) return [];
  const align = heading.map((_, index) => (index === numeric ? "right" : "left"));
  return renderTable([heading.map((cell) => paint.bold(cell)), ...rows], { align });
}

function fields(rows: readonly (readonly [string, string | undefined])[]): string[] {
  const there = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [[`${name}:`, printable(value)]],
  );
  return renderTable(there);
}

function list(title: string, items: readonly string[], paint: Painter): string[] {
  if (items.length === 0) return [];
  return [paint.bold(`${title}:`), ...items.map((item) => `  ${printable(item)}`)];
}

function pairs(map: Readonly<Record<string, string>>): string[] {
  return Object.entries(map).map(([name, value]) => `${name}=${value}`);
}

/** As it stands in a Dockerfile. */
function command(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : JSON.stringify(words);
}
