import { closestNames } from "../../base/closest.ts";
import { HiveError } from "../../base/hive-error.ts";
import { indentedJson } from "../../base/json-line.ts";
import { shellWord } from "../../base/shell-word.ts";

/** How a tool reaches a registry. */
export type RegistryAccess = {
  /** `host:port`. */
  readonly address: string;
  /** Without TLS. */
  readonly plainHttp: boolean;
  /** Absolute path of a PEM file, where the certificate is of no public authority. */
  readonly certificateAuthority: string | undefined;
  /** Whether the address is one that only this machine reaches. */
  readonly loopback: boolean;
};

/** What a tool has to be told of a registry. */
export type ToolConfig = {
  /** The file that the snippet belongs into; undefined for commands to run, or where nothing is needed. */
  readonly path: string | undefined;
  /** The lines of that file, or of a shell; empty where nothing is needed. */
  readonly snippet: string;
  /** What else is to know, a sentence each. */
  readonly notes: readonly string[];
};

export const configurableTools = ["docker", "podman", "containerd", "buildkit"] as const;

export type ConfigurableTool = (typeof configurableTools)[number];

/** @throws HiveError "usage" */
export function readTool(name: string): ConfigurableTool {
  const tool = configurableTools.find((known) => known === name);
  if (tool !== undefined) return tool;
  const [best] = closestNames(name, configurableTools);
  throw new HiveError("usage", `Unknown tool "${name}"`, {
    hint:
      best === undefined ? `Name one of ${configurableTools.join(", ")}` : `Did you mean ${best}?`,
  });
}

/** What to tell `tool` so that it pulls from and pushes to a registry. */
export function toolConfig(tool: ConfigurableTool, access: RegistryAccess): ToolConfig {
  if (!access.plainHttp && access.certificateAuthority === undefined) {
    return nothing("The tool trusts public certificate authorities already.");
  }
  return makers[tool](access);
}

const makers: Readonly<Record<ConfigurableTool, (access: RegistryAccess) => ToolConfig>> = {
  docker,
  podman,
  containerd,
  buildkit,
};

function docker({ address, certificateAuthority, loopback }: RegistryAccess): ToolConfig {
  if (certificateAuthority !== undefined) {
    return installAuthority(certificateAuthority, `/etc/docker/certs.d/${address}`, [
      "Docker reads it at once; a rootless engine looks in ~/.config/docker/certs.d.",
    ]);
  }
  if (loopback) return nothing("Docker speaks plain HTTP to registries on loopback already.");
  return {
    path: "/etc/docker/daemon.json",
    snippet: indentedJson({ "insecure-registries": [address] }),
    notes: [
      "Merge it with what is there; then run `systemctl reload docker`.",
      "A rootless engine reads ~/.config/docker/daemon.json, Docker Desktop has it in its settings.",
    ],
  };
}

function podman({ address, certificateAuthority }: RegistryAccess): ToolConfig {
  if (certificateAuthority !== undefined) {
    return installAuthority(certificateAuthority, `/etc/containers/certs.d/${address}`, [
      "For one user only: ~/.config/containers/certs.d. Buildah and skopeo read the same.",
    ]);
  }
  return {
    path: "/etc/containers/registries.conf.d/hive.conf",
    snippet: ["[[registry]]", `location = ${toml(address)}`, "insecure = true", ""].join("\n"),
    notes: [
      "For one user only: ~/.config/containers/registries.conf.d. Buildah and skopeo read the same.",
    ],
  };
}

function containerd({ address, plainHttp, certificateAuthority }: RegistryAccess): ToolConfig {
  const url = `${plainHttp ? "http" : "https"}://${address}`;
  return {
    path: `/etc/containerd/certs.d/${address}/hosts.toml`,
    snippet: [
      `server = ${toml(url)}`,
      "",
      `[host.${toml(url)}]`,
      `  capabilities = ["pull", "resolve", "push"]`,
      ...(certificateAuthority === undefined ? [] : [`  ca = ${toml(certificateAuthority)}`]),
      "",
    ].join("\n"),
    notes: [
      "containerd reads it at once where config_path names /etc/containerd/certs.d; `ctr` takes --hosts-dir.",
    ],
  };
}

function buildkit({ address, certificateAuthority, loopback }: RegistryAccess): ToolConfig {
  if (certificateAuthority === undefined && loopback) {
    return nothing("BuildKit speaks plain HTTP to registries on its own loopback already.");
  }
  return {
    path: "/etc/buildkit/buildkitd.toml",
    snippet: [
      `[registry.${toml(address)}]`,
      certificateAuthority === undefined
        ? "  http = true"
        : `  ca = [${toml(certificateAuthority)}]`,
      // Without it there is no TLS on loopback, whatever else is said.
      ...(certificateAuthority !== undefined && loopback ? ["  http = false"] : []),
      "",
    ].join("\n"),
    notes: [
      "Restart buildkitd after it; a rootless one reads ~/.config/buildkit/buildkitd.toml.",
      "For a builder of buildx: docker buildx create --buildkitd-config FILE.",
    ],
  };
}

function installAuthority(file: string, directory: string, notes: readonly string[]): ToolConfig {
  return {
    path: undefined,
    snippet: `sudo install -D -m 0644 ${shellWord(file)} ${shellWord(`${directory}/ca.crt`)}\n`,
    notes: ["Run it in a shell.", ...notes],
  };
}

function nothing(reason: string): ToolConfig {
  return { path: undefined, snippet: "", notes: [`Nothing to do. ${reason}`] };
}

/** A basic string of TOML, which JSON's are too. */
export function toml(text: string): string {
  return JSON.stringify(text);
}
