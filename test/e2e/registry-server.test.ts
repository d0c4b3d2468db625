import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { openCertificates } from "../../src/certificates/open-certificates.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { runHive, startHive } from "../support/run-hive.ts";
import { startRegistry } from "../support/start-registry.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";

const content = "a blob";
const digest = digestOf(content);

async function pushBlob(url: string, repository: string, text = content): Promise<number> {
  const location = `${url}/v2/${repository}/blobs/uploads/?digest=${digestOf(text)}`;
  return (await fetch(location, { method: "POST", body: text })).status;
}

function threadNames(pid: number): readonly string[] {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).map((id) => readFileSync(`${tasks}/${id}/comm`, "utf8").trim());
}

/** An image of one layer, which is its config as well. */
async function pushImage(url: string, name: string, tag: string): Promise<void> {
  const config = `{"name":"${name}"}`;
  expect(await pushBlob(url, name, config)).toBe(201);
  const descriptor = { digest: digestOf(config), size: config.length };
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...descriptor },
    layers: [],
  };
  const response = await fetch(`${url}/v2/${name}/manifests/${tag}`, {
    method: "PUT",
    headers: { "Content-Type": manifest.mediaType },
    body: JSON.stringify(manifest),
  });
  expect(response.status).toBe(201);
}

describe("hive registry start", () => {
  test("prints its address, keeps what is pushed, and lets SIGTERM end it well", async () => {
    await using directory = await tempDirectory();
    const storage = `--storage=${join(directory.path, "store")}`;
    {
      await using registry = await startRegistry([storage]);
      expect(registry.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      await pushImage(registry.url, "team/app", "1.0");
    }
    await using again = await startRegistry([storage]);
    const tags = await fetch(`${again.url}/v2/team/app/tags/list`);
    expect(await tags.json()).toEqual({ name: "team/app", tags: ["1.0"] });
  });

  test("hashes a big blob in a thread that was not there before", async () => {
    await using directory = await tempDirectory();
    await using registry = await startRegistry([`--storage=${directory.path}`]);
    // Only the compiled binary can lack the thread's code, and would do without it in silence.
    const hasThread = (): boolean => threadNames(registry.hive.pid).includes("Worker");
    expect(hasThread()).toBe(false);
    expect(await pushBlob(registry.url, "team/app", "x".repeat(10_000_000))).toBe(201);
    expect(hasThread()).toBe(availableParallelism() > 1);
  });

  test("a second one on the same storage is told who has it", async () => {
    await using directory = await tempDirectory();
    const storage = `--storage=${directory.path}`;
    await using first = await startRegistry([storage]);
    const second = await runHive(["registry", "start", "--port=0", storage]);
    expect([second.exitCode, second.stdout]).toEqual([1, ""]);
    expect(second.stderr).toContain(`${first.hive.pid}`);
  });

  test("a port that is taken is told, with a way out, and the storage is free again", async () => {
    await using directory = await tempDirectory();
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      const result = await runHive([
        "registry",
        "start",
        `--port=${port}`,
        `--storage=${directory.path}`,
      ]);
      expect([result.exitCode, result.stdout]).toEqual([1, ""]);
      expect(result.stderr).toContain(`port ${port}`);
      expect(result.stderr).toContain("--port");
    } finally {
      server.close();
    }
    await using _ = await startRegistry([`--storage=${directory.path}`]);
  });

  test.each([
    { args: ["--port=65536"], says: "65535" },
    { args: ["--port=http"], says: "--port=http" },
    { args: ["--gc-interval=often"], says: "1h30m" },
    { args: ["--max-storage=lots"], says: "10GiB" },
    { args: ["--tls-cert=a.pem"], says: "--tls-key" },
    { args: ["--tls-cert=missing.pem", "--tls-key=missing.pem"], says: "missing.pem" },
    { args: ["--htpasswd=missing"], says: "missing" },
    { args: ["--sync=often"], says: "always, never" },
    { args: ["--ephemeral", "--secure"], says: "--ephemeral" },
    { args: ["--anonymous=read"], says: "without users" },
    { args: ["--ephemeral", "--detach"], says: "--ephemeral" },
    { args: ["--host=0.0.0.0"], says: "--insecure-listen" },
    { args: ["--host=192.0.2.1", "--insecure-listen"], says: "no address of this machine" },
    { args: ["--host=0.0.0.0", "--secure", "--tls-cert=a", "--tls-key=b"], says: "a" },
  ])("$args is an error that says $says", async ({ args, says }) => {
    await using directory = await tempDirectory();
    const result = await runHive(["registry", "start", ...args], {
      cwd: directory.path,
      env: { XDG_DATA_HOME: directory.path },
    });
    expect([result.exitCode, result.stdout]).toEqual([2, ""]);
    expect(result.stderr).toContain(says);
  });

  test("--ephemeral leaves nothing", async () => {
    await using directory = await tempDirectory();
    const hive = startHive(["registry", "start", "--port=0", "--ephemeral"], {
      env: { TMPDIR: directory.path, XDG_DATA_HOME: directory.path },
    });
    await hive.prints(/^http:\S+\n/m);
    const url = hive.stdout().trim();
    expect(await pushBlob(url, "a")).toBe(201);
    const [name] = await Array.fromAsync(
      new Bun.Glob("*").scan({ cwd: directory.path, onlyFiles: false }),
    );
    expect(name).toBeDefined();
    hive.kill("SIGINT");
    expect((await hive.result).exitCode).toBe(0);
    const left = new Bun.Glob("**/*").scan({ cwd: directory.path, onlyFiles: false, dot: true });
    expect(await Array.fromAsync(left)).toEqual([]);
  });

  test("a push that has begun ends before the server does, and no other begins", async () => {
    await using directory = await tempDirectory();
    const registry = await startRegistry([`--storage=${directory.path}`, "--stop-grace=30s"]);
    const opened = await fetch(`${registry.url}/v2/slow/blobs/uploads/`, { method: "POST" });
    const location = `${registry.url}${opened.headers.get("location")}`;
    registry.hive.kill("SIGTERM");
    await waitUntil("it is stopping", 30_000, async () =>
      (await fetch(`${registry.url}/healthz`)).status === 503 ? true : undefined,
    );

    expect(await pushBlob(registry.url, "other")).toBe(503);
    expect((await fetch(location, { method: "PATCH", body: content })).status).toBe(202);
    const ended = await fetch(`${location}?digest=${digest}`, { method: "PUT" });
    expect(ended.status).toBe(201);
    expect((await registry.hive.result).exitCode).toBe(0);

    await using again = await startRegistry([`--storage=${directory.path}`]);
    const blob = await fetch(`${again.url}/v2/slow/blobs/${digest}`);
    expect(await blob.text()).toBe(content);
  });

  test("a push that does not end is cut after --stop-grace", async () => {
    await using directory = await tempDirectory();
    const registry = await startRegistry([`--storage=${directory.path}`, "--stop-grace=1s"]);
    const never = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(9)),
    });
    const push = fetch(`${registry.url}/v2/slow/blobs/uploads/?digest=${digest}`, {
      method: "POST",
      body: never,
    }).catch((error: unknown) => error);
    await waitUntil("the push is under way", 30_000, async () =>
      (await numberOf(registry.url, "requests_in_flight")) > 1 ? true : undefined,
    );
    registry.hive.kill("SIGTERM");
    expect((await registry.hive.result).exitCode).toBe(0);
    expect(await push).toBeInstanceOf(Error);
  });
});

async function numberOf(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^hive_registry_${name} (\\S+)$`, "m").exec(text)?.[1]);
}

describe("a registry in the background", () => {
  test("starts, tells of itself, collects garbage, and stops", async () => {
    await using directory = await tempDirectory();
    const storage = `--storage=${directory.path}`;
    const started = await runHive(["registry", "start", "--detach", "--port=0", storage, "--json"]);
    expect(started.exitCode).toBe(0);
    const { url, pid } = JSON.parse(started.stdout) as { url: string; pid: number };
    try {
      await pushImage(url, "app", "1");
      expect(await pushBlob(url, "app", "needed by nothing")).toBe(201);

      const status = await runHive(["registry", "status", storage, "--json"]);
      expect(JSON.parse(status.stdout)).toMatchObject({
        url,
        pid,
        repositories: 1,
        manifests: 1,
        tags: 1,
        stopping: false,
        tls: false,
        users: false,
      });
      const dry = await runHive(["registry", "gc", storage, "--grace=0", "--dry-run", "--json"]);
      expect(JSON.parse(dry.stdout)).toMatchObject({ blobs: 1, dryRun: true });
      const gc = await runHive(["registry", "gc", storage, "--grace=0", "--json"]);
      expect(JSON.parse(gc.stdout)).toMatchObject({ blobs: 1, bytes: 17, dryRun: false });
      expect((await fetch(`${url}/v2/app/manifests/1`)).status).toBe(200);

      const second = await runHive(["registry", "start", "--detach", "--port=0", storage]);
      expect([second.exitCode, second.stderr]).toEqual([1, expect.stringContaining(url)]);
      expect(statSync(join(directory.path, "server.json")).mode & 0o777).toBe(0o600);
    } finally {
      const stopped = await runHive(["registry", "stop", storage]);
      expect([stopped.exitCode, stopped.stderr]).toEqual([0, expect.stringContaining(url)]);
    }
    // Gone, or a zombie where nobody takes care of orphans.
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
    expect(stat).toMatch(/\) Z/);
    expect(existsSync(join(directory.path, "server.json"))).toBe(false);

    const access = await runHive(["registry", "logs", "--access", storage]);
    expect(access.stdout).toContain('"/v2/app/manifests/1"');
    const gone = await runHive(["registry", "status", storage]);
    expect([gone.exitCode, gone.stdout]).toEqual([4, ""]);
    expect((await runHive(["registry", "stop", storage])).exitCode).toBe(0);
  });

  test("one with a certificate of one's own can be asked as well", async () => {
    await using directory = await tempDirectory();
    const own = join(directory.path, "own");
    await openCertificates({ directory: own });
    const storage = `--storage=${join(directory.path, "store")}`;
    const tls = [`--tls-cert=${join(own, "server.crt")}`, `--tls-key=${join(own, "server.key")}`];
    const started = await runHive(["registry", "start", "--detach", "--port=0", storage, ...tls]);
    expect([started.exitCode, started.stderr]).toEqual([0, ""]);
    try {
      const status = await runHive(["registry", "status", storage, "--json"]);
      expect(JSON.parse(status.stdout)).toMatchObject({ url: started.stdout.trim(), tls: true });
      const gc = await runHive(["registry", "gc", storage]);
      expect([gc.exitCode, gc.stdout]).toEqual([0, "Removed 0 images and 0 blobs, 0 B\n"]);
    } finally {
      await runHive(["registry", "stop", storage]);
    }
  });

  test("garbage is collected without a server, too", async () => {
    await using directory = await tempDirectory();
    const storage = `--storage=${directory.path}`;
    {
      await using registry = await startRegistry([storage]);
      await pushImage(registry.url, "app", "1");
      await pushBlob(registry.url, "app", "needed by nothing");
    }
    const gc = await runHive(["registry", "gc", storage, "--grace=0"]);
    expect([gc.exitCode, gc.stdout]).toEqual([0, "Removed 0 images and 1 blobs, 17 B\n"]);
    await using again = await startRegistry([storage]);
    expect((await fetch(`${again.url}/v2/app/manifests/1`)).status).toBe(200);
  });

  test("one that does not start says why", async () => {
    await using directory = await tempDirectory();
    await mkdir(join(directory.path, "store"));
    await writeFile(join(directory.path, "store", "format"), '{"format":999}');
    const result = await runHive([
      "registry",
      "start",
      "--detach",
      "--port=0",
      `--storage=${join(directory.path, "store")}`,
    ]);
    expect([result.exitCode, result.stdout]).toEqual([1, ""]);
    expect(result.stderr).toContain("newer");
  });

  test("what a killed one left does not get in the way", async () => {
    await using directory = await tempDirectory();
    const storage = `--storage=${directory.path}`;
    const killed = await startRegistry([storage]);
    killed.hive.kill("SIGKILL");
    await killed.hive.result;
    expect((await runHive(["registry", "status", storage])).exitCode).toBe(4);
    await using again = await startRegistry([storage]);
    expect((await runHive(["registry", "status", storage])).stdout).toContain(again.url);
  });

  test("logs follow until they are interrupted", async () => {
    await using directory = await tempDirectory();
    const log = join(directory.path, "server.log");
    await writeFile(log, "one\ntwo\nthree\n");
    const tail = await runHive(["registry", "logs", "-n", "2", `--storage=${directory.path}`]);
    expect(tail.stdout).toBe("two\nthree\n");
    const follow = startHive(["registry", "logs", "-f", "-n", "1", `--storage=${directory.path}`]);
    await follow.prints("three\n");
    await writeFile(log, `${await readFile(log, "utf8")}four\n`);
    await follow.prints("four\n");
    follow.kill("SIGINT");
    expect((await follow.result).exitCode).toBe(0);
  });
});
