import type { Endpoint } from "../buildkit/endpoints/endpoint.ts";
import type { Environment } from "../base/environment.ts";
import type { Buildkit } from "../buildkit/connect-buildkit.ts";
import type { EndpointSource } from "../buildkit/endpoints/find-endpoint.ts";
import type { HiveError } from "../base/hive-error.ts";
import type { Plan } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";

/** What a probe says of one thing. `skipped`: it can't be told, and nothing is known to be wrong. */
export type Finding = {
  /** Of what; the probe's name when absent. */
  readonly name?: string;
  readonly status: "ok" | "warn" | "fail" | "skipped";
  /** Never holds a secret. */
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string | undefined;
};

/** What probes look at. Promises never reject: what went wrong is in them. */
export type World = {
  readonly env: Environment;
  /** hive's own. */
  readonly version: string;
  /** Where the registry of this machine keeps its content; undefined where there is no home directory. */
  readonly storage: string | undefined;
  /** The authority that docker or podman were told to trust for a registry, PEM. */
  readonly findAuthority: (host: string) => Promise<string | undefined>;
  /** The authority that hive itself trusts for a registry: also that of this machine's own one, PEM. */
  readonly authorityOf: (address: string) => Promise<string | undefined>;
  /** The BuildKit that hive runs, if it does. */
  readonly findOwn: (env: Environment) => Promise<readonly Endpoint[]>;
  readonly project: Promise<ProjectState>;
  readonly buildkit: Promise<BuildkitState>;
};

/** What reading the project came to. */
export type ProjectState =
  | { readonly kind: "absent" }
  | { readonly kind: "broken"; readonly root: string; readonly error: HiveError }
  | {
      readonly kind: "read";
      readonly project: Project;
      readonly plan: Plan;
      /** How many. */
      readonly warnings: number;
    };

/** What looking for BuildKit came to. */
export type BuildkitState =
  | { readonly kind: "missing"; readonly error: HiveError }
  | { readonly kind: "found"; readonly buildkit: Buildkit; readonly source: EndpointSource };

/** A project that could be read and planned. */
export type ReadProject = Extract<ProjectState, { kind: "read" }>;

/** One thing to look at; plain data, so that the list of them is all there is to know. */
export type Probe = {
  readonly name: string;
  /** Milliseconds that it may take, once what it needs is there. */
  readonly limit: number;
} & (
  | { readonly needs: "nothing"; readonly run: Run<undefined> }
  | { readonly needs: "project"; readonly run: Run<ReadProject> }
  | { readonly needs: "buildkit"; readonly run: Run<Buildkit> }
);

/** What it throws is a failure; a HiveError's hint is its fix. */
type Run<Need> = (need: Need, world: World, signal: AbortSignal) => Promise<readonly Finding[]>;
