import { join } from "node:path";
import { build } from "../../build/build.ts";
import { createRegistryCredentials } from "../../docker/registry-credentials.ts";
import { quickResolver } from "../../lock/quick-resolver.ts";
import { openLayout } from "../../oci/layout.ts";
import { formatPlatform } from "../../oci/platform.ts";
import { createDisplay } from "../../progress/create-display.ts";
import { displayModes, requestedMode, resolveMode } from "../../progress/display-mode.ts";
import type { UntimedEvent } from "../../progress/event.ts";
import { renderSummary } from "../../progress/render-summary.ts";
import { type RunSummary, summarize } from "../../progress/summarize.ts";
import { detectCi } from "../../progress/terminal.ts";
import type { App } from "../app.ts";
import { defineCommand } from "../define-command.ts";
import { numberOf } from "../arguments.ts";
import { checkPins } from "../check-pins.ts";
import { baseRegistries } from "../open-base-registry.ts";
import { openBuildkit } from "../open-buildkit.ts";
import { openProject } from "../open-project.ts";
import { hostPlatform, planSelection, selectionFlags } from "../plan-project.ts";
import { readBuildId } from "../read-build-id.ts";
import { onTerminalRestore } from "../terminal-restore.ts";
import { version } from "../version.ts";

/** Milliseconds in which registries may say what external images stand for. */
const resolveLimit = 3000;

export const buildCommand = defineCommand({
  args: {
    ...selectionFlags,
    buildkit: {
      type: "string",
      valueHint: "address",
      description: "The BuildKit to build on (default: BUILDKIT_HOST, hive.yml, the usual sockets)",
    },
    jobs: {
      type: "string",
      alias: "j",
      default: "8",
      valueHint: "number",
      description: "How many images are built at a time",
    },
    "on-failure": {
      type: "enum",
      options: ["stop", "continue"],
      valueHint: "policy",
      description:
        "After a failure: stop starts nothing new, continue builds what does not need it (default: stop, in CI continue)",
    },
    cache: {
      type: "boolean",
      default: true,
      negativeDescription: "Run every step again",
    },
    skip: {
      type: "boolean",
      default: true,
      negativeDescription: "Ask BuildKit also about images of which nothing changed",
    },
    frozen: {
      type: "boolean",
      description:
        "Fail when hive.lock does not pin an external image (default: in CI, where there is a hive.lock)",
    },
    progress: {
      type: "enum",
      options: [...displayModes],
      valueHint: "mode",
      description: "auto, tty, plain, rawjson, quiet or none",
    },
    json: { type: "boolean", description: "Print the result as JSON" },
  },
  async run(app, args) {
    const jobs = numberOf("jobs", args.jobs, 1);
    const mode = resolveMode(requestedMode(args.progress, app.env), app.stderr, app.env);
    const onFailure = args["on-failure"] ?? (detectCi(app.env) === undefined ? "stop" : "continue");

    // What is wrong with the project is told before anything that is wrong with the daemon.
    const project = await openProject(app, args);
    await using buildkit = await openBuildkit(app, args.buildkit, project);
    const platforms = buildkit.workers[0]?.platforms ?? [];
    const native = platforms[0] ?? hostPlatform();
    const plan = await planSelection(app, project, args, native);
    checkPins(app, plan, project, args.frozen);
    const buildId = readBuildId(args["build-id"], plan);

    using layout = await openLayout(join(plan.root, ".hive"));
    using display = createDisplay(mode, {
      output: app.stderr,
      env: app.env,
      look: app.stderr.look,
    });
    onTerminalRestore(() => display.restore());
    const started = Date.now();
    const emit = (event: UntimedEvent): void => display.onEvent({ time: Date.now(), ...event });
    emit({ type: "run.start", version, root: plan.root });
    emit({
      type: "connected",
      address: buildkit.address,
      version: buildkit.version,
      platforms: platforms.map(formatPlatform),
    });
    emit({
      type: "plan",
      targets: plan.targets.map(({ id, reference, platform, dependencies }) => ({
        id,
        reference,
        platform: formatPlatform(platform),
        needs: dependencies.map(({ target }) => target),
      })),
    });
    // What is not known soon is left to BuildKit: nobody waits long for a registry that is gone.
    const quick = {
      limits: { attempts: 1, answer: resolveLimit },
      signal: AbortSignal.any([app.signal, AbortSignal.timeout(resolveLimit)]),
    };
    let ok = false;
    try {
      ok = await build({
        plan,
        buildkit,
        layout,
        jobs,
        onFailure,
        noCache: !args.cache,
        buildId,
        reuse: args.skip && args.cache,
        native,
        resolveBase: quickResolver(baseRegistries(app, quick), quick.signal),
        credentials: createRegistryCredentials(app.env),
        emit: display.onEvent,
        signal: app.signal,
      });
    } finally {
      emit({ type: "run.end", ok, duration: Date.now() - started });
      onTerminalRestore(undefined);
      printResult(app, summarize(display.state), {
        json: args.json === true,
        quiet: mode === "quiet",
      });
    }
    return ok ? 0 : 1;
  },
});

function printResult(
  { stdout }: App,
  summary: RunSummary,
  { json, quiet }: { json: boolean; quiet: boolean },
): void {
  if (json) stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`);
  else if (quiet) {
    for (const { reference, digest } of summary.targets)
      if (digest !== undefined) stdout.write(`${reference} ${digest}\n`);
  } else
    stdout.write(
      renderSummary(summary, {
        look: stdout.look,
        columns: stdout.isTTY ? stdout.columns : undefined,
      }),
    );
}
