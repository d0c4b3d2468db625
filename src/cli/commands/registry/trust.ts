import { X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { HiveError } from "../../../base/hive-error.ts";
import { shellWord } from "../../../base/shell-word.ts";
import { applyTrust } from "../../../certificates/apply-trust.ts";
import { renderTrust } from "../../../certificates/render-trust.ts";
import { trustPlan, type TrustTool, trustTools } from "../../../certificates/trust-plan.ts";
import { parseRegistryAddress } from "../../../remote/registry-address.ts";
import type { App } from "../../app.ts";
import { listOf } from "../../arguments.ts";
import { defineCommand } from "../../define-command.ts";
import { readAuthority } from "../../find-authority.ts";
import type { ProjectFlags } from "../../project/open-project.ts";
import { printJson } from "../../print-json.ts";
import { findLocalRegistry } from "../../registry/find-local-registry.ts";
import { findPlace } from "../../registry/find-place.ts";
import { storageFlag } from "../../registry/storage-directory.ts";

export const registryTrustCommand = defineCommand({
  args: {
    registry: {
      type: "string",
      valueHint: "address",
      description: "host:port, or a name of hive.yml (default: the one that runs on this machine)",
    },
    "ca-cert": {
      type: "string",
      valueHint: "file",
      description: "Its certificate authority (PEM), copied from the machine that it runs on",
    },
    ...storageFlag,
    tool: {
      type: "string",
      default: trustTools.join(","),
      valueHint: "tool,...",
      description: "Who is to trust it: docker, containers (podman, buildah, skopeo), system",
    },
    remove: { type: "boolean", description: "Trust it no more" },
    print: { type: "boolean", description: "Only print the commands that would do the same" },
    json: { type: "boolean", description: "Print who trusts what now as JSON" },
  },
  async run(app, args) {
    const { address, authorityFile } = await findTrusted(app, args);
    const authority = await readAuthority(app.cwd, authorityFile);
    const fingerprint = fingerprintOf(authority, authorityFile);
    const action = args.remove === true ? "remove" : "install";
    const uid = process.geteuid?.() ?? 0;
    const { platform } = process;
    const world = { address, authorityFile, root: "/", uid, platform, env: app.env };
    const tools = listOf(args.tool).map(readTrustTool);
    const plans = tools.map((tool) => ({ tool, ...trustPlan(tool, action, world) }));
    const told = { registry: address, authority: authorityFile, fingerprint, tools };
    if (args.print === true) {
      const commands = plans.map((plan) => renderTrust(plan, authorityFile, uid)).join("");
      if (args.json === true) return printJson(app.stdout, { ...told, commands });
      return app.stdout.write(commands);
    }
    const forRoot = plans.filter(({ asRoot }) => asRoot).map(({ tool }) => tool);
    if (uid !== 0 && forRoot.length > 0) {
      // Another user has another storage, so everything is named.
      const flags = [
        `--registry=${address}`,
        `--ca-cert=${authorityFile}`,
        `--tool=${forRoot.join(",")}`,
      ];
      throw rootOnly(forRoot, action === "install" ? flags : [...flags, "--remove"]);
    }
    for (const { steps } of plans) await applyTrust(steps, authority);
    const trusted = action === "install";
    if (args.json === true) return printJson(app.stdout, { ...told, trusted });
    const done = trusted ? "is trusted" : "is trusted no more";
    app.log.info(`The authority of ${address} ${done}, SHA-256 ${fingerprint}`);
  },
});

type Trusted = { readonly address: string; readonly authorityFile: string };

async function findTrusted(
  app: App,
  flags: ProjectFlags & {
    readonly registry?: string | undefined;
    readonly "ca-cert"?: string | undefined;
    readonly storage?: string | undefined;
  },
): Promise<Trusted> {
  const { "ca-cert": file } = flags;
  const place = await findPlace(app, flags);
  if (place !== undefined && file !== undefined) {
    const { host } = parseRegistryAddress(place.address, { privateAuthority: true });
    return { address: host, authorityFile: resolve(app.cwd, file) };
  }
  if (place !== undefined || file !== undefined) {
    throw new HiveError("usage", "Give both --registry and --ca-cert, or none of them", {
      hint: "The file is ca.crt on the machine that the registry runs on: copy it from there.",
    });
  }
  const { address, certificateAuthority } = await findLocalRegistry(app, flags.storage);
  if (certificateAuthority !== undefined) return { address, authorityFile: certificateAuthority };
  throw new HiveError("usage", `The registry on ${address} has no authority of its own`, {
    hint: "One that was started with --secure has.",
  });
}

function rootOnly(tools: readonly TrustTool[], flags: readonly string[]): HiveError {
  const again = ["sudo hive registry trust", ...flags.map(shellWord)].join(" ");
  return new HiveError("usage", `Only root can tell ${tools.join(" and ")} what to trust`, {
    hint: `Run ${again}\nFor podman, buildah and skopeo of this user alone: --tool=containers`,
  });
}

function readTrustTool(name: string): TrustTool {
  const tool = trustTools.find((known) => known === name);
  if (tool !== undefined) return tool;
  throw new HiveError("usage", `Cannot use --tool=${name}: expected ${trustTools.join(", ")}`);
}

function fingerprintOf(authority: string, file: string): string {
  try {
    const certificate = new X509Certificate(authority);
    if (certificate.ca) return certificate.fingerprint256;
  } catch {
    // Said below.
  }
  throw new HiveError("usage", `Cannot use "${file}": it is no certificate of an authority`, {
    hint: "Give ca.crt from the machine that the registry runs on.",
  });
}
