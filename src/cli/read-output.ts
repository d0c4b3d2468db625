import { resolve } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import type { BuildOutput } from "../build/write-output.ts";
import type { Plan } from "../plan/plan.ts";

/**
 * The value of `hive build --output`: `DIRECTORY`, `type=local,dest=DIRECTORY` or `type=tar,dest=FILE`, as docker buildx has it.
 * @throws HiveError "usage"
 */
export function readOutput(text: string, cwd: string): BuildOutput {
  if (!text.includes("=")) {
    if (text === "" || text === "-") throw unusable(text, "it names no directory");
    return { kind: "directory", path: resolve(cwd, text) };
  }
  const fields = new Map<string, string>();
  for (const field of text.split(",")) {
    const [, key = "", value = ""] = /^\s*([^=]+?)\s*=(.*)$/.exec(field) ?? [];
    if (key !== "type" && key !== "dest") throw unusable(text, `"${field}" means nothing here`);
    fields.set(key, value);
  }
  const type = fields.get("type");
  const dest = fields.get("dest") ?? "";
  if (type !== "local" && type !== "tar") {
    throw unusable(text, type === undefined ? "it has no type" : `"${type}" is none of its types`);
  }
  if (dest === "" || dest === "-") throw unusable(text, "it has no dest");
  return { kind: type === "tar" ? "tar" : "directory", path: resolve(cwd, dest) };
}

/** @throws HiveError "usage" when what was selected does not go into one file */
export function checkOutput(output: BuildOutput | undefined, { targets }: Plan): void {
  const count = targets.filter(({ requested }) => requested).length;
  if (output?.kind !== "tar" || count === 1) return;
  throw new HiveError("usage", `Cannot write ${count} images to one tar file`, {
    hint: "Select one image and one platform, or write directories: --output type=local,dest=DIRECTORY",
  });
}

function unusable(text: string, reason: string): HiveError {
  return new HiveError("usage", `Cannot use --output=${text}: ${reason}`, {
    hint: "Write DIRECTORY, type=local,dest=DIRECTORY or type=tar,dest=FILE. For archives of images there is hive export.",
  });
}
