import { renderFailure } from "./render-failure.ts";
import { renderEnd } from "./render-notices.ts";
import type { Output, Renderer } from "./renderer.ts";
import type { Look } from "./terminal.ts";

/** Says nothing but failures. */
export function createQuietDisplay(output: Output, look: Look): Renderer {
  return {
    onEvent(event, state) {
      if (event.type === "target.failed" && !event.canceled) {
        const target = state.targets.get(event.target);
        if (target !== undefined)
          output.write(`${renderFailure(target, event, look).join("\n")}\n`);
      }
      if (event.type !== "run.end") return;
      const lines = renderEnd(state, look);
      if (lines.length > 0) output.write(`${lines.join("\n")}\n`);
    },
    close() {},
  };
}
