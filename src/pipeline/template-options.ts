import { didYouMean } from "../base/closest.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import { lineOfPlace } from "../base/source-text.ts";
import type { Project } from "../project/project.ts";
import type { Provider } from "./pipeline.ts";
import { providers } from "./pipeline.ts";

/** Reads `template_options` of hive.yml. */
export type TemplateOptions = {
  /** The value of `<provider>_<key>`, else of `key`; undefined where neither is written, or it is empty. */
  readonly read: (key: string) => string | undefined;
};

export function createOptions(
  { templateOptions }: Project,
  provider: Provider | undefined,
): TemplateOptions {
  return {
    read: (key) => {
      const own = provider === undefined ? undefined : templateOptions.get(`${provider}_${key}`);
      return (own ?? templateOptions.get(key))?.value || undefined;
    },
  };
}

/** Warnings for options that nothing reads. @param read keys, without a provider before them */
export function unknownOptions(
  { templateOptions, sources }: Project,
  read: ReadonlySet<string>,
): Diagnostic[] {
  return [...templateOptions].flatMap(([key, { place }]): Diagnostic[] => {
    const prefix = providers.find((provider) => key.startsWith(`${provider}_`));
    if (read.has(key) || (prefix !== undefined && read.has(key.slice(prefix.length + 1))))
      return [];
    const help =
      didYouMean(key, read) ?? "docs/pipelines.md lists those that the built-in templates read";
    const message = `no template reads the option "${key}"`;
    const lineText = lineOfPlace(sources, place);
    return [{ code: "HV1030", severity: "warning", message, place, lineText, help }];
  });
}
