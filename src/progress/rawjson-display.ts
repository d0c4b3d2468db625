import { jsonLine } from "../base/json-line.ts";
import type { BuildEvent } from "./event.ts";
import type { Output } from "./renderer.ts";
import type { TransferEvent } from "./transfer/transfer-event.ts";

/** NDJSON: each event as one line, `{"v":1,"time":…,"type":…}`. `v` changes when a field changes its meaning. */
export function createRawJsonDisplay(output: Output): {
  onEvent(event: BuildEvent | TransferEvent): void;
  close(): void;
} {
  return {
    onEvent(event) {
      output.write(jsonLine({ v: 1, ...event }));
    },
    close() {},
  };
}
