import { setTimeout as sleep } from "node:timers/promises";
import { errorMessage } from "../base/error-message.ts";
import { isRecord } from "../base/is-record.ts";
import { systemErrorCode } from "../base/system-error.ts";
import type { VaultSettings } from "./vault-settings.ts";

/** The fields of a secret in a Vault. */
export type VaultFields = Readonly<Record<string, unknown>>;

/** Why a path can't be read, as a reason without any token or value. */
export class VaultError extends Error {
  override readonly name = "VaultError";
}

export type ReadVaultOptions = {
  readonly signal: AbortSignal;
  /** Milliseconds for one answer. Default: 10 s. */
  readonly timeout?: number;
  /** Milliseconds until a failed request is made once more. Default: 1 s. */
  readonly pause?: number;
};

const usualTimeout = 10_000;
const usualPause = 1_000;
/** A secret may have 1 MiB in Vault's own storage. */
const longestAnswer = 2 * 1024 * 1024;

type Json = Readonly<Record<string, unknown>>;
type Answer = { readonly status: number; readonly body: Json };

/**
 * Reads the secret at `path`, mount included, of a key-value engine of either version. Which one it is the mount tells;
 * a token that may not ask for that reads as from version 1, and as from version 2 when the server says that it is one.
 * {@link https://developer.hashicorp.com/vault/api-docs/secret/kv}
 * @throws VaultError; the signal's reason when it aborts
 */
export async function readVault(
  path: string,
  settings: VaultSettings,
  options: ReadVaultOptions,
): Promise<VaultFields> {
  const get = (api: string): Promise<Answer> => request(api, settings, options);
  const mount = await get(`sys/internal/ui/mounts/${path}`);
  if (mount.status === 200) {
    const { path: prefix, options: engine } = record(mount.body["data"]);
    const isSecond = record(engine)["version"] === "2";
    return fieldsOf(await get(isSecond ? dataPath(path, lengthOf(prefix)) : path), isSecond);
  }
  const first = await get(path);
  if (first.status !== 404) return fieldsOf(first, isVersionTwo(first.body));
  return fieldsOf(await get(dataPath(path, path.indexOf("/") + 1)), true);
}

/** `kv/app` is `kv/data/app` in version 2's API; who wrote that has done it already. */
function dataPath(path: string, mountLength: number): string {
  const below = path.slice(mountLength);
  return below.startsWith("data/") ? path : `${path.slice(0, mountLength)}data/${below}`;
}

function lengthOf(value: unknown): number {
  return typeof value === "string" ? value.length : 0;
}

function fieldsOf({ status, body }: Answer, isSecond: boolean): VaultFields {
  if (status === 404) throw new VaultError("there is nothing at this path");
  if (status === 403) throw new VaultError("the token is not valid, or may not read this path");
  if (status !== 200) throw new VaultError(`the server answered ${status}`);
  const data = isSecond ? record(body["data"])["data"] : body["data"];
  if (typeof data === "object" && data !== null) return record(data);
  throw new VaultError("the server's answer has no data; it may have been deleted");
}

// Whoever asked version 2's own path gets data beside metadata.
function isVersionTwo(body: Json): boolean {
  const data = record(body["data"]);
  return typeof data["data"] === "object" && typeof data["metadata"] === "object";
}

async function request(
  api: string,
  settings: VaultSettings,
  options: ReadVaultOptions,
): Promise<Answer> {
  const answer = await requestOnce(api, settings, options);
  if (answer.status < 500 && answer.status !== 429) return answer;
  const { pause = usualPause, signal } = options;
  await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  return await requestOnce(api, settings, options);
}

async function requestOnce(
  api: string,
  { address, token, namespace, authorities }: VaultSettings,
  { signal, timeout = usualTimeout }: ReadVaultOptions,
): Promise<Answer> {
  const late = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(
      `${address}/v1/${api.split("/").map(encodeURIComponent).join("/")}`,
      {
        headers: {
          "X-Vault-Token": token,
          "X-Vault-Request": "true",
          ...(namespace === undefined ? {} : { "X-Vault-Namespace": namespace }),
        },
        // The token is for this server alone.
        redirect: "manual",
        signal: AbortSignal.any([signal, late]),
        ...(authorities === undefined ? {} : { tls: { ca: authorities } }),
      },
    );
    return { status: response.status, body: await readJson(response) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof VaultError) throw error;
    if (late.aborted) throw new VaultError(`no answer within ${timeout / 1000} s`);
    throw new VaultError(
      `cannot reach the server: ${systemErrorCode(error) ?? errorMessage(error)}`,
    );
  }
}

async function readJson(response: Response): Promise<Json> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > longestAnswer) throw new VaultError("the server's answer is too long");
    chunks.push(chunk);
  }
  try {
    return record(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  } catch {
    // An error page of something in between; the status tells enough.
    if (response.status !== 200) return {};
    // Not the parser's message: it quotes the answer.
    throw new VaultError("the server's answer is no JSON");
  }
}

function record(value: unknown): Json {
  return isRecord(value) ? value : {};
}
