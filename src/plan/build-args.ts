import { isPredefinedArg } from "../dockerfile/platform-args.ts";
import type { Setting } from "../project/project.ts";
import type { Unit } from "../render/expand-units.ts";

type BuildArgs = {
  readonly args: Readonly<Record<string, string>>;
  /** The `build_args` that the Dockerfile has no ARG for. */
  readonly undeclared: readonly { readonly name: string; readonly setting: Setting }[];
};

/**
 * The build arguments of a Dockerfile that declares the ARGs `declared`. A version `dotnet-sdk` is `DOTNET_SDK_VERSION`;
 * a build argument `foo` goes to `foo` and to `FOO`, whichever are declared. A build argument wins over a version, one of a
 * more specific level over others however they are spelled.
 */
export function buildArgsFor(
  { values, buildArgLevels }: Pick<Unit, "values" | "buildArgLevels">,
  declared: ReadonlySet<string>,
): BuildArgs {
  const args = new Map<string, string>();
  for (const [name, { value }] of values.versions) {
    const argument = versionArg(name);
    if (declared.has(argument)) args.set(argument, value);
  }
  const takes = (name: string): boolean => declared.has(name) || isPredefinedArg(name);
  for (const level of buildArgLevels) {
    for (const [name, { value }] of level) {
      if (declared.has(name.toUpperCase())) args.set(name.toUpperCase(), value);
    }
    // Last, so that FOO as written wins over foo in capitals.
    for (const [name, { value }] of level) if (takes(name)) args.set(name, value);
  }
  return {
    args: Object.fromEntries([...args].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    undeclared: [...values.buildArgs].flatMap(([name, setting]) =>
      takes(name) || declared.has(name.toUpperCase()) ? [] : [{ name, setting }],
    ),
  };
}

/** `DOTNET_SDK_VERSION` of version `dotnet-sdk`. */
function versionArg(name: string): string {
  return `${name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, "_")}_VERSION`;
}
