import type { StepEvent } from "../../buildkit/status/step-event.ts";
import { restoreHiveReferences } from "../../dockerfile/rewrite-hive-references.ts";
import type { UntimedEvent } from "../../progress/event.ts";

/** A step's event as an event of the run: of one target, and in the words of the user's Dockerfile. */
export function stepEvent(target: string, dockerfile: string, event: StepEvent): UntimedEvent {
  const { step } = event;
  switch (event.type) {
    case "started":
      return {
        type: "step.start",
        target,
        step,
        name: restoreHiveReferences(event.group?.name ?? event.name),
      };
    case "progress":
      return {
        type: "step.progress",
        target,
        step,
        item: restoreHiveReferences(event.item),
        current: event.current,
        total: event.total,
        done: event.done,
      };
    case "log":
      return { type: "step.log", target, step, stream: event.stream, text: `${event.text}\n` };
    case "done":
      return {
        type: "step.done",
        target,
        step,
        cached: event.cached,
        duration: event.duration,
        ...(event.error === undefined ? {} : { error: restoreHiveReferences(event.error) }),
        ...(event.canceled === undefined ? {} : { canceled: event.canceled }),
      };
    case "warning":
      return {
        type: "warning",
        target,
        message: restoreHiveReferences(event.message),
        // The daemon knows the Dockerfile by the name under which it was sent.
        ...(event.file === undefined ? {} : { file: dockerfile }),
        ...(event.line === undefined ? {} : { line: event.line }),
        ...(event.url === undefined ? {} : { url: event.url }),
      };
  }
}
