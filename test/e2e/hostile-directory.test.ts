import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";

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
