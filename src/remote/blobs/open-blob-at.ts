import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { AnswerBody } from "../answer-body.ts";
import type { HttpAnswer } from "../exchange.ts";
import { refusal } from "../refusal.ts";
import { type RemoteClient, repositoryPath, repositoryScope } from "../remote-client.ts";

/**
 * Asks for a blob's bytes from `position` on. Always at the registry: where it redirected to may not be good any more.
 * @throws HiveError "unreachable" for what may be better the next time, "failed" for what will not
 */
export async function openBlobAt(
  client: RemoteClient,
  repository: string,
  { digest, size }: Pick<Descriptor, "digest" | "size">,
  position: number,
  signal: AbortSignal | undefined,
): Promise<AnswerBody> {
  const { address, limits } = client.endpoint;
  const { host, origin } = address;
  const action = `read the blob ${digest}`;
  const url = new URL(repositoryPath(repository, `blobs/${digest}`), origin);
  const headers = position === 0 ? {} : { Range: `bytes=${position}-` };
  const answer = await client.authorized(
    { method: "GET", url, headers, limit: limits.errorSize, streamed: [200, 206], signal },
    repositoryScope(repository, "pull"),
  );
  const { status, body } = answer;
  if (body === undefined) {
    const error = refusal(host, action, answer);
    // Storage that a registry redirects to forgets what it was asked by: the registry knows better.
    if (answer.url.origin === origin) throw error;
    throw new HiveError("unreachable", error.message, { hint: error.hint });
  }
  const problem =
    status === 206 ? rangeProblem(answer, position, size) : lengthProblem(answer, size);
  if (problem !== undefined) {
    body.cancel();
    throw new HiveError("failed", `Cannot ${action} on ${host}: ${problem}`, {
      hint: "Its descriptor is wrong, or the content is damaged there or on the way.",
    });
  }
  return status === 200 && position > 0 ? await withoutFirst(body, position) : body;
}

function rangeProblem({ headers }: HttpAnswer, position: number, size: number): string | undefined {
  const text = headers.get("content-range") ?? "";
  const [, first, total = "*"] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/i.exec(text) ?? [];
  if (Number(first) !== position) return `it sent another part than from byte ${position} on`;
  return total === "*" || Number(total) === size ? undefined : `it has ${total} bytes, not ${size}`;
}

function lengthProblem({ headers }: HttpAnswer, size: number): string | undefined {
  const length = headers.get("content-length");
  return length === null || Number(length) === size
    ? undefined
    : `it has ${length} bytes, not ${size}`;
}

/** The bytes from `position` on of an answer that has them all: who ignores `Range` sends them again. */
async function withoutFirst(body: AnswerBody, position: number): Promise<AnswerBody> {
  let first: Uint8Array | undefined = new Uint8Array();
  for (let skipped = 0; skipped < position && first !== undefined;) {
    first = await body.read();
    const excess: number = skipped + (first?.byteLength ?? 0) - position;
    skipped += first?.byteLength ?? 0;
    if (excess > 0) first = first?.subarray(-excess);
    else if (excess === 0) first = new Uint8Array();
  }
  return {
    async read() {
      const chunk = first;
      first = new Uint8Array();
      if (chunk === undefined) return undefined;
      return chunk.byteLength > 0 ? chunk : await body.read();
    },
    cancel: () => body.cancel(),
  };
}
