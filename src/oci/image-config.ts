import { isRecord } from "../base/is-record.ts";
import { mediaTypes } from "./media-types.ts";
import { formatPlatform } from "./platform.ts";

/** What an image says of how it was made and how it runs. */
export type ImageConfig = {
  /** `unknown/unknown` where it does not say. */
  readonly platform: string;
  /** RFC 3339. */
  readonly created?: string;
  readonly author?: string;
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly stopSignal?: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  /** `8080/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** From the first step on. */
  readonly history: readonly HistoryStep[];
};

/** A step of a build; `emptyLayer`: it gave none. */
export type HistoryStep = { readonly createdBy: string; readonly emptyLayer: boolean };

/** Whether a configuration of this type describes an image that can be run, and no other artifact. */
export function isImageConfigType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig;
}

/**
 * Reads an image's configuration. What is missing or of another type is left out: there are many makers of images.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md}
 * @throws SyntaxError when it is no JSON object.
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!isRecord(document)) throw new SyntaxError("the configuration is no JSON object");
  const config = isRecord(document["config"]) ? document["config"] : {};
  return {
    platform: platformOf(document),
    ...textField("created", document["created"]),
    ...textField("author", document["author"]),
    ...textField("user", config["User"]),
    ...textField("workingDirectory", config["WorkingDir"]),
    ...textField("stopSignal", config["StopSignal"]),
    entrypoint: texts(config["Entrypoint"]),
    cmd: texts(config["Cmd"]),
    env: texts(config["Env"]),
    exposedPorts: names(config["ExposedPorts"]),
    volumes: names(config["Volumes"]),
    labels: textMap(config["Labels"]),
    history: list(document["history"]).map(historyStep),
  };
}

function platformOf(document: Record<string, unknown>): string {
  const { os, architecture, variant } = document;
  return formatPlatform({
    os: typeof os === "string" ? os : "unknown",
    architecture: typeof architecture === "string" ? architecture : "unknown",
    ...(typeof variant === "string" && variant !== "" ? { variant } : {}),
  });
}

function historyStep(step: unknown): HistoryStep {
  if (!isRecord(step)) return { createdBy: "", emptyLayer: false };
  const createdBy = step["created_by"];
  return {
    createdBy: typeof createdBy === "string" ? createdBy : "",
    emptyLayer: step["empty_layer"] === true,
  };
}

function textField<Name extends string>(name: Name, value: unknown): { [key in Name]?: string } {
  const field: { [key in Name]?: string } = {};
  if (typeof value === "string" && value !== "") field[name] = value;
  return field;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): readonly string[] {
  return list(value).filter((item) => typeof item === "string");
}

/** Docker writes sets as objects with empty values. */
function names(value: unknown): readonly string[] {
  return isRecord(value) ? Object.keys(value).toSorted() : [];
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(entries);
}
