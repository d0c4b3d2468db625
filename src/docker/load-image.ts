import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { toError } from "../base/to-error.ts";
import { refusalOf } from "./engine-refusal.ts";
import { openEngine } from "./open-engine.ts";
import { progressMessages } from "./progress-messages.ts";

type LoadImageOptions = {
  /** Tells where the engine is, as it tells `docker`. */
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
};

/** Until the engine answers: it takes in the archive before that, however big that is. */
const loadTime = 60 * 60_000;

/**
 * Loads an archive, as `docker load` does, and returns what the engine says it loaded: `base:1.0` or an image id each.
 * The archive is streamed.
 * @param archive A file's path or its bytes.
 * @throws HiveError
 * {@link https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Image/operation/ImageLoad}
 */
export async function loadImage(
  archive: string | AsyncIterable<Uint8Array>,
  { env, signal }: LoadImageOptions,
): Promise<readonly string[]> {
  await using engine = openEngine({ env });
  const source = new ArchiveSource(archive);
  try {
    // The API of an engine without a version in the path is its newest; load has been the same in all.
    const response = await engine.request("/images/load?quiet=1", {
      method: "POST",
      headers: { "Content-Type": "application/x-tar" },
      body: source.stream(),
      signal,
      timeout: loadTime,
    });
    return await loadedNames(response);
  } catch (error) {
    signal?.throwIfAborted();
    // An archive that can't be read breaks the request as well: the cause is what the user needs.
    if (source.error !== undefined) throw source.error;
    if (error instanceof HiveError) throw error;
    throw new HiveError("unreachable", "Cannot load the image: the Docker Engine broke off", {
      cause: error,
      hint: "See whether it still runs; its log may say more.",
    });
  }
}

/** Keeps the error of an archive apart from those of the connection. */
class ArchiveSource {
  readonly #archive: string | AsyncIterable<Uint8Array>;
  error: Error | undefined;

  constructor(archive: string | AsyncIterable<Uint8Array>) {
    this.#archive = archive;
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const archive = this.#archive;
    try {
      yield* typeof archive === "string" ? Bun.file(archive).stream() : archive;
    } catch (error) {
      this.error = toError(error);
      throw error;
    }
  }
}

async function loadedNames(response: Response): Promise<readonly string[]> {
  const body = response.body ?? [];
  if (!response.ok) throw refused((await refusalOf(response)).message);
  const loaded: string[] = [];
  for await (const message of progressMessages(body as AsyncIterable<Uint8Array>)) {
    const problem = message.errorDetail?.message ?? message.error;
    if (problem !== undefined) throw refused(problem);
    const name = /^Loaded image(?: ID)?: (\S+)\s*$/m.exec(message.stream ?? "")?.[1];
    if (name !== undefined) loaded.push(name);
  }
  if (loaded.length === 0) throw refused("the engine did not say that it loaded one");
  return loaded;
}

function refused(reason: string): HiveError {
  return new HiveError("failed", `Cannot load the image: ${reason}`, {
    hint: "The engine's log may say more.",
  });
}
