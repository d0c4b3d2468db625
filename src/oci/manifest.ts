import { isRecord } from "../base/is-record.ts";
import { type Descriptor, parseAnnotations, parseDescriptor } from "./descriptor.ts";
import { requireModestJson } from "./json-shape.ts";
import { isAnyManifestType, isIndexType } from "./media-types.ts";

/**
 * An image manifest or an index, OCI or Docker schema 2: what is in it as far as we need it.
 * The bytes are what counts: a manifest is never written back from this.
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md}
 * {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md}
 */
export type Manifest = ImageManifest | ImageIndex;

export type ImageManifest = ManifestCommon & {
  readonly kind: "image";
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
};

export type ImageIndex = ManifestCommon & {
  readonly kind: "index";
  /** Usually manifests; BuildKit's older cache exports list layers here. */
  readonly manifests: readonly Descriptor[];
};

type ManifestCommon = {
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
};

/**
 * Reads a manifest. `mediaType` is how it was labelled (Content-Type, a descriptor); a `mediaType` in the document
 * must agree with it. A document that could be read both as image and as index is refused (CVE-2021-41190).
 * @throws SyntaxError
 */
export function parseManifest(bytes: Uint8Array, mediaType?: string): Manifest {
  const document = parseJson(bytes);
  const type = manifestType(document, mediaType);
  const common = { mediaType: type, ...parseCommon(document) };
  if (isIndexType(type)) {
    if ("layers" in document || "config" in document) {
      throw new SyntaxError("the index also has the fields of an image manifest");
    }
    return { kind: "index", ...common, manifests: parseDescriptors(document, "manifests") };
  }
  if ("manifests" in document) {
    throw new SyntaxError("the image manifest also has the fields of an index");
  }
  return {
    kind: "image",
    ...common,
    config: parseDescriptor(document["config"], "config"),
    layers: parseDescriptors(document, "layers"),
  };
}

/** Everything a manifest needs to be whole: config and layers, or the children of an index. Not the subject. */
export function manifestContent(manifest: Manifest): readonly Descriptor[] {
  switch (manifest.kind) {
    case "image":
      return [manifest.config, ...manifest.layers];
    case "index":
      return manifest.manifests;
  }
}

/** Bytes of an image as it is transferred: manifest, config and layers, each once. */
export function imageSize(manifest: ImageManifest, manifestSize: number): number {
  const sizes = new Map(manifestContent(manifest).map(({ digest, size }) => [digest, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, manifestSize);
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  requireModestJson(bytes);
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    // Bad UTF-8 ends in a TypeError: to the sender it is all the same.
    throw new SyntaxError("it is not valid JSON", { cause: error });
  }
  if (!isRecord(document)) throw new SyntaxError("it is no JSON object");
  if (document["schemaVersion"] !== 2) throw new SyntaxError("its schemaVersion is not 2");
  return document;
}

function manifestType(document: Record<string, unknown>, labelled: string | undefined): string {
  const written = document["mediaType"];
  if (written !== undefined && typeof written !== "string") {
    throw new SyntaxError("its mediaType is no string");
  }
  if (labelled !== undefined && written !== undefined && labelled !== written) {
    throw new SyntaxError(`its mediaType is ${written}, but it came as ${labelled}`);
  }
  const type = labelled ?? written;
  if (type === undefined) throw new SyntaxError("it has no mediaType");
  if (!isAnyManifestType(type)) {
    throw new SyntaxError(`${type} is no image manifest or index`);
  }
  return type;
}

function parseCommon(document: Record<string, unknown>): Omit<ManifestCommon, "mediaType"> {
  const { artifactType, subject, annotations } = document;
  if (artifactType !== undefined && typeof artifactType !== "string") {
    throw new SyntaxError("its artifactType is no string");
  }
  return {
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(subject === undefined ? {} : { subject: parseDescriptor(subject, "subject") }),
    ...(annotations === undefined ? {} : { annotations: parseAnnotations(annotations, "it") }),
  };
}

function parseDescriptors(
  document: Record<string, unknown>,
  field: "layers" | "manifests",
): readonly Descriptor[] {
  const list = document[field];
  if (!Array.isArray(list)) throw new SyntaxError(`it has no list of ${field}`);
  return list.map((value, index) => parseDescriptor(value, `${field}[${index}]`));
}
