import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import {
  type AskedConnection,
  type Capabilities,
  readCapabilities,
} from "../../src/buildkit/capabilities.ts";
import type { Worker } from "../../src/buildkit/connect-buildkit.ts";
import type { Connection } from "../../src/buildkit/connection.ts";
import type { SolveRequest } from "../../src/gen/buildkit/control_pb.ts";
import { rejection } from "../support/rejection.ts";

const label = "org.mobyproject.buildkit.worker.";

function worker(...labels: string[]): Worker {
  return {
    id: "w",
    platforms: [],
    labels: Object.fromEntries(labels.map((name) => [`${label}${name}`, "x"])),
    gcPolicies: [],
  };
}

/** What a daemon answered, by what was asked of it; "invalid frontend" of all that it can do. */
type Answers = Readonly<Record<string, string>>;

function daemon(answers: Answers): {
  readonly connect: () => Promise<AskedConnection>;
  readonly asked: SolveRequest[];
} {
  const asked: SolveRequest[] = [];
  const solve = async (request: SolveRequest): Promise<never> => {
    asked.push(request);
    const [cache] = request.Cache?.Exports ?? [];
    const subject =
      cache !== undefined ? `cache ${cache.Type}` : (request.Exporters[0]?.Type ?? "contexts");
    throw new ConnectError(answers[subject] ?? "invalid frontend: hive.probe", Code.Unknown);
  };
  return { connect: async () => asking(solve), asked };
}

function asking(solve: unknown): AskedConnection {
  return { control: { solve } as Connection["control"], [Symbol.dispose]() {} };
}

/** Docker 20.10.24, Debian 12: BuildKit 0.8, which has no Info call and no labels. */
const docker20: Answers = {
  image: 'exporter "image" could not be found',
  oci: 'exporter "oci" could not be found',
  contexts:
    "failed to solve with frontend dockerfile.v0: unsupported frontend capability moby.buildkit.frontend.contexts",
  "cache registry": 'unknown cache exporter: "registry"',
};

/** Docker 28.5.2 with overlay2. */
const docker28: Answers = {
  image: docker20["image"] ?? "",
  oci: docker20["oci"] ?? "",
  contexts:
    "failed to read dockerfile: failed to load cache key: could not access local files without session",
  "cache registry": docker20["cache registry"] ?? "",
};

const noMoby: Answers = { moby: 'exporter "moby" could not be found' };

const everything = {
  exportsImages: true,
  ociLayout: true,
  namedContexts: true,
  exportsCache: true,
} as const;

const nothing = {
  exportsImages: false,
  ociLayout: false,
  namedContexts: false,
  exportsCache: false,
} as const;

describe("readCapabilities()", () => {
  test.each<[string, Answers, Worker, string, Capabilities]>([
    ["Docker 20.10", docker20, worker(), "unknown", { kind: "docker-graph", ...nothing }],
    [
      "Docker 28.5",
      docker28,
      worker(),
      "v0.0.0+unknown",
      { kind: "docker-graph", ...nothing, namedContexts: true },
    ],
    [
      "Docker 28.5 with containerd's store",
      {},
      worker("snapshotter"),
      "v0.0.0+unknown",
      { kind: "docker-containerd", ...everything },
    ],
    [
      "a distribution's buildkitd",
      noMoby,
      worker("snapshotter"),
      "v0.0.0+unknown",
      { kind: "buildkitd", ...everything },
    ],
    [
      "a buildkitd before named contexts",
      { ...noMoby, contexts: docker20["contexts"] ?? "" },
      worker("snapshotter"),
      "v0.9.3",
      { kind: "buildkitd", ...everything, namedContexts: false, ociLayout: false },
    ],
  ])("of %s, by what it answers", async (_name, answers, first, version, expected) => {
    const { connect, asked } = daemon(answers);
    const found = await readCapabilities({ workers: [first], version }, connect);
    expect(found).toEqual(expected);
    // Nobody's history has them, and daemons before 0.13 read the older field.
    expect(asked.every(({ Internal }) => Internal)).toBe(true);
    expect(
      asked.every(
        ({ Exporters, ExporterDeprecated }) => ExporterDeprecated === (Exporters[0]?.Type ?? ""),
      ),
    ).toBe(true);
    expect(new Set(asked.map(({ Ref }) => Ref)).size).toBe(asked.length);
  });

  test.each([
    ["buildkitd", worker("snapshotter")],
    ["docker-containerd", worker("snapshotter", "moby.host-gateway-ip")],
  ] as const)("of a known version of %s, without asking", async (kind, first) => {
    const { connect, asked } = daemon({});
    for (const version of ["v0.13.0", "v0.32.2", "v1.0.0", "v0.33.0-rc1"]) {
      expect(await readCapabilities({ workers: [first], version }, connect)).toEqual({
        kind,
        ...everything,
      });
    }
    expect(asked).toEqual([]);
  });

  test("finds what docs/build.md says works on which", async () => {
    const text = await Bun.file("docs/build.md").text();
    const section = /\n## What works on which daemon\n([^]*?)\n## /.exec(text)?.[1] ?? "";
    const table = section
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .map((line) => line.split("|").slice(2, -1));
    const columns: readonly [Answers, Worker][] = [
      [noMoby, worker("snapshotter")],
      [{}, worker("snapshotter")],
      [docker28, worker()],
      [docker20, worker()],
    ];
    const found = await Promise.all(
      columns.map(async ([answers, first]) => {
        const introduction = { workers: [first], version: "unknown" };
        return await readCapabilities(introduction, daemon(answers).connect);
      }),
    );
    const can = (["namedContexts", "exportsImages", "ociLayout", "exportsCache"] as const).map(
      (name) => found.map((capabilities) => capabilities[name]),
    );
    const [head, ...rows] = table;
    expect(head).toHaveLength(columns.length);
    expect(rows.map((cells) => cells.map((cell) => cell.trim().startsWith("yes")))).toEqual(can);
  });

  test("gives up on a daemon that does not answer", async () => {
    const solve = (_request: unknown, { signal }: { signal: AbortSignal }): Promise<never> =>
      new Promise((_resolve, reject) => {
        const stop = (): void => reject(new ConnectError("timed out", Code.DeadlineExceeded));
        signal.addEventListener("abort", stop, { once: true });
      });
    const reading = readCapabilities(
      { workers: [worker()], version: "unknown" },
      async () => asking(solve),
      { timeout: 10 },
    );
    const error = await rejection(reading);
    expect(error).toBeInstanceOf(HiveError);
    expect(error).toMatchObject({ kind: "unreachable" });
  });
});
