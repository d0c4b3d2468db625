import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../support/run.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { smallDisk } from "../support/small-disk.ts";
import { tempDirectory } from "../support/temp-directory.ts";

test("hive loads neither bunfig.toml nor .env nor a tsconfig of the directory it runs in", async () => {
  await using project = await projectDirectory({
    "bunfig.toml": `preload = ["./evil.ts"]\n`,
    "evil.ts": `await Bun.write(import.meta.dir + "/pwned", "x"); console.log("pwned");\n`,
    ".env": "HIVE_PROJECT=/nowhere\nHIVE_COLOR=always\nBUILDKIT_HOST=tcp://127.0.0.1:1\n",
    ".env.local": "HIVE_PROJECT=/nowhere\n",
    "tsconfig.json": `{ "compilerOptions": { "jsx": 7 } }`,
    "package.json": `{ "name": 7, "type": [] }`,
  });
  for (const args of [["--version"], ["plan"], ["build", "--json"]]) {
    const result = await runHive(args, { cwd: project.path });
    expect([
      args,
      result.exitCode,
      result.stderr.includes("pwned"),
      result.stdout.includes("pwned"),
    ]).toEqual([args, 0, false, false]);
  }
  expect(existsSync(join(project.path, "pwned"))).toBe(false);
});

test("hive waits for no pipe in a store, and writes nowhere that a link of the project leads", async () => {
  await using elsewhere = await tempDirectory();
  await using project = await projectDirectory({ ".hive/oci-layout": "{}" });
  await run(["mkfifo", join(project.path, ".hive/history.json")]);
  await symlink(elsewhere.path, join(project.path, "dist"));
  for (const args of [["plan"], ["verify"], ["explain"], ["list"], ["build"]]) {
    const result = await runHive(args, { cwd: project.path });
    expect([args, result.exitCode]).toEqual([args, 2]);
    expect(result.stderr).toContain('.hive/history.json": it is no plain file');
  }
  await rm(join(project.path, ".hive"), { recursive: true });
  const generated = await runHive(["generate"], { cwd: project.path });
  expect(generated.stderr).toContain('dist": it is a link');
  expect(await readdir(elsewhere.path)).toEqual([]);
});

test("hive lock says that the disk is full, and leaves nothing", async () => {
  await using disk = await smallDisk();
  const files = {
    "hive.yml": "",
    "images/a/image.yml": "tags: [{ name: 1 }]\n",
    "images/a/Dockerfile": "FROM scratch\n",
  };
  for (const [name, text] of Object.entries(files)) await Bun.write(join(disk.path, name), text);
  const filling = Bun.write(join(disk.path, "fill"), "x".repeat(4 * 1024 * 1024));
  await filling.catch(() => undefined);
  const result = await runHive(["lock"], { cwd: disk.path });
  expect([result.exitCode, result.stderr]).toEqual([
    1,
    `error: Cannot write to "${disk.path}": no space left on the device\nhint: Free some space.\n`,
  ]);
  expect((await readdir(disk.path)).toSorted()).toEqual(["fill", "hive.yml", "images"]);
});
