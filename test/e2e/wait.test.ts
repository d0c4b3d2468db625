import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { servedRegistry } from "../remote/support/served-registry.ts";
import { startBuildkitd } from "../support/buildkitd.ts";
import { startPeerRegistry } from "../support/peer-registries.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive, startHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";

describe("hive wait", () => {
  test("ends once a daemon that starts late answers, and says what it waits for", async () => {
    await using directory = await tempDirectory();
    const address = `unix://${join(directory.path, "buildkitd.sock")}`;
    const options = { cwd: directory.path, env: { BUILDKIT_HOST: address } };
    const hive = startHive(["wait", "--timeout=60s"], options);
    await hive.prints(`Waiting for BuildKit ${address}: `);
    await using _daemon = await startBuildkitd({ directory: directory.path });
    const { exitCode, stdout } = await hive.result;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^BuildKit unix:\S+: \S+ answers\n$/);
  }, 90_000);

  test("also waits for registries; one that wants credentials is there", async () => {
    const credential = { username: "bob", secret: "x" };
    await using open = await servedRegistry();
    await using closed = await servedRegistry({ credential });
    const registries = `--registry=${open.address},${closed.address}`;
    const { exitCode, stdout } = await runHive(["wait", "--json", registries], { cwd: "/" });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ready: true,
      waitedFor: [
        { kind: "buildkit", ready: true },
        { kind: "registry", address: open.address, ready: true },
        { kind: "registry", address: closed.address, ready: true },
      ],
    });
  });

  test("waits for registries that hive.yml names, with TLS of an authority of their own", async () => {
    await using registry = await startPeerRegistry("hive");
    await using project = await projectDirectory({
      "hive.yml": `registries: { ci: { address: "${registry.address}/team", role: ci } }\n`,
    });
    const args = ["wait", "--timeout=30s", `--ca-cert=${registry.authority ?? ""}`];
    const options = { cwd: project.path, env: { HIVE_REGISTRY: "ci" } };
    const { exitCode, stdout } = await runHive(args, options);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringContaining(`registry ${registry.address}: it answers, and wants credentials\n`),
    ]);
  }, 60_000);

  test("waits for all nodes of hive.yml, unless its user names one", async () => {
    await using daemon = await startBuildkitd();
    const missing = "unix:///nobody/buildkitd.sock";
    await using project = await projectDirectory({
      "hive.yml": `buildkit: { nodes: [{ address: "${daemon.address}" }, { address: "${missing}" }] }\n`,
    });
    const options = { cwd: project.path, env: { BUILDKIT_HOST: "" } };
    const all = await runHive(["wait", "--timeout=3s", "--json"], options);
    expect([all.exitCode, JSON.parse(all.stdout)]).toMatchObject([
      4,
      {
        ready: false,
        waitedFor: [
          { kind: "buildkit", address: daemon.address, ready: true },
          { kind: "buildkit", address: missing, ready: false },
        ],
      },
    ]);
    const one = await runHive(["wait", `--buildkit=${daemon.address}`], options);
    expect([one.exitCode, one.stdout]).toEqual([0, expect.stringContaining(daemon.address)]);
  }, 60_000);

  test("exits with 4 when the time is up, and names what did not answer", async () => {
    const args = ["wait", "--timeout=1s", "--registry=127.0.0.1:1", "--json"];
    const { exitCode, stdout, stderr } = await runHive(args, { cwd: "/" });
    expect(exitCode).toBe(4);
    expect(stderr).toContain("No answer within 1s from");
    expect(stderr).toContain("registry 127.0.0.1:1: ");
    const { ready, waitedFor } = JSON.parse(stdout) as { ready: boolean; waitedFor: unknown };
    expect(ready).toBe(false);
    expect(waitedFor).toMatchObject([{ ready: true }, { ready: false }]);
  });

  test("exits with 4 for a daemon that takes connections and does not answer", async () => {
    await using daemon = await startBuildkitd();
    process.kill(daemon.pid, "SIGSTOP");
    try {
      const args = ["wait", "--timeout=2s", `--buildkit=${daemon.address}`];
      const { exitCode, stderr } = await runHive(args, { cwd: "/", deadline: 30_000 });
      expect([exitCode, stderr]).toEqual([4, expect.stringContaining(daemon.address)]);
    } finally {
      process.kill(daemon.pid, "SIGCONT");
    }
  }, 60_000);

  test("does not wait for an address that nobody understands", async () => {
    const odd = await runHive(["wait", "--buildkit=carrier-pigeon://x"], { cwd: "/" });
    expect([odd.exitCode, odd.stderr]).toEqual([2, expect.stringContaining("unix://")]);
  });

  test("ends at Ctrl-C", async () => {
    const env = { BUILDKIT_HOST: "unix:///nowhere/buildkitd.sock" };
    const hive = startHive(["wait"], { cwd: "/", env });
    await hive.prints("Waiting for BuildKit");
    hive.kill("SIGINT");
    expect((await hive.result).exitCode).toBe(130);
  });
});
