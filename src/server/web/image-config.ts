import { isRecord } from "../../oci/descriptor.ts";
import { mediaTypes } from "../../oci/media-types.ts";

/**
 * An image's configuration as far as people ask for it. What has another type than it should is left out: a page shows
 * what is there, it does not judge.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md}
 */
export type ImageConfig = {
  /** `linux/arm64/v8`. */
  readonly platform: string | undefined;
  /** RFC 3339. */
  readonly created: string | undefined;
  readonly author: string | undefined;
  readonly user: string | undefined;
  readonly workingDirectory: string | undefined;
  readonly stopSignal: string | undefined;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly history: readonly HistoryStep[];
};

export type HistoryStep = { readonly command: string; readonly emptyLayer: boolean };

/** Whether a configuration of this type describes something that can be run, not another artifact. */
export function isImageConfig(mediaType: string): boolean {
  return mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig;
}

export function parseImageConfig(document: Record<string, unknown>): ImageConfig {
  const run = isRecord(document["config"]) ? document["config"] : {};
  const platform = ["os", "architecture", "variant"].flatMap((name) => text(document[name]) ?? []);
  return {
    platform: platform.length < 2 ? undefined : platform.join("/"),
    created: text(document["created"]),
    author: text(document["author"]),
    user: text(run["User"]),
    workingDirectory: text(run["WorkingDir"]),
    stopSignal: text(run["StopSignal"]),
    entrypoint: texts(run["Entrypoint"]),
    command: texts(run["Cmd"]),
    ports: isRecord(run["ExposedPorts"]) ? Object.keys(run["ExposedPorts"]) : [],
    volumes: isRecord(run["Volumes"]) ? Object.keys(run["Volumes"]) : [],
    environment: texts(run["Env"]).map(splitVariable),
    labels: pairs(run["Labels"]),
    history: (Array.isArray(document["history"]) ? document["history"] : []).map(historyStep),
  };
}

function historyStep(step: unknown): HistoryStep {
  if (!isRecord(step)) return { command: "", emptyLayer: false };
  return { command: text(step["created_by"]) ?? "", emptyLayer: step["empty_layer"] === true };
}

function splitVariable(variable: string): readonly [string, string] {
  const equals = variable.indexOf("=");
  return equals < 0 ? [variable, ""] : [variable.slice(0, equals), variable.slice(equals + 1)];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function pairs(value: unknown): readonly (readonly [string, string])[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    typeof item === "string" ? [[name, item] as const] : [],
  );
}
