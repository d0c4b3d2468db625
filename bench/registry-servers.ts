import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../test/support/free-port.ts";

/** A registry of the comparison, or nginx with the same files. */
export type ServerKind = {
  readonly name: string;
  /** What it says of itself: the table names it. */
  readonly version: string;
  /** Whether what it took would survive a power cut. */
  readonly sync: boolean;
  /** Writes its configuration below `directory`; returns the command that serves `<directory>/store` on the port. */
  command(directory: string, port: number): Promise<string[]>;
};

export type RunningServer = AsyncDisposable & {
  readonly address: string;
  readonly pid: number;
  /** Holds what it stores. */
  readonly store: string;
  /** Milliseconds from the start of the process to the first answer. */
  readonly ready: number;
};

export function hive(path: string, sync: boolean): ServerKind {
  return {
    name: sync ? "hive, synced" : "hive",
    version: output([path, "--version"]).replace(/^hive /, ""),
    sync,
    command: async (directory, port) => [
      path,
      "registry",
      "start",
      "--storage",
      join(directory, "store"),
      "--port",
      `${port}`,
      "--sync",
      sync ? "always" : "never",
    ],
  };
}

/** It syncs each file that it writes, and has no setting for that. */
export function distribution(path: string): ServerKind {
  return {
    name: "distribution",
    version: / (v\d[^\s+]*)/.exec(output([path, "--version"]))?.[1] ?? "",
    sync: true,
    async command(directory, port) {
      const config = join(directory, "config.yml");
      await writeFile(
        config,
        `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: "${join(directory, "store")}" }
  cache: { blobdescriptor: inmemory }
http: { addr: "127.0.0.1:${port}", relativeurls: true }
`,
      );
      return [path, "serve", config];
    },
  };
}

/** With `dedupe` equal blobs of all repositories are one file: its default, and what hive does. Without is its best case. */
export function zot(path: string, version: string, dedupe: boolean): ServerKind {
  return {
    name: dedupe ? "zot" : "zot, no dedupe",
    version,
    sync: false,
    async command(directory, port) {
      const config = join(directory, "config.json");
      const storage = { rootDirectory: join(directory, "store"), gc: false, dedupe };
      await Bun.write(
        config,
        JSON.stringify({
          distSpecVersion: "1.1.1",
          storage,
          http: { address: "127.0.0.1", port: `${port}` },
          log: { level: "error" },
        }),
      );
      return [path, "serve", config];
    },
  };
}

export function olareg(path: string): ServerKind {
  return {
    name: "olareg",
    version: /v\d\S*/.exec(output([path, "version"]))?.[0] ?? "",
    sync: false,
    command: async (directory, port) => [
      path,
      "serve",
      "--addr=127.0.0.1",
      `--port=${port}`,
      `--dir=${join(directory, "store")}`,
      "--gc-frequency=-1s",
      "--verbosity=error",
    ],
  };
}

/** Serves files below `store` by sendfile: the yardstick for pulls. */
export function nginx(path: string): ServerKind {
  return {
    name: "nginx",
    version: /nginx\/(\S+)/.exec(output([path, "-v"]))?.[1] ?? "",
    sync: false,
    async command(directory, port) {
      const config = join(directory, "nginx.conf");
      await writeFile(
        config,
        `daemon off;
worker_processes auto;
${process.getuid?.() === 0 ? "user root;" : ""}
pid ${directory}/nginx.pid;
error_log stderr error;
events {}
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  server { listen 127.0.0.1:${port}; root ${directory}/store; location = /v2/ { return 200; } }
}
`,
      );
      return [path, "-p", directory, "-c", config];
    },
  };
}

/** @throws when it does not answer within ten seconds. */
export async function startServer(kind: ServerKind, directory: string): Promise<RunningServer> {
  const store = join(directory, "store");
  await mkdir(store, { recursive: true });
  const port = freePort();
  const command = await kind.command(directory, port);
  const log = Bun.file(join(directory, "log"));
  const start = performance.now();
  const child = Bun.spawn(command, {
    cwd: directory,
    // Without it distribution spends its time on sending a trace of each request to a collector that is not there.
    env: { ...process.env, OTEL_TRACES_EXPORTER: "none" },
    stdin: "ignore",
    stdout: log,
    stderr: log,
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
    await child.exited;
    clearTimeout(timer);
  };
  const address = `127.0.0.1:${port}`;
  while (!(await answers(address))) {
    if (child.exitCode === null && performance.now() - start < 10_000) continue;
    await stop();
    throw new Error(`${command.join(" ")} does not answer:\n${await log.text()}`);
  }
  const ready = performance.now() - start;
  return { address, pid: child.pid, store, ready, [Symbol.asyncDispose]: stop };
}

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${address}/v2/`);
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    await Bun.sleep(1);
    return false;
  }
}

function output(command: string[]): string {
  const { stdout, stderr } = Bun.spawnSync(command);
  return `${stdout.toString()}${stderr.toString()}`.trim();
}
