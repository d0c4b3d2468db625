import { HiveError } from "../base/hive-error.ts";
import { isRecord } from "../oci/descriptor.ts";
import { formatPlatform } from "../oci/platform.ts";

/** What an image says of how it runs. */
export type ImageConfig = {
  readonly platform: string;
  /** RFC 3339. */
  readonly created?: string;
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  /** `8080/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
};

/**
 * Reads an image's configuration. What is missing or of another type is left out: there are many makers of images.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md}
 * @throws HiveError "failed" when it is no JSON object.
 */
export function readImageConfig(bytes: Uint8Array): ImageConfig {
  const document = parse(bytes);
  const config = isRecord(document["config"]) ? document["config"] : {};
  const ports = isRecord(config["ExposedPorts"]) ? Object.keys(config["ExposedPorts"]) : [];
  return {
    platform: platformOf(document),
    ...textField("created", document["created"]),
    ...textField("user", config["User"]),
    ...textField("workingDirectory", config["WorkingDir"]),
    entrypoint: texts(config["Entrypoint"]),
    cmd: texts(config["Cmd"]),
    env: texts(config["Env"]),
    exposedPorts: ports.toSorted(),
    labels: textMap(config["Labels"]),
  };
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Told below.
  }
  if (isRecord(document)) return document;
  throw new HiveError("failed", "The configuration of the image is no JSON object", {
    hint: "The image is damaged: push it again.",
  });
}

function platformOf(document: Record<string, unknown>): string {
  const { os, architecture, variant } = document;
  return formatPlatform({
    os: typeof os === "string" ? os : "unknown",
    architecture: typeof architecture === "string" ? architecture : "unknown",
    ...(typeof variant === "string" && variant !== "" ? { variant } : {}),
  });
}

function textField<Name extends string>(name: Name, value: unknown): { [key in Name]?: string } {
  const field: { [key in Name]?: string } = {};
  if (typeof value === "string" && value !== "") field[name] = value;
  return field;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(entries);
}
