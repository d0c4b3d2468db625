import { join } from "node:path";
import { ownNamespaces } from "./buildkitd.ts";
import { tempDirectory } from "./temp-directory.ts";
import { waitUntil } from "./wait-until.ts";

export type Dockerd = AsyncDisposable & {
  /** What goes into DOCKER_HOST. */
  readonly host: string;
};

type DockerdOptions = {
  /** Keeps images in containerd's store. */
  readonly containerdStore: boolean;
  /** A network namespace of its own: it can't reach the tests, as an engine on another machine. */
  readonly isolated?: boolean;
  /** Addresses of mirrors of Docker Hub: `http://127.0.0.1:5000`. */
  readonly mirrors?: readonly string[];
};

const startLimit = 30_000;

/**
 * Starts a Docker Engine of the test's own, the one on PATH: in namespaces of its own, with which all that it started ends.
 * @throws Error with the engine's log when it is not ready in time
 */
export async function startDockerd(options: DockerdOptions): Promise<Dockerd> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDirectory());
  const socket = join(path, "docker.sock");
  const config = join(path, "daemon.json");
  await Bun.write(
    config,
    JSON.stringify({
      features: { "containerd-snapshotter": options.containerdStore },
      hosts: [`unix://${socket}`],
      "data-root": join(path, "data"),
      "exec-root": join(path, "exec"),
      pidfile: join(path, "pid"),
      ...(options.mirrors === undefined ? {} : { "registry-mirrors": options.mirrors }),
      bridge: "none",
      iptables: false,
      ip6tables: false,
    }),
  );
  const log = join(path, "log");
  const daemon = Bun.spawn(
    [
      ...ownNamespaces,
      ...(options.isolated === true ? ["--net"] : []),
      "dockerd",
      "--config-file",
      config,
    ],
    { stdin: "ignore", stdout: "ignore", stderr: Bun.file(log) },
  );
  stack.defer(async () => {
    daemon.kill("SIGKILL");
    await daemon.exited;
  });
  await waitUntil("the engine answers", startLimit, async () => {
    if (daemon.exitCode !== null) throw new Error("The engine ended at once");
    const answer = await fetch("http://docker/_ping", { unix: socket }).catch(() => undefined);
    return answer?.ok === true ? true : undefined;
  }).catch(async (cause: unknown) => {
    throw new Error(`Cannot start a Docker Engine. Its log:\n${await Bun.file(log).text()}`, {
      cause,
    });
  });
  const owned = stack.move();
  return { host: `unix://${socket}`, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
