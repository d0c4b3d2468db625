import { resolve } from "node:path";
import { parseRegistryAddress } from "../../../remote/registry-address.ts";
import { defineCommand } from "../../define-command.ts";
import { printJson } from "../../print-json.ts";
import { findLocalRegistry } from "../../registry/find-local-registry.ts";
import { findPlace } from "../../registry/find-place.ts";
import { addressFlags } from "../../registry/open-remote.ts";
import { configurableTools, readTool, toolConfig } from "../../registry/tool-config.ts";

export const registryConfigCommand = defineCommand({
  args: {
    tool: {
      type: "positional",
      required: true,
      valueHint: "tool",
      description: configurableTools.join(", "),
    },
    ...addressFlags,
    json: { type: "boolean", description: "Print path, snippet and notes as JSON" },
  },
  async run(app, args) {
    const tool = readTool(args.tool);
    const place = await findPlace(app, args);
    const local = place === undefined ? await findLocalRegistry(app, args.storage) : undefined;
    const certificateAuthority =
      args["ca-cert"] === undefined
        ? local?.certificateAuthority
        : resolve(app.cwd, args["ca-cert"]);
    const { host, origin, loopback } = parseRegistryAddress(place?.address ?? local?.url ?? "", {
      plainHttp: args["plain-http"] === true,
      privateAuthority: certificateAuthority !== undefined,
    });
    const config = toolConfig(tool, {
      address: host,
      plainHttp: origin.startsWith("http:"),
      certificateAuthority,
      loopback,
    });
    if (args.json === true) {
      return printJson(app.stdout, { tool, registry: host, ...config });
    }
    // Where it belongs is no part of the file: `hive registry config buildkit >> buildkitd.toml`.
    if (config.path !== undefined) app.log.info(`For ${config.path}:`);
    app.stdout.write(config.snippet);
    for (const note of config.notes) app.log.info(note);
  },
});
