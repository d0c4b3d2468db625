import type { Environment } from "../../base/environment.ts";
import { createDemultiplexer } from "../../docker/demultiplexer.ts";
import { engineOf, refusal } from "./container-engine.ts";
import type { DaemonContainer } from "../daemon-state.ts";

type LogOptions = {
  readonly env: Environment;
  /** How many lines from the end. */
  readonly lines: number;
  readonly follow?: boolean;
  readonly signal: AbortSignal;
};

/** What the daemon in a container says, piece by piece. @throws HiveError */
export async function* containerLog(
  container: DaemonContainer,
  { env, lines, follow = false, signal }: LogOptions,
): AsyncGenerator<string> {
  await using engine = engineOf(container, env);
  const query = `stdout=1&stderr=1&tail=${lines}&follow=${follow ? 1 : 0}`;
  const response = await engine.request(`/containers/${container.name}/logs?${query}`, { signal });
  if (!response.ok) throw await refusal(response, "read the log of BuildKit's container");
  const decoder = new TextDecoder();
  let text = "";
  const take = (bytes: Uint8Array): void => {
    text += decoder.decode(bytes, { stream: true });
  };
  const demultiplex = createDemultiplexer({ stdout: take, stderr: take });
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    demultiplex(chunk);
    yield text;
    text = "";
  }
}
