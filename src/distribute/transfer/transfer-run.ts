import { Semaphore } from "../../base/semaphore.ts";
import type { Digest } from "../../oci/digest.ts";
import type { BlobOutcome } from "../../progress/transfer/transfer-event.ts";
import { createFlights, type Flights } from "./flights.ts";
import type { ImageTransfer } from "./image-transfer.ts";
import type { TransferOptions } from "./transfer-images.ts";

/** What the images of a run share, so that each thing is done once. */
export type TransferRun = {
  readonly options: TransferOptions;
  /** For all that is small and quick: questions, manifests, mounts. */
  readonly requests: Semaphore;
  /** For blobs that move, the big ones first. */
  readonly moves: Semaphore;
  /** By destination, repository and digest. */
  readonly blobs: Flights<BlobOutcome>;
  /** The same of manifests with what they list. */
  readonly manifests: Flights<void>;
  /** Who brings a blob to a destination, by that and its digest: the repository, once it has it. */
  readonly holders: Map<string, Promise<string>>;
  /** Destinations that were asked to mount what one of their repositories has, and did not. */
  readonly unmounting: Set<string>;
  /**
   * Repositories of destinations that had not got the image that was looked for last: the next one is read at once, and is
   * not looked for under other tags. A guess, which costs a question where it is wrong.
   */
  readonly lacking: Set<string>;
};

/** One image on its way. */
export type ImageRun = {
  readonly run: TransferRun;
  readonly transfer: ImageTransfer;
  /** In events. */
  readonly id: string;
  readonly bytes: Record<BlobOutcome, number>;
  /** Manifests that it led to so far. */
  manifests: number;
};

/** Requests at a time, over all registries of a run: what they take of one client without a word. */
const requestsAtATime = 16;

export function createTransferRun(options: TransferOptions): TransferRun {
  return {
    options,
    requests: new Semaphore(requestsAtATime),
    moves: new Semaphore(options.parallel),
    blobs: createFlights(),
    manifests: createFlights(),
    holders: new Map(),
    unmounting: new Set(),
    lacking: new Set(),
  };
}

/** A request that is small and quick, when its turn comes. */
export async function ask<T>(
  { requests, options }: TransferRun,
  request: () => Promise<T>,
): Promise<T> {
  using _permit = await requests.acquire(options.signal);
  return await request();
}

/** The repository of all registries that an image goes to. */
export function repositoryOf({ destination, to }: ImageTransfer): string {
  return `${destination.origin} ${to.repository}`;
}

/** Where in all registries a blob or manifest of the image goes. */
export function placeOf(transfer: ImageTransfer, digest: Digest): string {
  return `${repositoryOf(transfer)} ${digest}`;
}

/** Where its content comes from: after a failure another way may still do. */
export function wayOf({ source, from }: ImageTransfer): string {
  return `${source.registry?.origin ?? source.name} ${from.repository}`;
}
