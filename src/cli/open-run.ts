import type { BuildNode } from "../build/nodes/build-node.ts";
import { runnablePlatforms } from "../buildkit/runnable-platforms.ts";
import { formatPlatform } from "../oci/platform.ts";
import { needsOf } from "../plan/needs-of.ts";
import type { Plan } from "../plan/plan.ts";
import { createDisplay } from "../progress/create-display.ts";
import type { DisplayMode } from "../progress/display-mode.ts";
import type { EventSink, UntimedEvent } from "../progress/event.ts";
import type { RunState } from "../progress/run-state.ts";
import type { App } from "./app.ts";
import { onTerminalRestore } from "./terminal-restore.ts";
import { version } from "./version.ts";

/** A run of builds that is shown on stderr. Disposing gives the terminal back. */
export type Run = Disposable & {
  readonly emit: EventSink;
  readonly state: RunState;
  /** Says that it is over. */
  end(ok: boolean): void;
};

/** Begins to show a run of `plan`. */
export function openRun(
  app: App,
  mode: DisplayMode,
  { plan, nodes }: { readonly plan: Plan; readonly nodes: readonly BuildNode[] },
): Run {
  const { env } = app;
  const display = createDisplay(mode, { output: app.stderr, env, look: app.stderr.look });
  onTerminalRestore(() => display.restore());
  const started = Date.now();
  const emit = (event: UntimedEvent): void => display.onEvent({ time: Date.now(), ...event });
  emit({ type: "run.start", version, root: plan.root });
  for (const { buildkit, platforms } of nodes) {
    const { address, version: ofBuildkit } = buildkit;
    const known = platforms.length > 0 ? platforms : runnablePlatforms(buildkit);
    emit({ type: "connected", address, version: ofBuildkit, platforms: known.map(formatPlatform) });
  }
  emit({
    type: "plan",
    targets: plan.targets.map((target) => ({
      id: target.id,
      reference: target.reference,
      platform: formatPlatform(target.platform),
      needs: [...needsOf(target)],
    })),
  });
  return {
    emit: display.onEvent,
    state: display.state,
    end(ok) {
      emit({ type: "run.end", ok, duration: Date.now() - started });
      onTerminalRestore(undefined);
    },
    [Symbol.dispose]: () => display[Symbol.dispose](),
  };
}
