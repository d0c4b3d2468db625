import { didYouMean } from "../base/closest.ts";
import type { Diagnostic, Place } from "../base/diagnostic.ts";
import { lineOfPlace, placeAt, type SourceText } from "../base/source-text.ts";
import { rangeOfText } from "../dockerfile/located-text.ts";
import type { MountedId } from "../dockerfile/mounted-id.ts";
import type { ImageDefinition } from "../project/project.ts";
import { writtenPlace } from "../render/rendered-file.ts";
import type { Graph, Node } from "./graph.ts";
import { readAgent } from "./target-settings.ts";

type WarningOptions = {
  /** Only these are looked at. */
  readonly planned: ReadonlySet<ImageDefinition>;
  readonly sources: ReadonlyMap<string, SourceText>;
};

/** A name that one target has in common with its Dockerfile, or not. */
type Checked = {
  readonly isKnown: boolean;
  readonly place: Place;
  readonly finding: () => Pick<Diagnostic, "code" | "message" | "label" | "help">;
};

/**
 * Warns about names that image.yml and the Dockerfiles do not have in common: secrets, SSH agents and stages of `no_cache`
 * that are used by none, and secrets and agents that a step mounts although image.yml has none of the name. BuildKit
 * says nothing of either.
 */
export function nameWarnings({ nodes }: Graph, { planned, sources }: WarningOptions): Diagnostic[] {
  const known = new Set<string>();
  const odd = new Map<string, Checked>();
  for (const node of nodes.values()) {
    if (!planned.has(node.unit.image)) continue;
    const inherited = node.dependencies.flatMap(
      ({ target }) => nodes.get(target)?.references.mounted.filter(({ onbuild }) => onbuild) ?? [],
    );
    const uses = (type: MountedId["type"], id: string): boolean =>
      [...node.references.mounted, ...inherited].some(
        (mount) => mount.type === type && (mount.id === undefined || mount.id === id),
      );
    for (const checked of [
      ...checkSecrets(node, uses),
      ...checkAgents(node, uses),
      ...checkStages(node),
      ...checkMounts(node),
    ]) {
      const { file, line, column } = checked.place;
      const key = `${file}:${line}:${column}`;
      // What one Dockerfile does not use another one of the image may.
      if (checked.isKnown) known.add(key);
      else if (!odd.has(key)) odd.set(key, checked);
    }
  }
  return [...odd].flatMap(([key, { place, finding }]): Diagnostic[] => {
    if (known.has(key)) return [];
    const lineText = lineOfPlace(sources, place);
    return [{ ...finding(), severity: "warning", place, lineText }];
  });
}

type Uses = (type: MountedId["type"], id: string) => boolean;

function checkSecrets({ unit, files }: Node, uses: Uses): Checked[] {
  return [...unit.image.secrets].map(([id, { place }]) => ({
    isKnown: isForSources(id) || uses("secret", id),
    place,
    finding: () => ({
      code: "HV2006",
      message: `Secret "${id}" is not used: "${files.dockerfile.source.file}" mounts none of this name`,
      help: `mount it where it is needed: RUN --mount=type=secret,id=${id} ...`,
    }),
  }));
}

function checkAgents(node: Node, uses: Uses): Checked[] {
  return agentsOf(node).map(({ id, place }) => ({
    isKnown: uses("ssh", id) || fetchesBySsh(node),
    place,
    finding: () => ({
      code: "HV2007",
      message: `SSH agent "${id}" is not used: "${node.files.dockerfile.source.file}" mounts none of this name`,
      help: `mount it where it is needed: RUN --mount=type=ssh${id === "default" ? "" : `,id=${id}`} ...`,
    }),
  }));
}

function checkStages({ unit: { build }, files, references }: Node): Checked[] {
  if (build.noCache === undefined || typeof build.noCache === "boolean") return [];
  const names = references.stages.filter((name) => name !== undefined);
  return build.noCache.map(({ value, place }) => ({
    isKnown: names.includes(value.toLowerCase()),
    place,
    finding: () => ({
      code: "HV2008",
      message: `Unknown stage "${value}": "${files.dockerfile.source.file}" has none of this name, so no step runs again for it`,
      label: didYouMean(value, names),
      help: names.length === 0 ? undefined : `the stages with a name are ${names.join(", ")}`,
    }),
  }));
}

function checkMounts(node: Node): Checked[] {
  const ids = {
    secret: [...node.unit.image.secrets.keys()],
    ssh: agentsOf(node).map(({ id }) => id),
  };
  return node.references.mounted.flatMap((mount): Checked[] => {
    const { type, id, onbuild } = mount;
    // What is behind ONBUILD is for other images.
    if (id === undefined || onbuild) return [];
    return [
      {
        isKnown: ids[type].includes(id),
        place: placeOf(node, mount),
        finding: () => unknownMount(node, type, id, ids[type]),
      },
    ];
  });
}

function agentsOf({ unit: { build } }: Node): { id: string; place: Place }[] {
  return (build.ssh ?? []).map(({ value, place }) => ({ id: readAgent(value)[0], place }));
}

function unknownMount(
  { unit }: Node,
  type: MountedId["type"],
  id: string,
  ids: readonly string[],
): ReturnType<Checked["finding"]> {
  const isSecret = type === "secret";
  return {
    code: "HV2009",
    message: `Unknown ${isSecret ? "secret" : "SSH agent"} "${id}": "${unit.image.file}" has none of this name, so the step gets none`,
    label: didYouMean(id, ids),
    help: isSecret
      ? `declare it there: secrets: { ${id}: { source: env, value: NAME_OF_A_VARIABLE } }`
      : `declare it there: ssh: [${id === "default" ? id : `${id}=/PATH/OF/SOCKET`}]`,
  };
}

function placeOf({ files: { dockerfile } }: Node, { written }: MountedId): Place {
  return writtenPlace(dockerfile, placeAt(dockerfile.source, ...rangeOfText(written)));
}

// BuildKit itself asks for these when it fetches what ADD and contexts name.
function isForSources(secret: string): boolean {
  return /^(?:GIT|HTTP)_AUTH_(?:TOKEN|HEADER)/.test(secret);
}

// ADD of a Git repository takes the agent without a mount.
function fetchesBySsh({ files, contexts }: Node): boolean {
  const texts = [files.dockerfile.source.text, ...[...contexts.values()].map(({ value }) => value)];
  return texts.some((text) => /git@|ssh:\/\//.test(text));
}
