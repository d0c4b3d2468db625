import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { isRecord } from "../base/is-record.ts";
import { searchPath } from "../base/search-path.ts";
import type { RemoteCredential } from "../remote/credential.ts";
import { withoutSecrets } from "./secret-variables.ts";

export type HelperOptions = {
  readonly env: Environment;
  /** Milliseconds for a helper to answer in. Default: a minute, as a keychain may ask a person. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

const usualTimeout = 60_000;

/** Bytes. More is no credential. */
const answerLimit = 1024 * 1024;

/** The program that `pass` in config.json stands for. */
export function helperProgram(helper: string): string {
  return `docker-credential-${helper}`;
}

/**
 * What a helper has for a key; undefined when it has nothing.
 * {@link https://github.com/docker/docker-credential-helpers#development}
 * @throws HiveError "unauthorized"; no error holds what the helper printed, or a secret
 */
export async function askHelper(
  helper: string,
  key: string,
  options: HelperOptions,
): Promise<RemoteCredential | undefined> {
  const failed = (reason: string): HiveError => helperFailed("get", helper, key, reason);
  const { code, output } = await runHelper(helper, "get", key, failed, options);
  if (code !== 0) {
    if (saysNotFound(output)) return undefined;
    throw failed(`it ended with ${code}`);
  }
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    // Not the parser's message: it quotes the answer.
  }
  if (!isRecord(answer)) throw failed("its answer is no JSON");
  const { Username: username, Secret: secret } = answer;
  if (typeof secret !== "string" || secret === "") return undefined;
  const hasName = typeof username === "string" && username !== "<token>";
  return { username: hasName ? username : "", secret };
}

/** Has a helper keep a credential. @throws HiveError "failed"; no error holds what the helper printed, or a secret */
export async function storeWithHelper(
  helper: string,
  key: string,
  credential: { readonly username: string; readonly secret: string },
  options: HelperOptions,
): Promise<void> {
  const failed = (reason: string): HiveError => helperFailed("store", helper, key, reason);
  const input = JSON.stringify({
    ServerURL: key,
    Username: credential.username === "" ? "<token>" : credential.username,
    Secret: credential.secret,
  });
  const { code } = await runHelper(helper, "store", input, failed, options);
  if (code !== 0) throw failed(`it ended with ${code}`);
}

/** Has a helper forget what it has for a key. @throws HiveError "failed" */
export async function eraseWithHelper(
  helper: string,
  key: string,
  options: HelperOptions,
): Promise<void> {
  const failed = (reason: string): HiveError => helperFailed("erase", helper, key, reason);
  const { code, output } = await runHelper(helper, "erase", key, failed, options);
  if (code !== 0 && !saysNotFound(output)) throw failed(`it ended with ${code}`);
}

function saysNotFound(output: string): boolean {
  return /credentials not found/i.test(output);
}

// Keychains do not like to be asked all at once.
let last: Promise<unknown> = Promise.resolve();

async function runHelper(
  helper: string,
  action: Action,
  input: string,
  failed: (reason: string) => HiveError,
  options: HelperOptions,
): Promise<Answer> {
  const answer = last
    .catch(() => undefined)
    .then(async () => await runNow(helper, action, input, failed, options));
  last = answer;
  return await answer;
}

type Answer = { readonly code: number; readonly output: string };

async function runNow(
  helper: string,
  action: Action,
  input: string,
  failed: (reason: string) => HiveError,
  { env, timeout = usualTimeout, signal }: HelperOptions,
): Promise<Answer> {
  signal?.throwIfAborted();
  const path = /^[\w.-]+$/.test(helper)
    ? Bun.which(helperProgram(helper), { PATH: searchPath(env) })
    : null;
  if (path === null) throw failed("it is not on PATH");
  const child = Bun.spawn([path, action], {
    env: withoutSecrets(env),
    stdin: new TextEncoder().encode(input),
    stdout: "pipe",
    stderr: "ignore",
  });
  // Not the end of the child alone: what it started may hold its standard output open for longer.
  using end = new DisposableStack();
  const over = new AbortController();
  end.defer(() => over.abort());
  const late = sleep(timeout, undefined, { signal: over.signal }).then(() => {
    throw failed(`no answer within ${timeout / 1000} s`);
  });
  const broken = Promise.withResolvers<never>();
  const interrupt = (): void => broken.reject(signal?.reason);
  signal?.addEventListener("abort", interrupt, { once: true });
  end.defer(() => signal?.removeEventListener("abort", interrupt));
  const answer = (async () => {
    const output = await readOutput(child.stdout, failed);
    return { code: await child.exited, output };
  })();
  try {
    return await Promise.race([answer, late, broken.promise]);
  } catch (error) {
    child.kill("SIGKILL");
    // Whoever still holds its output is not waited for.
    child.unref();
    throw error;
  }
}

async function readOutput(
  stream: ReadableStream<Uint8Array>,
  failed: (reason: string) => HiveError,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > answerLimit) throw failed("its answer is too long");
  }
  return Buffer.concat(chunks).toString("utf8");
}

type Action = "get" | "store" | "erase";

const actions: Readonly<Record<Action, string>> = {
  get: "get credentials from",
  store: "store credentials with",
  erase: "erase credentials with",
};

function helperFailed(action: Action, helper: string, key: string, reason: string): HiveError {
  return new HiveError(
    action === "get" ? "unauthorized" : "failed",
    `Cannot ${actions[action]} ${helperProgram(helper)} for "${key}": ${reason}`,
    { hint: "Install the helper, or remove it from config.json." },
  );
}
