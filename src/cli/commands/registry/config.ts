import { resolve } from "node:path";
import { parseRegistryAddress } from "../../../remote/registry-address.ts";
import { defineCommand } from "../../define-command.ts";
import { printJson } from "../../print-json.ts";
import { findLocalRegistry } from "../../registry/find-local-registry.ts";
import { findPlace } from "../../registry/find-place.ts";
import { addressFlags } from "../../registry/open-remote.ts";
import { configurableTools, readTool, toolConfig } from "../../registry/tool-config.ts";
import { mirrorConfig, readMirrorNames } from "../../registry/tool-mirrors.ts";

export const registryConfigCommand = defineCommand({
  args: {
    tool: {
      type: "positional",
      required: true,
      valueHint: "tool",
      description: configurableTools.join(", "),
    },
    mirror: {
      type: "string",
      valueHint: "name,...",
      description: "What to tell it to ask this registry first for images of these, as docker.io",
    },
    ...addressFlags,
    json: { type: "boolean", description: "Print path, snippet and notes as JSON" },
  },
  async run(app, args) {
    const tool = readTool(args.tool);
    const mirrors = readMirrorNames(args.mirror);
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
    const plainHttp = origin.startsWith("http:");
    const access = { address: host, plainHttp, certificateAuthority, loopback };
    const config =
      mirrors.length === 0 ? toolConfig(tool, access) : mirrorConfig(tool, access, mirrors);
    if (args.json === true) {
      return printJson(app.stdout, { tool, registry: host, ...config });
    }
    // Where it belongs is no part of the file: `hive registry config buildkit >> buildkitd.toml`.
    if (config.path !== undefined) app.log.info(`For ${config.path}:`);
    app.stdout.write(config.snippet);
    for (const note of config.notes) app.log.info(note);
  },
});
