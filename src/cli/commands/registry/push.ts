import { basename, resolve } from "node:path";
import { HiveError } from "../../../base/hive-error.ts";
import { nameStored } from "../../../distribute/push/name-stored.ts";
import { planTaggedPush } from "../../../distribute/push/plan-tagged-push.ts";
import { readTagStrategies, type TagStrategy } from "../../../distribute/tag-strategies.ts";
import { isTag } from "../../../oci/reference.ts";
import type { Project } from "../../../project/project.ts";
import type { App } from "../../app.ts";
import { listOf } from "../../arguments.ts";
import { defineCommand } from "../../define-command.ts";
import { openStore } from "../../open-store.ts";
import { openProject } from "../../project/open-project.ts";
import { readBuildId } from "../../read-build-id.ts";
import { registryFlags } from "../../registry/open-remote.ts";
import { findTagFacts } from "../../transfer/find-tag-facts.ts";
import { openDestination } from "../../transfer/open-destination.ts";
import { readLayout } from "../../transfer/read-layout.ts";
import { runTransfers } from "../../transfer/run-transfers.ts";
import { transferFlags } from "../../transfer/transfer-flags.ts";

export const registryPushCommand = defineCommand({
  args: {
    images: {
      type: "positional",
      required: false,
      valueHint: "image...",
      description: "name, name:tag or a glob (default: every image that was built)",
    },
    tag: {
      type: "string",
      valueHint: "tag,...",
      description: "These tags for the one image, instead of those that strategies make",
    },
    strategy: {
      type: "string",
      valueHint: "names",
      description:
        "How tags are made: timestamp, sha, branch, semver, version, latest, arch, several with spaces between (default: timestamp latest)",
    },
    version: {
      type: "string",
      valueHint: "version",
      description: "The version for semver and version (default: the one in the image's own tag)",
    },
    layout: {
      type: "string",
      valueHint: "directory",
      description: "Push from this OCI image layout, not from the project's store",
    },
    ...registryFlags,
    registry: {
      ...registryFlags.registry,
      description:
        "Where to: a name of hive.yml, or host[:port][/path] (default: what is configured, else the registry of this machine)",
    },
    ...transferFlags,
  },
  async run(app, args) {
    const buildId = readBuildId(args["build-id"]);
    const tags = readTags(args.tag);
    const directory = args.layout === undefined ? undefined : resolve(app.cwd, args.layout);
    const project = directory === undefined ? await openProject(app, args) : undefined;
    const strategies = chooseStrategies(app, args.strategy, project, tags);
    using store = directory === undefined ? await openStore(app, args.project) : undefined;
    const layout =
      store === undefined
        ? await readLayout(directory ?? app.cwd)
        : { ...store, names: await store.references() };
    const images = nameStored(layout.names, {
      patterns: args._,
      buildId,
      fallback: basename(layout.directory),
    });
    const [, second] = new Set(images.map(({ descriptor }) => descriptor.digest));
    if (tags.length > 0 && second !== undefined) {
      throw new HiveError("usage", "Cannot use --tag for several images", {
        hint: `Name one of ${images.map(({ reference }) => reference).join(", ")}.`,
      });
    }
    const facts = await findTagFacts(app, strategies, project?.root ?? app.cwd, args.version);
    const known = project ?? { registries: new Map<string, never>(), registry: {} };
    const opened = await openDestination(app, args, args.registry, known);
    const { registry: destination, prefix } = opened;
    const options = { layout, destination, prefix, buildId, tags, strategies, facts };
    return await runTransfers(app, args, "push", await planTaggedPush(images, options));
  },
});

function readTags(flag: string | undefined): readonly string[] {
  const tags = [...new Set(listOf(flag))];
  const wrong = tags.find((tag) => !isTag(tag));
  if (wrong === undefined) return tags;
  throw new HiveError("usage", `Cannot use --tag=${wrong}: it is no tag`, {
    hint: "A tag has at most 128 letters, digits, and _ . -, and does not begin with . or -.",
  });
}

/** The flag, then HIVE_TAG_STRATEGY, then hive.yml; none beside tags, unless the flag asks for some. */
function chooseStrategies(
  { env }: App,
  flag: string | undefined,
  project: Project | undefined,
  tags: readonly string[],
): readonly TagStrategy[] {
  if (flag !== undefined) return readTagStrategies(flag, "--strategy");
  if (tags.length > 0) return [];
  const fromEnvironment = env["HIVE_TAG_STRATEGY"] || undefined;
  if (fromEnvironment !== undefined) return readTagStrategies(fromEnvironment, "HIVE_TAG_STRATEGY");
  const written = project?.registry.tagStrategy;
  if (written !== undefined) {
    return readTagStrategies(written, `registry.tag_strategy of ${project?.file}`);
  }
  return ["timestamp", "latest"];
}
