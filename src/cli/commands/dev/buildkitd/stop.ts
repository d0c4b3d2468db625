import { daemonPaths } from "../../../../daemon/daemon-paths.ts";
import { countDaemonUsers } from "../../../../daemon/daemon-users.ts";
import { lockDaemon } from "../../../../daemon/lock-daemon.ts";
import { stopDaemon } from "../../../../daemon/stop-daemon.ts";
import { defineCommand } from "../../../define-command.ts";
import { printJson } from "../../../print-json.ts";
import { readDuration } from "../../../read-value.ts";

export const buildkitdStopCommand = defineCommand({
  args: {
    timeout: {
      type: "string",
      default: "10s",
      valueHint: "span",
      description: "How long it may take to end by itself; then it is killed",
    },
    json: { type: "boolean", description: "Print what was stopped as JSON" },
  },
  async run(app, args) {
    const { env, log } = app;
    const grace = readDuration("timeout", args.timeout);
    const paths = daemonPaths(env);
    using _ = await lockDaemon(paths, { signal: app.signal });
    const users = countDaemonUsers(paths);
    const stopped = await stopDaemon(paths, { env, grace });
    if (args.json === true) {
      return printJson(app.stdout, { stopped: stopped !== undefined, address: stopped?.address });
    }
    // What was asked for is so.
    if (stopped === undefined) return log.info("No BuildKit of hive's is running");
    if (users > 0) log.warn(`Builds that used it: ${users}`);
    log.info(`Stopped the BuildKit at ${stopped.address}`);
  },
});
