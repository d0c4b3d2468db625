import type { Project, StandardLabel } from "../project/project.ts";
import type { Unit } from "../render/expand-units.ts";
import type { TargetTime } from "./target-times.ts";

const prefix = "org.opencontainers.image.";

/**
 * The labels that every image gets, as far as there is something to say.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md#pre-defined-annotation-keys}
 * @param time absent when nothing is known of the project's past
 * @param source where the project's repository comes from
 */
export function automaticLabels(
  { image, tag, reference }: Unit,
  { standardLabels }: Pick<Project, "standardLabels">,
  {
    time,
    source,
  }: { readonly time?: TargetTime | undefined; readonly source?: string | undefined },
): Record<string, string> {
  const standard = (name: StandardLabel): string | undefined =>
    standardLabels
      .get(name)
      ?.value.replace(/%(image|tag)%/g, (_, what: string) => (what === "image" ? image.name : tag));
  const values: Readonly<Record<string, string | undefined>> = {
    title: image.name,
    "ref.name": reference,
    version: tag,
    created: time === undefined ? undefined : rfc3339(time.epoch),
    description: image.description,
    vendor: standard("vendor"),
    authors: standard("authors"),
    url: standard("url"),
    documentation: standard("documentation"),
    revision: time?.revision,
    source,
  };
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== "") labels[`${prefix}${name}`] = value;
  }
  return labels;
}

/** Whole seconds: `2024-05-01T12:00:00Z`. */
function rfc3339(epoch: number): string {
  return `${new Date(epoch * 1000).toISOString().slice(0, -".000Z".length)}Z`;
}
