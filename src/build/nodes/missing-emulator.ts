import { createSourceText, placeAt } from "../../base/source-text.ts";
import type { Instruction } from "../../dockerfile/dockerfile.ts";
import { splitWords } from "../../dockerfile/located-text.ts";
import { parseDockerfile } from "../../dockerfile/parse-dockerfile.ts";
import { formatPlatform, type Platform } from "../../oci/platform.ts";
import type { Target } from "../../plan/plan.ts";

/** Where a build will probably stop, and why. */
export type MissingEmulator = { readonly line: number; readonly message: string };

/**
 * The first step of a target that runs a program of its platform, where the daemon can't run these. Undefined when there
 * is none: what only copies is built for any platform, and so is what runs on the daemon's own (`--platform=$BUILDPLATFORM`).
 * It may not be reached, and the daemon may know more than it says: worth a warning.
 * @param runnable what the daemon says that it can run
 */
export function missingEmulator(
  { platform, dockerfile }: Target,
  runnable: readonly Platform[],
): MissingEmulator | undefined {
  const known = new Set(runnable.map(formatPlatform));
  if (known.size === 0 || known.has(formatPlatform(platform))) return undefined;
  const source = createSourceText(dockerfile.file, dockerfile.text);
  const step = firstForeignRun(parseDockerfile(source).instructions, known);
  if (step === undefined) return undefined;
  const { line } = placeAt(source, ...step.range);
  return {
    line: dockerfile.lines?.[line - 1] ?? line,
    message: `BuildKit can't run ${formatPlatform(platform)} programs, which this step may be: install an emulator on its machine (Debian's qemu-user-static with binfmt-support) and start BuildKit again`,
  };
}

/** A stage on an earlier one runs on what that one runs on. */
function firstForeignRun(
  instructions: readonly Instruction[],
  known: ReadonlySet<string>,
): Instruction | undefined {
  const nativeStages = new Set<string>();
  let native = true;
  for (const instruction of instructions) {
    if (instruction.keyword === "FROM") {
      const [base, , name] = splitWords(instruction.arguments);
      const platform = instruction.flags.find((flag) => flag.name === "platform")?.value?.text;
      native =
        platform === undefined
          ? nativeStages.has(base?.text.toLowerCase() ?? "")
          : platform.includes("BUILDPLATFORM") || known.has(platform);
      if (native && name !== undefined) nativeStages.add(name.text.toLowerCase());
    } else if (instruction.keyword === "RUN" && !native) return instruction;
  }
  return undefined;
}
