import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";

/** Who is to trust a registry's authority: Docker's engine; podman, buildah and skopeo; every program. */
export const trustTools = ["docker", "containers", "system"] as const;

export type TrustTool = (typeof trustTools)[number];

/** One thing to do, in a form that can be done as well as shown. */
export type TrustStep =
  /** Copies the authority's certificate there. */
  | { readonly kind: "write"; readonly file: string }
  /** Removes it, and its directory when nothing else is in it. */
  | { readonly kind: "remove"; readonly file: string; readonly directory: "keep" | "remove" }
  | { readonly kind: "run"; readonly command: readonly string[] };

export type TrustPlan = {
  readonly steps: readonly TrustStep[];
  /** Whether the file system's owner has to do them. */
  readonly asRoot: boolean;
};

/** What the steps depend on. */
type TrustWorld = {
  /** `host:port` of the registry. */
  readonly address: string;
  /** Path of the authority's certificate. */
  readonly authorityFile: string;
  /** Where the file system starts that is changed: `/`. */
  readonly root: string;
  /** 0 may change everything; others only what is theirs. */
  readonly uid: number;
  readonly platform: NodeJS.Platform;
  readonly env: Environment;
};

/** Where systems look for further authorities, and what makes them look: the first that is there counts. */
const systems: readonly (readonly [directory: string, suffix: string, ...command: string[]])[] = [
  ["etc/pki/ca-trust/source/anchors", "pem", "update-ca-trust", "extract"],
  ["etc/ca-certificates/trust-source/anchors", "crt", "update-ca-trust"],
  ["etc/pki/trust/anchors", "pem", "update-ca-certificates"],
  ["usr/local/share/ca-certificates", "crt", "update-ca-certificates"],
];

/**
 * What makes a tool trust the authority, or trust it no more.
 * @throws HiveError "failed" on a system that we know nothing of.
 */
export function trustPlan(
  tool: TrustTool,
  action: "install" | "remove",
  world: TrustWorld,
): TrustPlan {
  if (tool === "system") return { steps: systemSteps(action, world), asRoot: true };
  const own = ownDirectory(tool, world);
  const directory = own ?? join("/etc", tool, "certs.d");
  const file = join(world.root, directory, world.address, "ca.crt");
  return {
    steps: [
      action === "install"
        ? { kind: "write", file }
        : { kind: "remove", file, directory: "remove" },
    ],
    asRoot: own === undefined,
  };
}

/**
 * Where a tool that runs for one user looks; undefined where it looks in /etc alone, or this is root.
 * {@link https://docs.docker.com/engine/security/certificates/}
 * {@link https://github.com/containers/image/blob/main/docs/containers-certs.d.5.md}
 */
function ownDirectory(tool: "docker" | "containers", world: TrustWorld): string | undefined {
  const { root, uid, platform, env } = world;
  const home = env["HOME"] ?? "";
  // Docker Desktop's engine is in a virtual machine, which is handed the files of the user.
  if (tool === "docker" && platform === "darwin") return join(home, ".docker/certs.d");
  if (uid === 0) return undefined;
  const runtime = env["XDG_RUNTIME_DIR"] ?? "";
  const isRootless = runtime !== "" && existsSync(join(root, runtime, "docker.sock"));
  if (tool === "docker" && !isRootless) return undefined;
  return join(env["XDG_CONFIG_HOME"] || join(home, ".config"), tool, "certs.d");
}

function systemSteps(action: "install" | "remove", world: TrustWorld): readonly TrustStep[] {
  const { root, platform, authorityFile, address } = world;
  if (platform === "darwin") {
    const keychain = "/Library/Keychains/System.keychain";
    const add = ["add-trusted-cert", "-d", "-r", "trustRoot", "-k", keychain, authorityFile];
    const remove = ["remove-trusted-cert", "-d", authorityFile];
    return [{ kind: "run", command: ["security", ...(action === "install" ? add : remove)] }];
  }
  const [directory = "", suffix = "", ...command] =
    systems.find(([path]) => existsSync(join(root, path))) ?? [];
  if (directory === "") {
    throw new HiveError("failed", "Cannot tell where this system keeps certificate authorities", {
      hint: `Install "${authorityFile}" as the system's documentation says, or choose with --tool.`,
    });
  }
  const name = `hive-registry-${address.replaceAll(/[^\w.-]/g, "_")}.${suffix}`;
  const file = join(root, directory, name);
  return [
    action === "install" ? { kind: "write", file } : { kind: "remove", file, directory: "keep" },
    { kind: "run", command: root === "/" ? command : ["chroot", root, ...command] },
  ];
}
