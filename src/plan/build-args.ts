import { isPredefinedArg } from "../dockerfile/platform-args.ts";
import type { Setting, Values } from "../project/project.ts";

type BuildArgs = {
  readonly args: Readonly<Record<string, string>>;
  /** The `build_args` that the Dockerfile has no ARG for. */
  readonly undeclared: readonly { readonly name: string; readonly setting: Setting }[];
};

/**
 * The build arguments of a Dockerfile that declares the ARGs `declared`. A version `dotnet-sdk` is `DOTNET_SDK_VERSION`;
 * a build argument `foo` goes to `foo` and to `FOO`, whichever are declared. A build argument wins over a version.
 */
export function buildArgsFor(
  { versions, buildArgs }: Values,
  declared: ReadonlySet<string>,
): BuildArgs {
  const args = new Map<string, string>();
  const undeclared: { name: string; setting: Setting }[] = [];
  for (const [name, { value }] of versions) {
    const argument = versionArg(name);
    if (declared.has(argument)) args.set(argument, value);
  }
  const exact: [string, string][] = [];
  for (const [name, setting] of buildArgs) {
    const upper = name.toUpperCase();
    if (upper !== name && declared.has(upper)) args.set(upper, setting.value);
    else if (!declared.has(name) && !isPredefinedArg(name)) undeclared.push({ name, setting });
    if (declared.has(name) || isPredefinedArg(name)) exact.push([name, setting.value]);
  }
  // Last, so that FOO as written wins over foo in capitals.
  for (const [name, value] of exact) args.set(name, value);
  return {
    args: Object.fromEntries([...args].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    undeclared,
  };
}

/** `DOTNET_SDK_VERSION` of version `dotnet-sdk`. */
export function versionArg(name: string): string {
  return `${name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, "_")}_VERSION`;
}
