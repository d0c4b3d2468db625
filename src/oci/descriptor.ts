import { isRecord } from "../base/is-record.ts";
import { type Digest, isDigest } from "./digest.ts";

/**
 * Points at content: what it is, how big, and its digest.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md}
 */
export type Descriptor = {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly platform?: DescriptorPlatform;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly urls?: readonly string[];
};

/** A platform as it stands in an index; more fields than we use may be there. */
type DescriptorPlatform = {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
};

/**
 * Checks what was read from JSON and returns it with all its fields, those we don't know included.
 * @throws SyntaxError naming `where`.
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (!isRecord(value)) throw new SyntaxError(`${where} is no descriptor`);
  if (typeof value["mediaType"] !== "string" || value["mediaType"] === "") {
    throw new SyntaxError(`${where} has no mediaType`);
  }
  if (typeof value["digest"] !== "string" || !isDigest(value["digest"])) {
    throw new SyntaxError(`${where} has no valid digest`);
  }
  if (!Number.isSafeInteger(value["size"]) || (value["size"] as number) < 0) {
    throw new SyntaxError(`${where} has no valid size`);
  }
  const { annotations, platform, urls } = value;
  if (annotations !== undefined) parseAnnotations(annotations, where);
  if (urls !== undefined && !(Array.isArray(urls) && urls.every((u) => typeof u === "string"))) {
    throw new SyntaxError(`${where} has urls that are no list of strings`);
  }
  if (platform !== undefined && !isPlatform(platform)) {
    throw new SyntaxError(`${where} has a platform without os and architecture`);
  }
  return value as unknown as Descriptor;
}

/** @throws SyntaxError unless `value` maps strings to strings. */
export function parseAnnotations(value: unknown, where: string): Readonly<Record<string, string>> {
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === "string")) {
    throw new SyntaxError(`${where} has annotations that are no map of strings`);
  }
  return value as Readonly<Record<string, string>>;
}

function isPlatform(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value["os"] === "string" &&
    typeof value["architecture"] === "string" &&
    (value["variant"] === undefined || typeof value["variant"] === "string")
  );
}
