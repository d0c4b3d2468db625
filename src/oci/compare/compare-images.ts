import { isRecord } from "../../base/is-record.ts";
import { type BlobStore, readBlob } from "../blob-store.ts";
import type { Descriptor } from "../descriptor.ts";
import type { Digest } from "../digest.ts";
import { type ImageManifest, parseManifest } from "../manifest.ts";
import { compareLayers, type CompareOptions, type EntryDifference } from "./compare-layers.ts";
import { type FieldDifference, firstDifference } from "./first-difference.ts";
import { layerStream } from "./layer-stream.ts";

/** The first thing in which two images differ. */
export type ImageDifference =
  | {
      readonly where: "layer";
      /** From 1, of `layers`. */
      readonly layer: number;
      readonly layers: number;
      /** What made the layer, as the image's history has it. */
      readonly step?: string;
      /** Absent when all entries are the same: then it is how they are packed. */
      readonly entry?: EntryDifference;
    }
  | ({ readonly where: "config" | "manifest" } & FieldDifference);

/** An image in a store. */
export type ImagePlace = { readonly blobs: BlobStore; readonly digest: Digest };

const documentLimit = 4 * 1024 * 1024;

/**
 * Finds the first difference of two images: of their layers before all else, for a layer changes what stands in config and
 * manifest. Undefined when they have one digest, or differ in nothing but times where these do not count.
 * @throws SyntaxError, ContentMismatch when one is damaged
 */
export async function compareImages(
  first: ImagePlace,
  second: ImagePlace,
  { times = true }: CompareOptions = {},
): Promise<ImageDifference | undefined> {
  if (first.digest === second.digest) return undefined;
  const [a, b] = await Promise.all([readImage(first), readImage(second)]);
  const layers = Math.max(a.manifest.layers.length, b.manifest.layers.length);
  for (let index = 0; index < layers; index++) {
    const [one, other] = [a.manifest.layers[index], b.manifest.layers[index]];
    if (one?.digest === other?.digest) continue;
    const step = stepsOf(a.config)[index] ?? stepsOf(b.config)[index];
    const entry = await compareBlobs([first, one], [second, other], { times });
    if (!times && entry === undefined && one !== undefined && other !== undefined) continue;
    return {
      where: "layer",
      layer: index + 1,
      layers,
      ...(step === undefined ? {} : { step }),
      ...(entry === undefined ? {} : { entry }),
    };
  }
  const config = times
    ? firstDifference(a.config, b.config)
    : firstDifference(withoutTimes(a.config), withoutTimes(b.config));
  if (config !== undefined) return { where: "config", ...config };
  // What else it has are the digests of what was compared.
  if (!times) return undefined;
  const manifest = firstDifference(a.document, b.document);
  return { where: "manifest", ...(manifest ?? { field: "bytes", first: "", second: "" }) };
}

async function compareBlobs(
  [first, one]: readonly [ImagePlace, Descriptor | undefined],
  [second, other]: readonly [ImagePlace, Descriptor | undefined],
  options: CompareOptions,
): Promise<EntryDifference | undefined> {
  if (one === undefined || other === undefined) return undefined;
  const [a, b] = [first.blobs.find(one.digest), second.blobs.find(other.digest)];
  if (a === undefined || b === undefined) {
    throw new SyntaxError(`layer ${one.digest} or ${other.digest} is not there`);
  }
  return await compareLayers(layerStream(a, one), layerStream(b, other), options);
}

type Image = {
  readonly manifest: ImageManifest;
  readonly document: unknown;
  readonly config: unknown;
};

async function readImage({ blobs, digest }: ImagePlace): Promise<Image> {
  const bytes = await readBlob(blobs, digest, documentLimit);
  if (bytes === undefined) throw new SyntaxError(`image ${digest} is not there`);
  const manifest = parseManifest(bytes);
  if (manifest.kind !== "image") throw new SyntaxError(`${digest} is no image`);
  const config = await readBlob(blobs, manifest.config.digest, documentLimit);
  if (config === undefined) throw new SyntaxError(`config ${manifest.config.digest} is not there`);
  return { manifest, document: parse(bytes), config: parse(config) };
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** A config less its times, and the digests of layers, in which there are times. */
function withoutTimes(config: unknown): unknown {
  if (!isRecord(config)) return config;
  const { created: _created, rootfs: _rootfs, history, ...rest } = config;
  const steps = Array.isArray(history)
    ? history.map((step: unknown) => (isRecord(step) ? { ...step, created: undefined } : step))
    : history;
  return { ...rest, history: steps };
}

/** What made each layer: the history without the steps that made none. */
function stepsOf(config: unknown): (string | undefined)[] {
  const history = isRecord(config) && Array.isArray(config["history"]) ? config["history"] : [];
  return history
    .filter((step: unknown) => isRecord(step) && step["empty_layer"] !== true)
    .map((step: unknown) => {
      const text = isRecord(step) ? step["created_by"] : undefined;
      return typeof text === "string" ? text : undefined;
    });
}
