import { jsonLine } from "../base/json-line.ts";
import type { Output, Renderer } from "./renderer.ts";

/** NDJSON: each event as one line, `{"v":1,"time":…,"type":…}`. `v` changes when a field changes its meaning. */
export function createRawJsonDisplay(output: Output): Renderer {
  return {
    onEvent(event) {
      output.write(jsonLine({ v: 1, ...event }));
    },
    close() {},
  };
}
