import { lstat, mkdir, realpath, rename, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { isMissingFile } from "../../base/system-error.ts";
import { bytesOfMessage } from "../../grpc/bytes-message.ts";
import { grpcCode } from "../../grpc/grpc-code.ts";
import { GrpcError } from "../../grpc/grpc-error.ts";
import type { RawServerCall } from "../../grpc/grpc-service.ts";
import { syncDirectory } from "../../oci/sync-directory.ts";
import { createFileSink, type FileSink } from "./file-sink.ts";
import { writeError } from "./write-error.ts";

/**
 * Writes the bytes of a call to the file at absolute `path`, which is not touched before all have come and are on disk.
 * Directories above it are made; a link there is followed.
 * @throws HiveError when it can't be written; GrpcError when the call breaks or isn't one of bytes
 */
export async function receiveFile(call: RawServerCall, path: string): Promise<void> {
  const target = await targetOf(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}`);
  try {
    const sink = await createFileSink(temporary);
    try {
      await pour(call, sink);
      await sink.finish();
    } finally {
      await sink.close();
    }
    await rename(temporary, target);
    await syncDirectory(dirname(target));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error instanceof GrpcError ? error : writeError(path, error);
  }
}

/** @throws GrpcError of the call, the sink's first error */
async function pour(call: RawServerCall, sink: FileSink): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  sink.onFailure = reject;
  sink.onDrain = () => call.messages.resume();
  call.messages.subscribe({
    message(message) {
      const pieces = bytesOfMessage(message);
      if (pieces === undefined) {
        reject(new GrpcError(grpcCode.internal, "something else than bytes came"));
        return;
      }
      let hasRoom = true;
      for (const piece of pieces) hasRoom = sink.write(piece);
      if (!hasRoom) call.messages.pause();
    },
    end: (error) => (error === undefined ? resolve() : reject(error)),
  });
  await promise;
}

/** @throws HiveError for what a file must not replace */
async function targetOf(path: string): Promise<string> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const target = await realpath(path).catch((error: unknown) => {
      if (isMissingFile(error)) return path;
      throw error;
    });
    const found = await lstat(target).catch(() => undefined);
    if (found === undefined || found.isFile() || found.isSymbolicLink()) return target;
    const what = found.isDirectory() ? "a directory" : "no plain file";
    throw new HiveError("usage", `Cannot write "${path}": it is ${what}`, {
      hint: "Name a file that may be replaced, or one that isn't there.",
    });
  } catch (error) {
    throw writeError(path, error);
  }
}
