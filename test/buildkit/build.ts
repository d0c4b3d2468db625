import { BuildkitError } from "../../src/buildkit/buildkit-error.ts";
import { connectBuildkit, type Buildkit } from "../../src/buildkit/connect-buildkit.ts";
import { parseEndpoint } from "../../src/buildkit/endpoints/endpoint.ts";
import type { FileTree } from "../../src/buildkit/file-tree.ts";
import { createMemoryTree, type MemoryFile } from "../../src/buildkit/memory-tree.ts";
import { solve, type SolveOptions, type SolveResult } from "../../src/buildkit/solve.ts";
import type { BuildRequest } from "../../src/buildkit/solve-request.ts";
import type { StepEvent } from "../../src/buildkit/status/step-event.ts";
import { requireEnv } from "../support/require-env.ts";

const encoder = new TextEncoder();

/** Connects to the daemon that BUILDKIT_HOST names. */
export async function connectTestDaemon(address = requireEnv("BUILDKIT_HOST")): Promise<Buildkit> {
  return connectBuildkit(parseEndpoint(address));
}

/** A file with this text. */
export function textFile(path: string, text: string): MemoryFile {
  return { path, bytes: encoder.encode(text) };
}

/** A tree of these files, all of them new to the daemon. */
export function freshTree(files: readonly MemoryFile[]): FileTree {
  return createMemoryTree(files, BigInt(Date.now()) * 1_000_000n);
}

/**
 * Begins a Dockerfile that has a shell with its usual tools; {@link busybox} has to be in the context.
 * What it runs isn't cached.
 */
export function shell(): string {
  return `FROM scratch\nCOPY busybox /bin/sh\nENV TEST_RUN=${crypto.randomUUID()}\n`;
}

/** The static busybox that HIVE_TEST_BUSYBOX names, for the context. */
export async function busybox(): Promise<MemoryFile & { readonly bytes: Uint8Array }> {
  const bytes = await Bun.file(requireEnv("HIVE_TEST_BUSYBOX")).bytes();
  return { path: "busybox", mode: 0o755, bytes };
}

export type TestBuild = Partial<BuildRequest> & {
  /** The Dockerfile's text. */
  readonly text: string;
};

/** A request with a random shared key, for the daemon's own platform, that exports nothing. */
export function buildRequest(daemon: Buildkit, { text, ...more }: TestBuild): BuildRequest {
  const [platform = { os: "linux", architecture: "amd64" }] = daemon.workers[0]?.platforms ?? [];
  return {
    dockerfile: { name: "Dockerfile", bytes: encoder.encode(text) },
    context: freshTree([]),
    sharedKey: crypto.randomUUID(),
    platform,
    exporter: { type: "image", attrs: {} },
    ...more,
  };
}

export type TestResult = SolveResult & {
  readonly events: readonly StepEvent[];
  /** What the steps printed. */
  readonly lines: readonly string[];
};

/** Builds and keeps what the steps said. */
export async function build(
  daemon: Buildkit,
  request: TestBuild,
  options: SolveOptions = {},
): Promise<TestResult> {
  const events: StepEvent[] = [];
  const result = await solve(daemon, buildRequest(daemon, request), {
    ...options,
    onStatus(event) {
      events.push(event);
      options.onStatus?.(event);
    },
  });
  const lines = events.flatMap((event) => (event.type === "log" ? event.text : []));
  return { ...result, events, lines };
}

/** The error with which a build fails. */
export async function failureOf(building: Promise<unknown>): Promise<BuildkitError> {
  try {
    await building;
  } catch (error) {
    if (error instanceof BuildkitError) return error;
    throw error;
  }
  throw new Error("The build didn't fail");
}
