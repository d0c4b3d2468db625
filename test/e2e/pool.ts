import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import {
  type PeerKind,
  type PeerRegistry,
  peerUser,
  startPeerRegistry,
} from "../support/peer-registries.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { requireEnv } from "../support/require-env.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { run } from "../support/run.ts";
import { tempDirectory } from "../support/temp-directory.ts";

/** The digests of an image: `index`, and one for each platform, as `linux/arm64`. */
export type ImageDigests = Readonly<Record<string, string>>;

/** A user with a project, a BuildKit, and four registries with TLS and users, each with an authority of its own. */
export type Pool = AsyncDisposable & {
  readonly project: ProjectDirectory;
  readonly registries: Readonly<Record<Role, PeerRegistry>>;
  /** Runs hive in the project. */
  readonly hive: (
    args: readonly string[],
    options?: { readonly stdin?: string },
  ) => Promise<HiveResult>;
  /** The JSON that hive prints; fails with what it says where it ends with another code than 0. */
  readonly json: (...args: readonly string[]) => Promise<unknown>;
  /** What skopeo and crane say of an image at a registry, and that they say the same. */
  readonly digests: (reference: string) => Promise<ImageDigests>;
  /** What skopeo says of an image of the project's store. */
  readonly stored: (name: string) => Promise<ImageDigests>;
  /** Attaches a file to an image, as users do: with oras. */
  readonly attach: (reference: string, type: string, content: string) => Promise<void>;
};

type Role = "sandbox" | "ci" | "prod" | "archive";

const files = {
  "images/base/Dockerfile": "FROM scratch\nCOPY busybox /bin/busybox\n",
  "images/app/image.yml": `tags: [{ name: "1.2.3" }]\n`,
  "images/app/Dockerfile": "FROM __hive__/base:1.0\nCOPY file /\n",
  "images/app/file": "the first\n",
};

/** @param prod what stands where production is */
export async function openPool(prod: Extract<PeerKind, "hive" | "zot">): Promise<Pool> {
  await using stack = new AsyncDisposableStack();
  const start = async (...args: Parameters<typeof startPeerRegistry>): Promise<PeerRegistry> =>
    stack.use(await startPeerRegistry(...args));
  const registries = {
    sandbox: await start("hive"),
    ci: await start("distribution"),
    prod: await start(prod, { hiveFlags: ["--role=prod"] }),
    archive: await start("hive", { hiveFlags: ["--role=archive"] }),
  };
  const project = stack.use(await projectDirectory({ ...files, "hive.yml": settings(registries) }));
  const home = stack.use(await tempDirectory()).path;
  const bundle = await trust(home, Object.values(registries));
  const daemon = stack.use(await startDaemon([registries.sandbox, registries.ci]));
  const env = {
    HOME: home,
    XDG_DATA_HOME: join(home, "data"),
    XDG_CONFIG_HOME: undefined,
    XDG_RUNTIME_DIR: undefined,
    DOCKER_CONFIG: undefined,
    REGISTRY_AUTH_FILE: undefined,
    BUILDKIT_HOST: daemon.address,
    SOURCE_DATE_EPOCH: "1700000000",
    HIVE_CI: "0",
    HIVE_REGISTRY: undefined,
    CONTAINER_HIVE_REGISTRY: undefined,
    BUILDKITE_HOSTED_REGISTRY_URL: undefined,
  };
  const hive: Pool["hive"] = (args, options = {}) =>
    runHive(args, { cwd: project.path, env, ...options });
  // What other tools find where hive has put it; Go's know authorities by this variable.
  const others = {
    HOME: home,
    DOCKER_CONFIG: join(home, ".docker"),
    REGISTRY_AUTH_FILE: join(home, ".docker/config.json"),
    SSL_CERT_FILE: bundle,
  };
  const client = (name: string, ...args: string[]): Promise<string> =>
    run([join(requireEnv("HIVE_TEST_CLIENTS"), name), ...args], project.path, others);
  const raw = (reference: string): Promise<string> =>
    run(["skopeo", "inspect", "--raw", reference], project.path, others);

  const owned = stack.move();
  return {
    project,
    registries,
    hive,
    async json(...args) {
      const { exitCode, stdout, stderr } = await hive([...args, "--json"]);
      if (exitCode !== 0) throw new Error(`hive ${args.join(" ")}: ${exitCode}\n${stderr}`);
      return JSON.parse(stdout) as unknown;
    },
    async digests(reference) {
      const index = await raw(`docker://${reference}`);
      const repository = reference.slice(0, reference.lastIndexOf(":"));
      const bySkopeo: Record<string, string> = { index: sha256(index) };
      const byCrane: Record<string, string> = { index: await client("crane", "digest", reference) };
      for (const { digest, platform } of childrenOf(index)) {
        bySkopeo[platform] = sha256(await raw(`docker://${repository}@${digest}`));
        byCrane[platform] = await client("crane", "digest", `--platform=${platform}`, reference);
      }
      const told = Object.fromEntries(Object.entries(byCrane).map(([at, by]) => [at, by.trim()]));
      if (!Bun.deepEquals(bySkopeo, told)) {
        throw new Error(
          `${reference}: skopeo says ${JSON.stringify(bySkopeo)}, crane ${JSON.stringify(told)}`,
        );
      }
      return bySkopeo;
    },
    async stored(name) {
      const index = await raw(`oci:.hive:${name}`);
      const children = childrenOf(index).map(({ platform, digest }) => [platform, digest]);
      return { index: sha256(index), ...Object.fromEntries(children) };
    },
    async attach(reference, type, content) {
      await project.write("evidence", content);
      await client("oras", "attach", `--artifact-type=${type}`, reference, `evidence:${type}`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function settings({ sandbox, ci, prod, archive }: Pool["registries"]): string {
  return `platforms: [amd64, arm64]
registries:
  sandbox: { address: "${sandbox.address}/dev" }
  ci: { address: "${ci.address}/team", role: ci, retention: { keep_last: 1 } }
  prod:
    address: "${prod.address}/images"
    role: prod
    promote_from: [ci]
    require: [tests, sbom, signature]
  archive:
    address: "${archive.address}"
    role: archive
    mirror: ["${prod.address}/images/app:1.*"]
`;
}

/** Lets a user's tools trust the registries, as `hive registry trust` does; a file with all their authorities. */
async function trust(home: string, registries: readonly PeerRegistry[]): Promise<string> {
  const texts = await Promise.all(
    registries.map(async ({ address, authority = "" }) => {
      const directory = join(home, ".config/containers/certs.d", address);
      const text = await Bun.file(authority).text();
      await mkdir(directory, { recursive: true });
      await Bun.write(join(directory, "ca.crt"), text);
      return text;
    }),
  );
  const bundle = join(home, "authorities.pem");
  await Bun.write(bundle, texts.join("\n"));
  return bundle;
}

/** A BuildKit that is told of registries what `hive registry config` says. */
async function startDaemon(registries: readonly PeerRegistry[]): Promise<Buildkitd> {
  const configs = await Promise.all(
    registries.map(({ address, authority }) => {
      const flags = [`--registry=${address}`, `--ca-cert=${authority}`];
      return runHive(["registry", "config", "buildkit", ...flags]);
    }),
  );
  return await startBuildkitd({ config: configs.map(({ stdout }) => stdout).join("\n") });
}

/** The name and the password that every registry of a pool knows. */
export const poolUser = peerUser;

function childrenOf(index: string): { readonly digest: string; readonly platform: string }[] {
  type Child = { digest: string; platform: { os: string; architecture: string } };
  return (JSON.parse(index) as { manifests: Child[] }).manifests.map(({ digest, platform }) => ({
    digest,
    platform: `${platform.os}/${platform.architecture}`,
  }));
}

function sha256(text: string): string {
  return `sha256:${new Bun.CryptoHasher("sha256").update(text).digest("hex")}`;
}
