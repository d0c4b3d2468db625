import { didYouMean } from "../base/closest.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import { lineOfPlace, type SourceText } from "../base/source-text.ts";
import type { References } from "../dockerfile/find-references.ts";
import type { BuildSettings } from "../project/project.ts";
import type { TargetSettings } from "./plan.ts";
import type { NamedContexts } from "./read-contexts.ts";

/** A target's settings as the plan has them, defaults filled in. */
export function targetSettings(build: BuildSettings, contexts: NamedContexts): TargetSettings {
  const { target, ssh = [], noCache = false, pull = false, network, entitlements = [] } = build;
  return {
    ...(target === undefined ? {} : { stage: target.value }),
    contexts: Object.fromEntries([...contexts].map(([name, { value }]) => [name, value])),
    ssh: Object.fromEntries(ssh.map(({ value }) => readAgent(value))),
    noCache: typeof noCache === "boolean" ? noCache : noCache.map(({ value }) => value),
    pull,
    ...(network === undefined || network === "default" ? {} : { network }),
    entitlements: entitlements.map(({ value }) => value),
  };
}

/** `id=/path/of/socket`, or an id alone for the agent that SSH_AUTH_SOCK names. */
export function readAgent(written: string): [id: string, socket: string] {
  const equals = written.indexOf("=");
  if (equals === -1) return [written, "default"];
  return [written.slice(0, equals), written.slice(equals + 1)];
}

/** The finding for a `target` that no stage of the Dockerfile has, by name or by number; undefined when there is one. */
export function unknownStage(
  { target }: BuildSettings,
  { stages }: References,
  { file, sources }: { file: string; sources: ReadonlyMap<string, SourceText> },
): Diagnostic | undefined {
  if (target === undefined) return undefined;
  const { value, place } = target;
  if (stages.includes(value.toLowerCase())) return undefined;
  if (/^\d+$/.test(value) && Number(value) < stages.length) return undefined;
  const names = stages.filter((name) => name !== undefined);
  return {
    code: "HV2005",
    severity: "error",
    message: `Unknown stage "${value}": "${file}" has none of this name`,
    place,
    lineText: lineOfPlace(sources, place),
    label: didYouMean(value, names),
    help:
      names.length === 0
        ? `name one: FROM ... AS ${value}`
        : `the stages with a name are ${names.join(", ")}`,
  };
}
