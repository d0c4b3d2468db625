import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { startBuildkitd } from "../support/buildkitd.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { watchPeakMemory } from "../support/peak-memory.ts";
import { startHive } from "../support/run-hive.ts";

/** Bytes. */
const mostMemory = 250 * 1024 * 1024;
/** With what hive needs in any case this is more. What is repeated lies too far apart to be compressed. */
const piece = randomBytes(32 * 1024 * 1024);
const size = 7 * piece.length;

test.each(["registry", "session"])(
  "a file as big as hive's memory goes to the daemon, over the %s to the store, and out again",
  async (handover) => {
    await using daemon = await startBuildkitd();
    await using project = await projectDirectory({
      "images/big/image.yml": `tags: [{ name: "1" }]\n`,
      "images/big/Dockerfile": "FROM scratch\nCOPY big /big\n",
    });
    const file = await open(join(project.path, "images/big/big"), "w");
    for (let at = 0; at < size; at += piece.length) await file.write(piece);
    await file.close();
    const args = ["build", "big", `--handover=${handover}`, "--output=type=tar,dest=big.tar"];
    const env = { BUILDKIT_HOST: daemon.address };
    const hive = startHive(args, { cwd: project.path, env });
    using memory = watchPeakMemory(hive.pid);
    const { exitCode, stderr } = await hive.result;
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
    expect((await stat(join(project.path, "big.tar"))).size).toBeGreaterThan(size);
    expect(memory.peak()).toBeGreaterThan(0);
    expect(memory.peak()).toBeLessThan(mostMemory);
  },
  180_000,
);
