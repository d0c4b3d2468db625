import { formatElapsed } from "../../../../base/format-duration.ts";
import { formatBytes } from "../../../../base/format-bytes.ts";
import { renderTable } from "../../../../base/render-table.ts";
import { cacheRecords } from "../../../../buildkit/cache/cache-records.ts";
import { sizeOf } from "../../../../buildkit/cache/cache-usage.ts";
import { connectBuildkit } from "../../../../buildkit/connect-buildkit.ts";
import type { Endpoint } from "../../../../buildkit/endpoints/endpoint.ts";
import { awaitDaemon } from "../../../../daemon/await-daemon.ts";
import { daemonPaths } from "../../../../daemon/daemon-paths.ts";
import { daemonEndpoint, isDaemonAlive, readDaemonState } from "../../../../daemon/daemon-state.ts";
import type { App } from "../../../app.ts";
import { defineCommand } from "../../../define-command.ts";
import { describeDaemon, describeWay } from "../../../buildkit/describe-daemon.ts";
import { printJson } from "../../../print-json.ts";

/** Milliseconds for it to answer. */
const patience = 5_000;

export const buildkitdStatusCommand = defineCommand({
  args: { json: { type: "boolean", description: "Print the status as JSON" } },
  async run(app, args) {
    const { env, signal, stdout } = app;
    const paths = daemonPaths(env);
    const state = await readDaemonState(paths);
    if (state === undefined || !(await isDaemonAlive(paths, state, env))) {
      if (args.json === true) printJson(stdout, { running: false });
      else stdout.write("No BuildKit of hive's is running\n");
      return 1;
    }
    const endpoint = daemonEndpoint(state);
    const answer = await awaitDaemon([endpoint], { env, signal, limit: patience });
    const cacheBytes = answer === undefined ? undefined : await cacheSize(app, endpoint);
    const status = { ...describeDaemon(state, paths), answers: answer !== undefined, cacheBytes };
    if (args.json === true) printJson(stdout, status);
    else {
      const uptime = formatElapsed(Date.now() - Date.parse(state.started));
      const rows = [
        ["address", state.address],
        ["state", answer === undefined ? "runs, but does not answer" : `running for ${uptime}`],
        ["version", state.version],
        ["runs", describeWay(state)],
        ["ends", state.temporary ? "with the build it runs for" : "when it is stopped"],
        [
          "cache",
          `${cacheBytes === undefined ? "" : `${formatBytes(cacheBytes)} in `}${status.cache}`,
        ],
        ["log", status.log ?? "hive dev buildkitd logs"],
      ];
      const { paint } = stdout.look;
      const lines = renderTable(rows.map(([name = "", value = ""]) => [paint.bold(name), value]));
      stdout.write(`${lines.join("\n")}\n`);
    }
    return answer === undefined ? 1 : 0;
  },
});

/** Bytes; undefined when the daemon takes long to tell, as it does of a big cache the first time. */
async function cacheSize({ env, signal }: App, endpoint: Endpoint): Promise<number | undefined> {
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    await using buildkit = await connectBuildkit(endpoint, { env, signal: limited });
    return sizeOf(await cacheRecords(buildkit, { signal: limited }));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
