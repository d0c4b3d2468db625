/**
 * What bench/session.ts compiles and measures as ours: the session's part of `hive build`, and nothing else of it.
 *
 *   session-client DIRECTORY          builds the directory and keeps the result at the daemon
 *   session-client DIRECTORY TARFILE  writes it as an OCI archive, too
 *
 * The context is read as in a build of a project (`targetContext`, `steadyTimes`). The last line on stdout is the most
 * memory that the process had, in KiB.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { connectBuildkit } from "../src/buildkit/connect-buildkit.ts";
import { parseEndpoint } from "../src/buildkit/endpoints/endpoint.ts";
import { solve } from "../src/buildkit/solve.ts";
import { directorySources } from "../src/context/directory-sources.ts";
import { steadyTimes } from "../src/context/steady-times.ts";
import { targetContext } from "../src/context/target-context.ts";

const [directory = "", archive] = process.argv.slice(2);
const root = resolve(directory);
await using buildkit = await connectBuildkit(parseEndpoint(process.env["BUILDKIT_HOST"] ?? ""));
const [platform] = buildkit.workers[0]?.platforms ?? [];
if (platform === undefined) throw new Error("The daemon has no worker");
await solve(buildkit, {
  dockerfile: { name: "Dockerfile", bytes: readFileSync(join(root, "Dockerfile")) },
  context: steadyTimes(targetContext(directorySources(root, false)), 1_700_000_000),
  sharedKey: root,
  platform,
  ...(archive === undefined
    ? {}
    : {
        exporter: { type: "oci", attrs: { compression: "uncompressed" } },
        receive: { kind: "file", path: resolve(archive) },
      }),
});
const status = readFileSync("/proc/self/status", "utf8");
console.log(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? "0");
