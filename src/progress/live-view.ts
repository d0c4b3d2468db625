import { createLiveRegion } from "./live-region.ts";
import type { Clock, Output } from "./renderer.ts";
import { spinnerPeriod } from "./spinner.ts";

/** What a frame may take, and when it is: milliseconds since 1970. */
export type FrameSize = { readonly now: number; readonly columns: number; readonly rows: number };

/** A picture at the bottom of the terminal that is drawn again while it changes. */
export type LiveView = {
  /** There is something new; `notices` are lines that are to stay on the screen, above the picture. */
  update(notices: readonly string[]): void;
  /** Erases the picture, leaves what is to stay, and gives the terminal back. Does nothing the second time. */
  close(notices?: readonly string[]): void;
};

// Ten frames a second are as many as the eye needs.
const framePeriod = 100;

/** A live view on `output`. It begins with the first update. */
export function createLiveView(
  output: Output,
  { clock, render }: { readonly clock: Clock; readonly render: (size: FrameSize) => string[] },
): LiveView {
  const region = createLiveRegion(output);
  /** Lines that are to stay on the screen, written with the next frame. */
  const waiting: string[] = [];
  let lastFrame = Number.NEGATIVE_INFINITY;
  let next: { readonly due: number; readonly cancel: () => void } | undefined;
  let closed = false;

  function drawBy(due: number): void {
    if (next !== undefined && next.due <= due) return;
    next?.cancel();
    next = { due, cancel: clock.schedule(draw, Math.max(0, due - clock.now())) };
  }

  function draw(): void {
    next?.cancel();
    next = undefined;
    lastFrame = clock.now();
    // One column and one row stay free: the cursor rests there without making the terminal wrap or scroll.
    const size = { columns: Math.max(1, output.columns - 1), rows: Math.max(1, output.rows - 1) };
    region.draw(render({ now: lastFrame, ...size }), waiting.splice(0));
    // With nothing new the spinner and the clock go on.
    drawBy(lastFrame + spinnerPeriod);
  }

  return {
    update(notices) {
      if (closed) return;
      waiting.push(...notices);
      const due = lastFrame + framePeriod;
      if (clock.now() >= due) draw();
      else drawBy(due);
    },
    close(notices = []) {
      if (closed) return;
      closed = true;
      next?.cancel();
      next = undefined;
      region.close([...waiting.splice(0), ...notices]);
    },
  };
}
