import { HiveError } from "../../base/hive-error.ts";
import { indentedJson } from "../../base/json-line.ts";
import { shellWord } from "../../base/shell-word.ts";
import { mirrorPrefix } from "../../oci/mirror-prefix.ts";
import { isRepositoryName } from "../../oci/reference.ts";
import { listOf } from "../arguments.ts";
import {
  type ConfigurableTool,
  type RegistryAccess,
  toml,
  toolConfig,
  type ToolConfig,
} from "./tool-config.ts";

/** The registries of `--mirror`, as `hive registry start` takes them: `NAME[=URL],...`. @throws HiveError "usage" */
export function readMirrorNames(flag: string | undefined): readonly string[] {
  const names = listOf(flag).map((text) => text.replace(/=.*$/s, "").toLowerCase());
  const wrong = names.find((name) => {
    const prefix = mirrorPrefix(name);
    return !isRepositoryName(prefix) || prefix.includes("/");
  });
  if (wrong === undefined) return [...new Set(names)];
  const shown = wrong.includes("@") ? "what was given" : `"${wrong}"`;
  throw new HiveError("usage", `Cannot use ${shown} as a mirror`, {
    hint: "Write the name of a registry as it stands in references: docker.io, or registry.acme.test:5000.",
  });
}

/**
 * What to tell `tool` so that it asks a registry of hive's first for what is at others.
 * @param names of those: `docker.io`; one at least
 * @throws HiveError "usage" for what the tool can't be told
 */
export function mirrorConfig(
  tool: ConfigurableTool,
  access: RegistryAccess,
  names: readonly string[],
): ToolConfig {
  const config = makers[tool](access, names);
  const isWhole = tool === "buildkit" || tool === "containerd";
  if (isWhole || access.certificateAuthority === undefined) return config;
  const also = `It has to trust the registry as well: \`hive registry config ${tool}\` says how.`;
  return { ...config, notes: [...config.notes, also] };
}

type Maker = (access: RegistryAccess, names: readonly string[]) => ToolConfig;

const makers: Readonly<Record<ConfigurableTool, Maker>> = {
  docker(access, names) {
    const others = names.filter((name) => name !== "docker.io");
    if (others.length === names.length) {
      throw new HiveError("usage", `Docker can't be told of a mirror of ${others.join(", ")}`, {
        hint: `It asks mirrors for docker.io only; pull others by their copy's name, ${copyOf(access, others[0] ?? "")}/...`,
      });
    }
    return {
      path: "/etc/docker/daemon.json",
      snippet: indentedJson({ "registry-mirrors": [urlOf(access)] }),
      notes: [
        "Merge it with what is there; then run `systemctl reload docker`.",
        ...others.map(
          (name) =>
            `Docker asks mirrors for docker.io only: pull from ${copyOf(access, name)}/... instead of ${name}/...`,
        ),
      ],
    };
  },
  podman: (access, names) => ({
    path: "/etc/containers/registries.conf.d/hive-mirrors.conf",
    snippet: names
      .map((name) =>
        [
          "[[registry]]",
          `location = ${toml(name)}`,
          "",
          "[[registry.mirror]]",
          `location = ${toml(copyOf(access, name))}`,
          ...(access.plainHttp ? ["insecure = true"] : []),
          "",
        ].join("\n"),
      )
      .join("\n"),
    notes: [
      "For one user only: ~/.config/containers/registries.conf.d. Buildah and skopeo read the same.",
    ],
  }),
  containerd: (access, names) => ({
    path: undefined,
    snippet: names.map((name) => installHosts(access, name)).join("\n"),
    notes: [
      "Run it in a shell.",
      "containerd reads it at once where config_path names /etc/containerd/certs.d; `ctr` takes --hosts-dir.",
    ],
  }),
  buildkit(access, names) {
    const own = toolConfig("buildkit", access);
    const mirrors = names.map(
      (name) => `[registry.${toml(name)}]\n  mirrors = [${toml(access.address)}]\n`,
    );
    const shared = toolConfig("buildkit", { ...access, plainHttp: true, loopback: false });
    return {
      path: shared.path,
      snippet: [...mirrors, ...(own.snippet === "" ? [] : [own.snippet])].join("\n"),
      notes: shared.notes,
    };
  },
};

/** A file for each registry, so commands that write them. */
function installHosts(access: RegistryAccess, name: string): string {
  const directory = shellWord(`/etc/containerd/certs.d/${name}`);
  const ca = access.certificateAuthority;
  return [
    `sudo mkdir -p ${directory}`,
    `sudo tee ${directory}/hosts.toml >/dev/null <<'EOF'`,
    `server = ${toml(`https://${name === "docker.io" ? "registry-1.docker.io" : name}`)}`,
    "",
    `[host.${toml(urlOf(access))}]`,
    `  capabilities = ["pull", "resolve"]`,
    ...(ca === undefined ? [] : [`  ca = ${toml(ca)}`]),
    "EOF",
    "",
  ].join("\n");
}

function urlOf({ plainHttp, address }: RegistryAccess): string {
  return `${plainHttp ? "http" : "https"}://${address}`;
}

/** What the repositories of another registry begin with at the mirror. */
function copyOf({ address }: RegistryAccess, name: string): string {
  return `${address}/${mirrorPrefix(name)}`;
}
