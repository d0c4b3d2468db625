import { HiveError } from "../base/hive-error.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { refusalOf } from "./engine-refusal.ts";
import type { Engine } from "./engine.ts";
import { progressMessages } from "./progress-messages.ts";

/** A name in the engine: `127.0.0.1:5000/base` and `1.0`. */
export type EngineName = { readonly repository: string; readonly tag: string };

type PushOptions = {
  /** What the engine shows to the registry. */
  readonly credential?: { readonly username: string; readonly secret: string } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a word from the engine. Default: two minutes. */
  readonly silence?: number;
};

const usualSilence = 120_000;

/**
 * Has the engine push an image to the registry that its name begins with, as `docker push` does.
 * @returns the digest of its manifest there
 * @throws HiveError "failed" with the engine's words, "unreachable"; the signal's reason
 * {@link https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Image/operation/ImagePush}
 */
export async function pushImage(
  engine: Engine,
  { repository, tag }: EngineName,
  { credential, signal, silence = usualSilence }: PushOptions = {},
): Promise<Digest> {
  const silent = new AbortController();
  const giveUp = (): void => silent.abort(new DOMException("", "TimeoutError"));
  const timer = setTimeout(giveUp, silence);
  const name = `${repository}:${tag}`;
  try {
    const response = await engine.request(
      `/images/${repository}/push?tag=${encodeURIComponent(tag)}`,
      {
        method: "POST",
        headers: { "X-Registry-Auth": authHeader(credential) },
        signal: signal === undefined ? silent.signal : AbortSignal.any([signal, silent.signal]),
        timeout: silence,
      },
    );
    if (!response.ok) throw refused(name, (await refusalOf(response)).message);
    let digest: string | undefined;
    for await (const message of progressMessages(
      (response.body ?? []) as AsyncIterable<Uint8Array>,
    )) {
      timer.refresh();
      const problem = message.errorDetail?.message ?? message.error;
      if (problem !== undefined) throw refused(name, problem);
      digest = message.aux?.Digest ?? digest;
    }
    if (digest === undefined || !isDigest(digest)) {
      throw refused(name, "it did not say what it pushed");
    }
    return digest;
  } catch (error) {
    signal?.throwIfAborted();
    if (silent.signal.aborted) throw refused(name, `nothing came for ${silence / 1000} s`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The engine wants one also for a registry without users. Without the padding it takes it for none. */
function authHeader(credential: PushOptions["credential"]): string {
  const auth =
    credential === undefined ? {} : { username: credential.username, password: credential.secret };
  const text = Buffer.from(JSON.stringify(auth)).toString("base64");
  return text.replaceAll("+", "-").replaceAll("/", "_");
}

function refused(name: string, reason: string): HiveError {
  return new HiveError("failed", `The Docker Engine cannot push ${name}: ${reason}`);
}
