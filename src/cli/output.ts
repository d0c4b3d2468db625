import { systemErrorCode } from "../base/system-error.ts";

const pending = new Set<Promise<void>>();

/** Writes to a standard stream. That its reader has gone is no error of ours, and nobody is left to tell. */
export function writeTo(stream: NodeJS.WriteStream, text: string): void {
  const { promise, resolve } = Promise.withResolvers<void>();
  pending.add(promise);
  const done = (error?: Error | null): void => {
    pending.delete(promise);
    resolve();
    if (error) ignoreBrokenPipe(error);
  };
  // Without a listener a broken pipe would end the process with a stack.
  if (stream.listenerCount("error") === 0) stream.on("error", ignoreBrokenPipe);
  try {
    stream.write(text, done);
  } catch (error) {
    done(error as Error);
  }
}

/** Resolves when everything written so far is out: a slow reader of a pipe gets all of it before the process ends. */
export async function outputWritten(): Promise<void> {
  await Promise.all(pending);
}

function ignoreBrokenPipe(error: unknown): void {
  if (systemErrorCode(error) !== "EPIPE") throw error;
}
