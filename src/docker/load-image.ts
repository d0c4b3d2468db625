import { HiveError } from "../base/hive-error.ts";
import { type EngineAddress, formatEngineAddress, parseEngineAddress } from "./engine-address.ts";
import { engineErrorText } from "./engine-answer.ts";
import { progressMessages } from "./progress-messages.ts";

type LoadImageOptions = {
  /** `unix:///path` or `tcp://host:port`. Default: `$DOCKER_HOST`, then the engine of this machine. */
  readonly host?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Loads an archive, as `docker load` does, and returns what the engine says it loaded: `base:1.0` or an image id each.
 * The archive is streamed.
 * @param archive A file's path or its bytes.
 * @throws HiveError
 * {@link https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Image/operation/ImageLoad}
 */
export async function loadImage(
  archive: string | AsyncIterable<Uint8Array>,
  options: LoadImageOptions = {},
): Promise<readonly string[]> {
  const address = parseEngineAddress(options.host ?? process.env["DOCKER_HOST"]);
  const source = new ArchiveSource(archive);
  try {
    const response = await post(address, source.stream(), options.signal);
    return await readAnswer(response);
  } catch (error) {
    options.signal?.throwIfAborted();
    // An archive that can't be read breaks the request as well: the cause is what the user needs.
    if (source.error !== undefined) throw source.error;
    if (error instanceof HiveError) throw error;
    throw unreachable(address, error);
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
      this.error = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }
}

async function post(
  address: EngineAddress,
  body: AsyncGenerator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  // The API of an engine without a version in the path is its newest; load has been the same in all.
  const host = address.kind === "tcp" ? address.host : "docker";
  return await fetch(`http://${host}/images/load?quiet=1`, {
    method: "POST",
    headers: { "Content-Type": "application/x-tar" },
    body,
    redirect: "error",
    ...(address.kind === "unix" ? { unix: address.path } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function readAnswer(response: Response): Promise<readonly string[]> {
  const body = response.body ?? [];
  if (!response.ok)
    throw refused(`the engine answered ${response.status}`, await engineErrorText(response));
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

function refused(reason: string, detail?: string): HiveError {
  const more = detail === undefined || detail === "" ? "" : `: ${detail}`;
  return new HiveError("failed", `Cannot load the image: ${reason}${more}`, {
    hint: "The engine's log may say more.",
  });
}

function unreachable(address: EngineAddress, cause: unknown): HiveError {
  const where = formatEngineAddress(address);
  return new HiveError("unreachable", `Cannot reach the Docker Engine at ${where}`, {
    cause,
    hint: "Start Docker, or set DOCKER_HOST to the engine's address; on Linux your user must be in the group that may use the socket.",
  });
}
