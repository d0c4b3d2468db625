import { build } from "../../build/build.ts";
import { handoverModes } from "../../build/handover/create-handovers.ts";
import { homeCredentials } from "../../credentials/home-credentials.ts";
import { passwordLookup } from "../../credentials/password-lookup.ts";
import { displayModes, requestedMode, resolveMode } from "../../progress/display-mode.ts";
import { renderSummary } from "../../progress/render-summary.ts";
import { type RunSummary, summarize } from "../../progress/summarize.ts";
import { detectCi } from "../../progress/terminal.ts";
import type { App } from "../app.ts";
import { numberOf } from "../arguments.ts";
import { checkPins } from "../project/check-pins.ts";
import { defineCommand } from "../define-command.ts";
import { mayStartManaged } from "../buildkit/managed-buildkit.ts";
import { openNodes } from "../buildkit/open-nodes.ts";
import { openProject } from "../project/open-project.ts";
import { openBuildDestination } from "../build-destination.ts";
import { openRun } from "../open-run.ts";
import {
  checkSelection,
  hostPlatform,
  planSelection,
  selectionFlags,
} from "../project/plan-project.ts";
import { printJson } from "../print-json.ts";
import { buildPlatforms } from "../buildkit/node-platforms.ts";
import { tellUnnamed } from "../pushed-names.ts";
import { quickBases } from "../quick-bases.ts";
import { readBuildId } from "../read-build-id.ts";
import { checkOutput, readOutput } from "../read-output.ts";
import { findPush, openPush, pushAccessFlags, pushFlags } from "../registry/open-push.ts";
import { registryTokens } from "../registry-tokens.ts";
import { showPlan } from "../show-plan.ts";

export const buildCommand = defineCommand({
  args: {
    ...selectionFlags,
    buildkit: {
      type: "string",
      valueHint: "address",
      description:
        "The BuildKit to build on, as tcp://host:1234, or managed: hive runs one (default: BUILDKIT_HOST, hive.yml, what is found here)",
    },
    handover: {
      type: "enum",
      options: [...handoverModes],
      default: "auto",
      valueHint: "way",
      description:
        "How images go from build to build: registry, session, or auto (the registry if BuildKit reaches it)",
    },
    output: {
      type: "string",
      alias: "o",
      valueHint: "destination",
      description:
        "Write the files of the selected images, too: directory, type=local,dest=... or type=tar,dest=...",
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
    "cache-export": {
      type: "boolean",
      default: true,
      negativeDescription: "Write nothing to the cache that hive.yml names",
    },
    skip: {
      type: "boolean",
      default: true,
      negativeDescription: "Ask BuildKit also about images of which nothing changed",
    },
    ...pushFlags,
    ...pushAccessFlags,
    "dry-run": {
      type: "boolean",
      description: "Print what would be built and why, as hive plan does",
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

    const output = args.output === undefined ? undefined : readOutput(args.output, app.cwd);
    // What is wrong with the project is told before anything that is wrong with the daemon.
    const project = await openProject(app, args);
    const place = findPush(app, args, project);
    if (args["dry-run"] === true) {
      const planned = await planSelection(app, project, args, hostPlatform());
      checkPins(app, planned, project, args.frozen);
      const buildId = readBuildId(args["build-id"], planned);
      await showPlan(app, planned, { json: args.json === true, push: place, buildId });
      return 0;
    }
    const push = place && (await openPush(app, args, place, project));
    if (push !== undefined) {
      app.log.info(`Pushing to ${push.place} (${push.origin})`);
      // Who may not even look there need not build.
      await push.registry.ping();
    }
    if (mayStartManaged(app, args.buildkit, project)) await checkSelection(app, project, args);
    await using opened = await openNodes(app, args.buildkit, project);
    const { nodes, native } = opened;
    const plan = await planSelection(app, project, args, native, buildPlatforms(nodes, native));
    opened.check(plan);
    checkPins(app, plan, project, args.frozen);
    checkOutput(output, plan);
    const credentials = push?.credentials ?? homeCredentials(app.env, { signal: app.signal });
    const buildId = readBuildId(args["build-id"], plan);

    using destination = await openBuildDestination(push, {
      plan,
      buildId,
      handover: args.handover,
    });
    using run = openRun(app, mode, { plan, nodes });
    let ok = false;
    try {
      ok = await build({
        plan,
        nodes,
        openResults: destination.openResults,
        jobs,
        onFailure,
        noCache: !args.cache,
        exportCache: args["cache-export"],
        buildId,
        reuse: args.skip && args.cache,
        native,
        resolveBase: quickBases(app),
        credentials: passwordLookup(credentials),
        tokens: registryTokens(app, credentials),
        output,
        env: app.env,
        emit: run.emit,
        signal: app.signal,
      });
    } finally {
      run.end(ok);
      printResult(app, summarize(run.state), {
        json: args.json === true,
        quiet: mode === "quiet",
      });
    }
    if (ok && push !== undefined) tellUnnamed(app, push, plan, buildId);
    return ok ? 0 : 1;
  },
});

function printResult(
  { stdout }: App,
  summary: RunSummary,
  { json, quiet }: { json: boolean; quiet: boolean },
): void {
  if (json) printJson(stdout, summary);
  else if (quiet) {
    for (const { reference, digest } of summary.targets)
      if (digest !== undefined) stdout.write(`${reference} ${digest}\n`);
  } else
    stdout.write(
      renderSummary(summary, {
        look: stdout.look,
        columns: stdout.width,
      }),
    );
}
