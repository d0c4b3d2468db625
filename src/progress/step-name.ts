import { printable } from "../base/printable.ts";

/** What the name of a BuildKit vertex says: `[linux/arm64 build 4/7] RUN make`. */
export type StepName = {
  /** `RUN make`. */
  readonly label: string;
  /** `build 4/7`; empty when the step is no instruction. The stage only when it has a name. */
  readonly position: string;
  /** Work around the Dockerfile: loading, resolving, exporting. Of little interest while it goes well. */
  readonly internal: boolean;
};

const internalName = /^\[(?:\S+ )?(?:internal|auth)\]\s*(.*)$/;
const instruction = /^\[(?:[a-z0-9]+\/\S+ )?(?:(\S+)\s+)?(\d+\/\d+)\]\s*(.*)$/;
const service =
  /^(?:\[context |exporting |importing |sending |resolve |resolving |preparing |pushing |loading )/;

/** Reads the name of a vertex as `dockerfile.v0` writes it; any other text becomes the label. */
export function parseStepName(name: string): StepName {
  const text = printable(name).trim();
  const internal = internalName.exec(text);
  if (internal !== null) return { label: internal[1] || text, position: "", internal: true };
  const step = instruction.exec(text);
  if (step === null) return { label: text, position: "", internal: service.test(text) };
  const [, stage, position = "", label = ""] = step;
  const named = stage !== undefined && !/^stage-\d+$/.test(stage);
  return { label, position: named ? `${stage} ${position}` : position, internal: false };
}

/** `[build 4/7] RUN make`. */
export function formatStepName(name: Pick<StepName, "label" | "position">): string {
  return name.position === "" ? name.label : `[${name.position}] ${name.label}`;
}
