import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import { createMemoryTree } from "../../buildkit/memory-tree.ts";
import { solve } from "../../buildkit/solve.ts";
import type { BuildRequest } from "../../buildkit/solve-request.ts";

/** Builds an image of one small file that the daemon has never seen, out of memory. */
export async function testBuild(
  buildkit: Buildkit,
  request: Pick<BuildRequest, "exporter" | "credentials">,
  signal: AbortSignal,
): Promise<void> {
  const bytes = new TextEncoder().encode(`${crypto.randomUUID()}\n`);
  const now = BigInt(Date.now()) * 1_000_000n;
  await solve(
    buildkit,
    {
      dockerfile: {
        name: "Dockerfile",
        bytes: new TextEncoder().encode("FROM scratch\nCOPY hive-doctor /hive-doctor\n"),
      },
      context: createMemoryTree([{ path: "hive-doctor", bytes }], now),
      sharedKey: crypto.randomUUID(),
      platform: buildkit.workers[0]?.platforms[0] ?? { os: "linux", architecture: "amd64" },
      ...request,
    },
    { signal },
  );
}
