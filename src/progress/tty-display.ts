import type { BuildEvent } from "./event.ts";
import { createLiveView } from "./live-view.ts";
import { renderFailure } from "./render-failure.ts";
import { renderEnd, renderRetry, renderWarning } from "./render-notices.ts";
import type { Clock, Output, Renderer } from "./renderer.ts";
import { createRunState, warningKey, type RunState } from "./run-state.ts";
import type { Look } from "./terminal.ts";
import { renderFrame } from "./tty-frame.ts";

type TtyOptions = {
  readonly look: Look;
  readonly clock: Clock;
  /** Lines of output below the row that runs longest; 6 when absent. */
  readonly logLines?: number | undefined;
};

/** The live view of the whole graph; failures and warnings scroll away above it. */
export function createTtyDisplay(output: Output, options: TtyOptions): Renderer {
  const { look, clock, logLines = 6 } = options;
  const warned = new Set<string>();
  let state: RunState = createRunState();
  const view = createLiveView(output, {
    clock,
    render: (size) => renderFrame(state, { ...size, look, logLines }),
  });

  return {
    onEvent(event, current) {
      state = current;
      if (event.type === "run.end") view.close(renderEnd(current, look));
      else view.update(noticesOf(event, current));
    },
    close: () => view.close(),
  };

  /** What stays on the screen of an event. */
  function noticesOf(event: BuildEvent, current: RunState): string[] {
    if (event.type === "warning" && !warned.has(warningKey(event))) {
      warned.add(warningKey(event));
      return [renderWarning(event, look)];
    }
    if (event.type === "target.retry") return [renderRetry(event, look)];
    if (event.type !== "target.failed" || event.canceled) return [];
    const target = current.targets.get(event.target);
    return target === undefined ? [] : renderFailure(target, event, look);
  }
}
