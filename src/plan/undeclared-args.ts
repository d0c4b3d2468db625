import type { Diagnostic } from "../base/diagnostic.ts";
import { lineOfPlace, type SourceText } from "../base/source-text.ts";
import type { ImageDefinition, ProjectFile, Setting } from "../project/project.ts";
import type { Unit } from "../render/expand-units.ts";

type Undeclared = {
  /** Tells which `build_args` the Dockerfile of one target has no ARG for. */
  readonly add: (
    unit: Unit,
    unused: readonly { readonly name: string; readonly setting: Setting }[],
  ) => void;
  /** One for each setting of these images that no Dockerfile declares. */
  readonly warnings: (planned: ReadonlySet<ImageDefinition>) => Diagnostic[];
};

/** Collects build arguments that have no effect: a setting may be for some of its image's Dockerfiles only. */
export function createUndeclared(sources: ReadonlyMap<string, SourceText>): Undeclared {
  const missing = new Map<Setting, { readonly name: string; readonly unit: Unit }>();
  const declared = new Set<Setting>();
  return {
    add: (unit, unused) => {
      const unusedSettings = new Set<Setting>();
      for (const { name, setting } of unused) {
        if (usesArgument(unit.files.dockerfile, name)) continue;
        unusedSettings.add(setting);
        missing.set(setting, { name, unit });
      }
      for (const setting of unit.values.buildArgs.values()) {
        if (!unusedSettings.has(setting)) declared.add(setting);
      }
    },
    warnings: (planned) =>
      [...missing].flatMap(([setting, { name, unit }]) =>
        declared.has(setting) || !planned.has(unit.image)
          ? []
          : [undeclaredWarning(setting, name, { unit, sources })],
      ),
  };
}

// A template may use a build argument that has no ARG: by its name, or as one of all of them.
function usesArgument({ isTemplate, source: { text } }: ProjectFile, name: string): boolean {
  if (!isTemplate) return false;
  return text.includes(`.BuildArgs.${name}`) || /\.BuildArgs(?!\.\w)/.test(text);
}

function undeclaredWarning(
  setting: Setting,
  name: string,
  { unit, sources }: { unit: Unit; sources: ReadonlyMap<string, SourceText> },
): Diagnostic {
  return {
    code: "HV2002",
    severity: "warning",
    message: `Build argument "${name}" is not used: "${unit.files.dockerfile.source.file}" has no ARG of this name`,
    place: setting.place,
    lineText: lineOfPlace(sources, setting.place),
    help: `add ARG ${name} to the Dockerfile, or remove it here`,
  };
}
