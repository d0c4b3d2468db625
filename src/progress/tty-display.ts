import { spinnerPeriod } from "./describe-target.ts";
import type { BuildEvent } from "./event.ts";
import { createLiveRegion } from "./live-region.ts";
import { renderFailure } from "./render-failure.ts";
import { renderEnd, renderRetry, renderWarning } from "./render-notices.ts";
import type { Clock, Output, Renderer } from "./renderer.ts";
import { warningKey, type RunState } from "./run-state.ts";
import type { Look } from "./terminal.ts";
import { renderFrame } from "./tty-frame.ts";

type TtyOptions = {
  readonly look: Look;
  readonly clock: Clock;
  /** Lines of output below the row that runs longest; 6 when absent. */
  readonly logLines?: number | undefined;
};

// Ten frames a second are as many as the eye needs.
const framePeriod = 100;

/** The live view of the whole graph; failures and warnings scroll away above it. */
export function createTtyDisplay(output: Output, options: TtyOptions): Renderer {
  const { look, clock, logLines = 6 } = options;
  const region = createLiveRegion(output);
  const warned = new Set<string>();
  /** Lines that are to stay on the screen, written with the next frame. */
  const notices: string[] = [];
  let state: RunState | undefined;
  let lastFrame = Number.NEGATIVE_INFINITY;
  let next: { readonly due: number; readonly cancel: () => void } | undefined;
  let closed = false;

  function drawBy(due: number): void {
    if (closed || (next !== undefined && next.due <= due)) return;
    next?.cancel();
    next = { due, cancel: clock.schedule(draw, Math.max(0, due - clock.now())) };
  }

  function draw(): void {
    next?.cancel();
    next = undefined;
    if (state === undefined || closed) return;
    lastFrame = clock.now();
    // One column and one row stay free: the cursor rests there without making the terminal wrap or scroll.
    const size = { columns: Math.max(1, output.columns - 1), rows: Math.max(1, output.rows - 1) };
    region.draw(renderFrame(state, { now: lastFrame, ...size, look, logLines }), notices.splice(0));
    // With no event to come the spinner and the clock go on.
    drawBy(lastFrame + spinnerPeriod);
  }

  function onUpdate(): void {
    const due = lastFrame + framePeriod;
    if (clock.now() >= due) draw();
    else drawBy(due);
  }

  function close(): void {
    closed = true;
    next?.cancel();
    next = undefined;
    region.close(notices.splice(0));
  }

  return {
    onEvent(event, current) {
      if (closed) return;
      state = current;
      if (event.type === "run.end") {
        notices.push(...renderEnd(current, look));
        close();
        return;
      }
      notices.push(...noticeOf(event, current));
      onUpdate();
    },
    close,
  };

  /** What stays on the screen of an event. */
  function noticeOf(event: BuildEvent, current: RunState): string[] {
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
