import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dockerClient } from "./docker-client.ts";
import { importImage } from "./import-image.ts";
import { requireEnv } from "./require-env.ts";
import { tempDirectory } from "./temp-directory.ts";
import { waitUntil } from "./wait-until.ts";

export type TestContainer = AsyncDisposable & {
  readonly name: string;
  /** Docker's client, with the container's name behind the arguments: `docker("pause")`. */
  docker(...args: string[]): Promise<string>;
  /** The commands that run in it. */
  processes(): Promise<string[]>;
};

type ContainerOptions = {
  /** Default: buildkitd, and it is waited for. */
  readonly command?: readonly string[];
  /** Without, there is neither buildkitd nor buildctl in it. */
  readonly buildkit?: boolean;
  /** Is made, but not started. */
  readonly started?: boolean;
};

const startLimit = 30_000;

/**
 * A container of an image that is called moby/buildkit, on a Docker Engine or a Podman. The image has directories alone; this
 * machine's programs are mounted into it, read-only, with the binaries that HIVE_TEST_BUILDKITD stands beside.
 * It shares this machine's network, because the engines of the tests make none.
 */
export async function startBuildkitContainer(
  host: string,
  { command = [], buildkit = true, started = true }: ContainerOptions = {},
): Promise<TestContainer> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDirectory());
  const name = `hive-test-${crypto.randomUUID()}`;
  const image = `localhost/moby/buildkit:${name}`;
  for (const path of ["image/tmp", "image/etc", "state"]) {
    await mkdir(join(directory.path, path), { recursive: true });
  }
  stack.use(await importImage(host, image, { directory: join(directory.path, "image") }));

  const runc = Bun.which("buildkit-runc") ?? Bun.which("runc") ?? "";
  const mounts = [
    ...["/usr", "/lib", "/lib64"].map((path) => `${path}:${path}:ro`),
    `${dirname(runc)}:/opt/runc:ro`,
    // BuildKit's own snapshots can't be on those of an engine.
    `${join(directory.path, "state")}:/var/lib/buildkit`,
    ...(buildkit ? [`${dirname(requireEnv("HIVE_TEST_BUILDKITD"))}:/opt/buildkit:ro`] : []),
  ];
  await dockerClient(host, [
    "create",
    `--name=${name}`,
    "--privileged",
    "--network=host",
    "--env=PATH=/opt/buildkit:/opt/runc:/usr/sbin:/usr/bin",
    ...mounts.flatMap((mount) => ["--volume", mount]),
    image,
    ...(command.length === 0 ? ["buildkitd"] : command),
  ]);
  stack.defer(async () => void (await dockerClient(host, ["rm", "--force", name])));
  if (started) await dockerClient(host, ["start", name]);
  if (started && command.length === 0) {
    await waitUntil("BuildKit in a container is ready", startLimit, async () => {
      const workers = dockerClient(host, ["exec", name, "buildctl", "debug", "workers"]);
      return await workers.catch(() => undefined);
    });
  }
  const owned = stack.move();
  return {
    name,
    docker: async (...args) => await dockerClient(host, [...args, name]),
    async processes() {
      const [, ...lines] = (await dockerClient(host, ["top", name, "-eo", "pid,args"]))
        .trim()
        .split("\n");
      return lines.map((line) => line.trim().replace(/^\d+ +/, ""));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
