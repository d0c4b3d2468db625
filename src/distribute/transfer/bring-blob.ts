import type { Descriptor } from "../../oci/descriptor.ts";
import type { BlobOutcome } from "../../progress/transfer/transfer-event.ts";
import { ask, type ImageRun, placeOf, wayOf } from "./transfer-run.ts";

/** Repositories that are tried for a mount: each that does not have it costs a request, and one to clear up. */
const mountTries = 4;

/** Milliseconds between two events of how far a blob is. */
const progressInterval = 100;

/**
 * Has a blob in the repository that an image goes to: it is there, another repository there has it, or it is sent. Once in a
 * run, however many images want it.
 * @throws HiveError
 */
export async function bringBlob(image: ImageRun, descriptor: Descriptor): Promise<void> {
  const { run, transfer, bytes, id } = image;
  const { dryRun } = run.options;
  const emit = dryRun ? () => undefined : run.options.emit;
  const { digest, size } = descriptor;
  const { value, own } = await run.blobs.once(
    placeOf(transfer, digest),
    wayOf(transfer),
    async () => {
      emit({ type: "blob.found", image: id, digest, size });
      const how = await fetchBlob(image, descriptor);
      emit({ type: "blob.done", image: id, digest, how });
      return how;
    },
  );
  bytes[own ? value : "there"] += size;
}

async function fetchBlob(image: ImageRun, descriptor: Descriptor): Promise<BlobOutcome> {
  const { run, transfer } = image;
  const { destination, to } = transfer;
  const holding = `${destination.origin} ${descriptor.digest}`;
  if (await ask(run, () => destination.hasBlob(to.repository, descriptor))) {
    if (!run.holders.has(holding)) run.holders.set(holding, Promise.resolve(to.repository));
    return "there";
  }
  // Its bytes go to a registry once: who comes second waits, and mounts.
  while (!run.unmounting.has(destination.origin)) {
    const holder = run.holders.get(holding);
    if (holder === undefined) return await holdWhile(image, holding, () => move(image, descriptor));
    const repository = await holder.catch(() => undefined);
    if (repository === undefined) continue;
    if (run.options.dryRun || (await mount(image, descriptor, repository))) return "mounted";
    run.unmounting.add(destination.origin);
  }
  return await send(image, descriptor);
}

/** Others that want the blob at this destination wait for the outcome; after a failure the next one of them tries. */
async function holdWhile(
  { run, transfer }: ImageRun,
  holding: string,
  action: () => Promise<BlobOutcome>,
): Promise<BlobOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  promise.catch(() => undefined);
  run.holders.set(holding, promise);
  try {
    const how = await action();
    resolve(transfer.to.repository);
    return how;
  } catch (error) {
    run.holders.delete(holding);
    reject(error);
    throw error;
  }
}

async function move(image: ImageRun, descriptor: Descriptor): Promise<BlobOutcome> {
  const { source, from, destination, to, mountFrom = [] } = image.transfer;
  const isSame = source.registry?.origin === destination.origin;
  const known = [...(isSame ? [from.repository] : []), ...mountFrom];
  const candidates = [...new Set(known)].filter((name) => name !== to.repository);
  for (const repository of candidates.slice(0, mountTries)) {
    if (await mount(image, descriptor, repository)) return "mounted";
  }
  return await send(image, descriptor);
}

async function mount(
  { run, transfer }: ImageRun,
  descriptor: Descriptor,
  from: string,
): Promise<boolean> {
  const { destination, to } = transfer;
  return await ask(run, () =>
    run.options.dryRun
      ? destination.hasBlob(from, descriptor)
      : destination.mountBlob(to.repository, descriptor, from),
  );
}

async function send(image: ImageRun, descriptor: Descriptor): Promise<BlobOutcome> {
  const { run, transfer, id } = image;
  const { source, from, destination, to } = transfer;
  const { emit, signal, dryRun } = run.options;
  const { digest, size } = descriptor;
  if (dryRun) return "sent";
  using _permit = await run.moves.acquire(signal, size);
  const open = source.openBlob(from.repository, descriptor, signal);
  emit({ type: "blob.start", image: id, digest, size });
  let told = 0;
  const onBytes = (sent: number): void => {
    const now = performance.now();
    if (now - told < progressInterval) return;
    told = now;
    emit({ type: "blob.progress", digest, sent });
  };
  // Of a damaged source it should not be the destination that says so.
  const onRefused = (): Promise<void> => source.checkBlob(from.repository, descriptor, signal);
  await destination.writeBlob(to.repository, descriptor, open, { onBytes, onRefused, signal });
  return "sent";
}
