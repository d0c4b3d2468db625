import type { Provider } from "./pipeline.ts";

/** A file of a system: the name of its template, and where the system looks for it. */
export type ProviderFile = {
  readonly template: string;
  /** From the top of the repository. Absent: a pipeline makes it for itself when it runs. */
  readonly path?: string;
};

export const providerFiles: Readonly<Record<Provider, readonly ProviderFile[]>> = {
  github: [{ template: "hive.yml", path: ".github/workflows/hive.yml" }],
  gitlab: [{ template: "gitlab-ci.yml", path: ".gitlab-ci.yml" }, { template: "images.yml" }],
  buildkite: [
    { template: "pipeline.yml", path: ".buildkite/pipeline.yml" },
    { template: "images.yml" },
  ],
};
