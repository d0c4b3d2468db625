import type { Platform } from "../oci/platform.ts";

/** The systems that pipelines are made for. */
export const providers = ["github", "gitlab", "buildkite"] as const;

export type Provider = (typeof providers)[number];

/** What a pipeline does, before any system's own words for it. Plain data. */
export type Pipeline = {
  readonly images: readonly PipelineImage[];
  /** All that any image is built for, each once, in the plan's order. */
  readonly platforms: readonly Platform[];
  /** References that can be built at the same time; each level needs those before it. */
  readonly levels: readonly (readonly string[])[];
  /** Jobs whose images go from one to the next through a registry; each comes after those that it needs. */
  readonly jobs: readonly BuildJob[];
  /** Where nothing may be pushed: a job for each platform, which builds all by itself. */
  readonly localJobs: readonly BuildJob[];
  /** False when it has only what a change affects. */
  readonly complete: boolean;
};

/** An image with all its tags, variants included. */
export type PipelineImage = {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly PipelineTag[];
};

export type PipelineTag = {
  readonly reference: string;
  readonly tag: string;
  readonly platforms: readonly Platform[];
  /** References of the images that it builds on, on any platform. */
  readonly needs: readonly string[];
};

/** One `hive build`. */
export type BuildJob = {
  /** Letters, digits, `-` and `_`, unique in the pipeline, and the same whatever part of it is asked for. */
  readonly id: string;
  /** For people: `app linux/amd64`. */
  readonly title: string;
  /** Several only where images need each other across platforms. */
  readonly platforms: readonly Platform[];
  /** The platform of the machine that it runs on. */
  readonly runner: Platform;
  /** From 1: one more than the highest of those that it needs. */
  readonly level: number;
  readonly references: readonly string[];
  /** What `hive build` is to be given: names, where all of an image is built; else references. */
  readonly patterns: readonly string[];
  /** Ids of the jobs that have to be done before. */
  readonly needs: readonly string[];
  /** Environment variables that hold secrets of what it builds, and of what that builds on. */
  readonly secrets: readonly string[];
  /** The project's image that it runs in, by the tag that an earlier job pushed. */
  readonly image?: { readonly name: string; readonly tag: string };
};
