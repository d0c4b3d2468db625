import type { Dockerfile, Instruction } from "./dockerfile.ts";
import { splitWords, type LocatedText } from "./located-text.ts";
import { mountedId, type MountedId } from "./mounted-id.ts";
import { readArgDeclarations, type ArgDeclaration } from "./read-arg-declarations.ts";
import { readMount } from "./read-mount.ts";

/** What a Dockerfile says about images and arguments, before any value is known. */
export type References = {
  readonly references: readonly WrittenReference[];
  /** The ARGs before the first FROM: the only ones that a FROM can use. */
  readonly globalArgs: readonly ArgDeclaration[];
  /** Names of all ARGs, wherever they stand. */
  readonly declaredArgs: ReadonlySet<string>;
  /** Names of the stages in order, lower case; undefined for a stage without a name. */
  readonly stages: readonly (string | undefined)[];
  /** The secrets and agents that steps mount. */
  readonly mounted: readonly MountedId[];
};

/** The name of an image or a stage where the Dockerfile may have one. */
export type WrittenReference = {
  readonly origin: "from" | "copy" | "add" | "mount";
  /** As written: variables and quotes are in it. */
  readonly written: LocatedText;
  /** Index of the stage it stands in; for FROM the one it begins. */
  readonly stage: number;
  /** `--platform` of a FROM. */
  readonly platform?: LocatedText;
  /** Behind ONBUILD: what images built on this one will need. */
  readonly onbuild: boolean;
};

/** Finds them in one pass. */
export function findReferences(dockerfile: Dockerfile): References {
  const references: WrittenReference[] = [];
  const globalArgs: ArgDeclaration[] = [];
  const declaredArgs = new Set<string>();
  const stages: (string | undefined)[] = [];
  const mounted: MountedId[] = [];
  for (const instruction of dockerfile.instructions) {
    if (instruction.keyword === "ARG") {
      const declarations = readArgDeclarations(instruction.arguments, dockerfile.escape);
      for (const { name } of declarations) declaredArgs.add(name.text);
      if (stages.length === 0) globalArgs.push(...declarations);
      continue;
    }
    if (instruction.keyword === "FROM") stages.push(stageName(instruction));
    references.push(...referencesOf(instruction, stages.length - 1, false));
    mounted.push(...mountedBy(instruction, false));
  }
  return { references, globalArgs, declaredArgs, stages, mounted };
}

function stageName({ arguments: line }: Instruction): string | undefined {
  const [, as, name] = splitWords(line);
  return as?.text.toLowerCase() === "as" ? name?.text.toLowerCase() : undefined;
}

function referencesOf(
  instruction: Instruction,
  stage: number,
  onbuild: boolean,
): WrittenReference[] {
  const { keyword, trigger } = instruction;
  if (trigger !== undefined) return referencesOf(trigger, stage, true);
  if (keyword === "FROM") {
    const [written] = splitWords(instruction.arguments);
    const platform = flagValues(instruction, "platform")[0];
    if (written === undefined) return [];
    return [{ origin: "from", written, stage, onbuild, ...(platform ? { platform } : {}) }];
  }
  if (keyword === "COPY" || keyword === "ADD") {
    const origin = keyword === "COPY" ? "copy" : "add";
    return flagValues(instruction, "from").map((written) => ({ origin, written, stage, onbuild }));
  }
  if (keyword !== "RUN") return [];
  return flagValues(instruction, "mount").flatMap((mount): WrittenReference[] => {
    const written = readMount(mount).get("from");
    return written === undefined ? [] : [{ origin: "mount", written, stage, onbuild }];
  });
}

function mountedBy(instruction: Instruction, onbuild: boolean): MountedId[] {
  if (instruction.trigger !== undefined) return mountedBy(instruction.trigger, true);
  if (instruction.keyword !== "RUN") return [];
  return flagValues(instruction, "mount").flatMap((mount) => mountedId(mount, onbuild) ?? []);
}

function flagValues({ flags }: Instruction, name: string): LocatedText[] {
  return flags.flatMap((flag) => (flag.name === name && flag.value ? [flag.value] : []));
}
