import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { serveVault } from "../support/vault-server.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { type HiveResult, startHive } from "../support/run-hive.ts";

const ids = ["from_env", "from_file", "from_plain", "from_vault"] as const;

/** One image that uses a secret of each source, prints them and may fail then. */
function image(values: Readonly<Record<string, string>>, step: string): Record<string, string> {
  const mounts = ids.map((id) => `--mount=type=secret,id=${id},required=true`).join(" ");
  return {
    "images/app/image.yml": `tags: [{ name: "1" }]
secrets:
  from_env: { source: env, value: "\${HIVE_TEST_SECRET}" }
  from_file: { source: file, value: ../../secret-file }
  from_plain: { source: plain, value: "${values["from_plain"]}" }
  from_vault: { source: vault, value: "vault://kv/team/app#password" }
`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0
RUN ${mounts} cd /run/secrets && cat ${ids.join(" ")} | sha256sum > /sum && ${step} # ${crypto.randomUUID()}
RUN cat /sum
`,
  };
}

test("secrets of every source reach their step, and nothing else: no output, no file, no process list", async () => {
  const values = Object.fromEntries(ids.map((id) => [id, `${id}-${crypto.randomUUID()}`]));
  const sum = new Bun.CryptoHasher("sha256")
    .update(ids.map((id) => values[id]).join(""))
    .digest("hex");
  const token = `token-${crypto.randomUUID()}`;
  const secrets = { "team/app": { password: values["from_vault"] ?? "" } };
  using vault = serveVault({ token, mounts: { kv: { version: 2, secrets } } });
  const env = {
    HIVE_TEST_SECRET: values["from_env"],
    VAULT_ADDR: vault.address,
    VAULT_TOKEN: token,
  };
  const hidden = [...Object.values(values), token];
  const printing = "sleep 1 && for f in from_*; do echo $f is $(cat $f); done";
  for (const step of [printing, `${printing} && exit 3`]) {
    await using project = await projectDirectory({
      ...image(values, step),
      "secret-file": values["from_file"] ?? "",
    });
    for (const args of [
      ["--progress=rawjson", "--json"],
      ["--progress=plain", "--no-skip"],
    ]) {
      const running = startHive(["build", ...args], { cwd: project.path, env });
      const commands = new Set<string>();
      const watch = setInterval(() => {
        const { stdout } = Bun.spawnSync(["ps", "-eo", "args"]);
        commands.add(stdout.toString());
      }, 100);
      const result: HiveResult = await running.result.finally(() => clearInterval(watch));
      const printed = result.stdout + result.stderr;
      expect(result.exitCode).toBe(step === printing ? 0 : 1);
      if (args.includes("--json")) {
        for (const id of ids) expect(printed).toContain(`${id} is ***`);
        if (step === printing) expect(printed).toContain(sum);
      }
      for (const value of hidden) {
        expect(printed).not.toContain(value);
        expect([...commands].join("\n")).not.toContain(value);
        expect(await filesWith(value, join(project.path, ".hive"))).toEqual([]);
      }
    }
  }
}, 120_000);

test("a secret that can't be had ends the build with its place and reason, before any step waits for it", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]
secrets:
  token: { source: env, value: HIVE_TEST_UNSET }
`,
    "images/app/Dockerfile": `FROM __hive__/base:1.0
RUN --mount=type=secret,id=token cat /run/secrets/token # ${crypto.randomUUID()}
`,
  });
  const run = (): Promise<HiveResult> =>
    startHive(["build", "--progress=plain"], {
      cwd: project.path,
      env: { HIVE_TEST_UNSET: undefined },
    }).result;
  const { exitCode, stderr } = await run();
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /Cannot get secret "token" \(images\/app\/image\.yml:3:\d+\): the environment variable HIVE_TEST_UNSET is not set/,
  );
  expect(stderr).toContain("export HIVE_TEST_UNSET=");

  await project.write("images/app/image.yml", `tags: [{ name: "1" }]\n`);
  await project.write(
    "images/app/Dockerfile",
    `FROM __hive__/base:1.0\nRUN --mount=type=secret,id=token,required=true true # ${crypto.randomUUID()}\n`,
  );
  const undeclared = await run();
  expect(undeclared.exitCode).toBe(1);
  expect(undeclared.stderr).toContain("Declare it in image.yml: secrets: { token:");
}, 60_000);

/** Files below `directory` that hold `text`, packed layers included. */
async function filesWith(text: string, directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await Bun.file(path).bytes();
    const content = bytes[0] === 0x1f && bytes[1] === 0x8b ? Bun.gunzipSync(bytes) : bytes;
    if (Buffer.from(content).includes(text)) found.push(path);
  }
  return found;
}
