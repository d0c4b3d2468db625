import { didYouMean } from "../base/closest.ts";
import { HiveError } from "../base/hive-error.ts";
import { printable } from "../base/printable.ts";
import { shellWord } from "../base/shell-word.ts";
import type { Engine } from "./engine.ts";
import type { EngineRefusal } from "./engine-refusal.ts";
import { readJsonAnswer } from "./read-answer.ts";

type Wanted = {
  readonly container: string;
  /** What people type to talk to this engine: `docker`, `podman`, `docker --context build`. */
  readonly client: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each of the engine's answers. */
  readonly timeout: number;
};

/**
 * Why nothing can be run in a container that is to hold BuildKit, and what to do about it.
 * @param cause what the engine answered to the wish
 * @throws HiveError "unreachable" when the engine itself is gone; the signal's reason
 */
export async function explainContainer(
  engine: Engine,
  wanted: Wanted,
  cause: EngineRefusal,
): Promise<HiveError> {
  const { client, container } = wanted;
  const name = shellWord(container);
  if (cause.status === 404) {
    const message = `there is no container "${printable(container)}" at ${engine.address}`;
    return new HiveError("unreachable", message, {
      cause,
      hint: await whichThereAre(engine, wanted),
    });
  }
  const state = await stateOf(engine, wanted);
  const of = `the container "${printable(container)}"`;
  if (state?.Paused === true) {
    const hint = `Let it go on: ${client} unpause ${name}`;
    return new HiveError("unreachable", `${of} is paused`, { cause, hint });
  }
  if (state?.Restarting === true) {
    const hint = `It may not be able to start, see ${client} logs ${name}`;
    return new HiveError("unreachable", `${of} is being restarted`, { cause, hint });
  }
  if (state?.Running === false) {
    const hasRun = state.Status !== "created" && state.ExitCode !== undefined;
    const code = hasRun ? `, and ended with ${state.ExitCode}` : "";
    const hint = `Start it: ${client} start ${name}`;
    return new HiveError("unreachable", `${of} does not run${code}`, { cause, hint });
  }
  return new HiveError("unreachable", `${of}: ${cause.message}`, {
    cause,
    hint: `See what ${client} exec ${name} buildctl debug workers says.`,
  });
}

type State = {
  readonly Status?: string;
  readonly Running?: boolean;
  readonly Paused?: boolean;
  readonly Restarting?: boolean;
  readonly ExitCode?: number;
};

async function stateOf(
  engine: Engine,
  { container, signal, timeout }: Wanted,
): Promise<State | undefined> {
  const path = `/containers/${encodeURIComponent(container)}/json`;
  const response = await engine.request(path, { signal, timeout });
  if (!response.ok) return undefined;
  const { State: state } = (await readJsonAnswer(response)) as { readonly State?: State };
  return state;
}

/** The containers that could be meant: those that hold BuildKit, whatever they are called. */
async function whichThereAre(
  engine: Engine,
  { container, client, signal, timeout }: Wanted,
): Promise<string> {
  const response = await engine.request("/containers/json", { signal, timeout });
  const listed = response.ok ? await readJsonAnswer(response) : [];
  const running = Array.isArray(listed) ? (listed as readonly Listed[]) : [];
  const names = running
    .filter(({ Image: image }) => /buildkit/i.test(image ?? ""))
    .flatMap(({ Names: all }) => all?.[0]?.replace(/^\//, "") ?? [])
    .map(printable);
  if (names.length === 0) {
    return `No container of BuildKit runs there. Start one: ${client} run -d --privileged --name ${shellWord(container)} moby/buildkit`;
  }
  // A builder of buildx has its container called after itself.
  const ofBuilder = names.find((name) => name === `buildx_buildkit_${container}0`);
  const meant =
    ofBuilder === undefined ? didYouMean(container, names) : `did you mean "${ofBuilder}"?`;
  const all = names.length > shown ? `${names.slice(0, shown).join(", ")}, ...` : names.join(", ");
  return `${meant === undefined ? "" : `D${meant.slice(1)} `}BuildKit runs in: ${all}.`;
}

type Listed = { readonly Names?: readonly string[]; readonly Image?: string };

const shown = 10;
