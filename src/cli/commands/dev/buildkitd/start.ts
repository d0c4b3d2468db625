import { managedAddress } from "../../../../buildkit/endpoints/endpoint.ts";
import { readDuration } from "../../../read-value.ts";
import { daemonPaths } from "../../../../daemon/daemon-paths.ts";
import type { DaemonState } from "../../../../daemon/daemon-state.ts";
import { lockDaemon } from "../../../../daemon/lock-daemon.ts";
import { startDaemon } from "../../../../daemon/start-daemon.ts";
import { findProject } from "../../../../project/find-project.ts";
import type { App } from "../../../app.ts";
import { describeDaemon } from "../../../buildkit/describe-daemon.ts";
import { defineCommand } from "../../../define-command.ts";
import { openProject, type ProjectFlags } from "../../../project/open-project.ts";
import { printJson } from "../../../print-json.ts";

export const buildkitdStartCommand = defineCommand({
  args: {
    with: {
      type: "enum",
      options: ["auto", "container", "path", "download"],
      default: "auto",
      valueHint: "way",
      description:
        "A container, buildkitd on PATH, its official release, or auto: the first of them that can be had",
    },
    mirror: {
      type: "string",
      valueHint: "url",
      description:
        "Download from <url>/<version>/<file>, with <file>.sha256 beside it (also HIVE_BUILDKIT_MIRROR)",
    },
    timeout: {
      type: "string",
      default: "60s",
      valueHint: "span",
      description: "How long to wait for it to answer",
    },
    json: { type: "boolean", description: "Print the status as JSON" },
  },
  async run(app, args) {
    const limit = readDuration("timeout", args.timeout);
    const version = await wantedVersion(app, args);
    const paths = daemonPaths(app.env);
    using _ = await lockDaemon(paths, { signal: app.signal, say: (text) => app.log.info(text) });
    const { state, wasRunning } = await startDaemon(paths, {
      env: app.env,
      with: args.with,
      version,
      mirror: args.mirror ?? app.env["HIVE_BUILDKIT_MIRROR"],
      temporary: false,
      limit,
      signal: app.signal,
      say: (text) => app.log.info(text),
    });
    app.log.info(wasRunning ? "BuildKit is running already" : whatNext(app));
    warnOfVersion(app, state, version);
    if (args.json === true) return printJson(app.stdout, describeDaemon(state, paths));
    app.stdout.write(`${state.address}\n`);
  },
});

/** Builds find it unless they are told of another one. */
function whatNext({ env }: App): string {
  const named = env["BUILDKIT_HOST"] ?? "";
  return named === "" || named === managedAddress
    ? "BuildKit runs, and builds find it by themselves; `hive dev buildkitd stop` ends it"
    : "BuildKit runs; `hive dev buildkitd stop` ends it. BUILDKIT_HOST names another one, which builds use";
}

/** What the project asks for; without a project, nothing. */
async function wantedVersion(app: App, flags: ProjectFlags): Promise<string | undefined> {
  if (flags.project === undefined) {
    const root = await findProject(app.cwd).catch(() => undefined);
    if (root === undefined) return undefined;
  }
  return (await openProject(app, flags)).buildkit.version;
}

function warnOfVersion({ log }: App, { version }: DaemonState, wanted: string | undefined): void {
  if (wanted === undefined || wanted === version) return;
  log.warn(
    `BuildKit is ${version}, and hive.yml asks for ${wanted}: stop it with \`hive dev buildkitd stop\`, and start it again`,
  );
}
