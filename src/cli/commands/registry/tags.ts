import { HiveError } from "../../../base/hive-error.ts";
import { printable } from "../../../base/printable.ts";
import { defineCommand } from "../../define-command.ts";
import { printJson } from "../../print-json.ts";
import { findReference } from "../../registry/find-reference.ts";
import { openRemote, registryFlags } from "../../registry/open-remote.ts";
import { readReference } from "../../registry/read-reference.ts";

export const registryTagsCommand = defineCommand({
  args: {
    name: {
      type: "positional",
      required: true,
      valueHint: "name",
      description: "The repository, as team/app",
    },
    ...registryFlags,
    json: { type: "boolean", description: "Print the tags as a JSON array" },
  },
  async run(app, args) {
    const { address, repository, tag, digest } = await findReference(app, args, args.name);
    if (tag !== undefined || digest !== undefined) {
      throw new HiveError("usage", `"${args.name}" is one image, not a repository`, {
        hint: `Write hive registry tags ${readReference(args.name, undefined).repository}`,
      });
    }
    const registry = await openRemote(app, args, address, { repository });
    const tags = (await Array.fromAsync(registry.tags(repository))).toSorted();
    if (args.json === true) return printJson(app.stdout, tags);
    app.stdout.write(tags.map((name) => `${printable(name)}\n`).join(""));
  },
});
