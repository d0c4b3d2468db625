import { directorySources } from "../context/directory-sources.ts";
import { type Digest, digestOf } from "../oci/digest.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import { localPrefix } from "../plan/context-value.ts";
import type { Target, TargetId } from "../plan/plan.ts";
import { asksForNative } from "./asks-for-native.ts";
import type { ContextContent, ContextReader, ContextRequest } from "./context-reader.ts";
import type { TargetInputs } from "./target-inputs.ts";
import { whyVolatile } from "./why-volatile.ts";

/** What tells of things that a plan only names. */
export type InputSources = {
  readonly contexts: ContextReader;
  /** What it builds on. */
  readonly parents: (target: TargetId) => Parent | undefined;
  /** What images from elsewhere stand for: reference -> digest, without those that nobody could tell. */
  readonly bases: ReadonlyMap<string, Digest>;
  /** Ignore patterns for this Dockerfile alone. */
  readonly ignore: string | undefined;
  /** The exporter's settings. */
  readonly exporter: Readonly<Record<string, string>>;
  /** The daemon's version. */
  readonly frontend: string;
  /** The daemon's own platform. */
  readonly native: Platform;
};

type Parent = {
  /** Undefined when it must be built first. */
  readonly digest: Digest | undefined;
  /** The text of its Dockerfile. */
  readonly dockerfile: string;
};

/** What a target is made of, as far as it is known. */
export type ReadInputs = {
  readonly inputs: TargetInputs;
  readonly content: ContextContent;
  /** Why the same inputs may give another image the next time; empty: there is a key. */
  readonly volatile: readonly string[];
};

/** Gathers what a target is made of. @throws as ContextReader.read does. */
export async function readInputs(target: Target, sources: InputSources): Promise<ReadInputs> {
  const { settings, dockerfile } = target;
  const content = await sources.contexts.read(contextRequest(target, sources.ignore));
  const bases: Record<string, string> = {};
  for (const { reference } of target.externals) {
    const digest = sources.bases.get(reference);
    if (digest !== undefined) bases[reference] = digest;
  }
  const parents = target.dependencies.map(
    ({ target: id }) => sources.parents(id)?.dockerfile ?? "",
  );
  const inputs: TargetInputs = {
    frontend: sources.frontend,
    exporter: sorted(sources.exporter),
    platform: formatPlatform(target.platform),
    ...(asksForNative(dockerfile.text, parents) ? { native: formatPlatform(sources.native) } : {}),
    dockerfile: digestOf(dockerfile.text),
    context: content.digest,
    buildArgs: sorted(target.buildArgs),
    labels: sorted(target.labels),
    ...(target.epoch === undefined ? {} : { epoch: target.epoch }),
    settings: sorted({
      ...(settings.stage === undefined ? {} : { stage: settings.stage }),
      ...(settings.network === undefined ? {} : { network: settings.network }),
      ...(settings.entitlements.length === 0
        ? {}
        : { entitlements: settings.entitlements.toSorted().join(",") }),
    }),
    contexts: sorted(await contextsByContent(target, sources.contexts)),
    secrets: sorted(Object.fromEntries(target.secrets.map(({ id, source }) => [id, source]))),
    ssh: Object.keys(settings.ssh).toSorted(),
    parents: target.dependencies.map(({ target: id, reference }) => ({
      target: id,
      ...(reference === undefined ? {} : { reference }),
      digest: sources.parents(id)?.digest,
    })),
    bases: sorted(bases),
  };
  return { inputs, content, volatile: whyVolatile(target, { bases: sources.bases, parents }) };
}

/** How the context of a target is read. */
export function contextRequest(target: Target, ignore: string | undefined): ContextRequest {
  // With an epoch the layers' times are set to it: then a fresh checkout is the same as an old one.
  return { sources: target.context, ignore, times: target.epoch === undefined };
}

async function contextsByContent(
  target: Target,
  contexts: ContextReader,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(target.settings.contexts)) {
    values[name] = value;
    if (!value.startsWith(localPrefix)) continue;
    const directory = value.slice(localPrefix.length);
    const sources = directorySources(directory, target.context.tracked === true);
    // Everything in it counts: better too much than too little.
    const request = { sources, ignore: "", times: target.epoch === undefined };
    values[name] = `${localPrefix}${(await contexts.read(request)).digest}`;
  }
  return values;
}

function sorted(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = Object.keys(values);
  if (names.length < 2) return values;
  return Object.fromEntries(names.toSorted().map((name) => [name, values[name] ?? ""]));
}
