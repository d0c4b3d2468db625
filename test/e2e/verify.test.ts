import { expect, test } from "bun:test";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";

test("hive verify checks everything without a daemon, and counts it", async () => {
  await using project = await projectDirectory({
    "hive.yml": "platforms: [linux/amd64, linux/arm64]\n",
    "images/app/image.yml": "tags: [{ name: '1' }, { name: '2' }]\n",
    "images/app/Dockerfile": "FROM __hive__/base:1.0\n",
  });
  const env = { BUILDKIT_HOST: "unix:///nowhere/buildkitd.sock" };
  const result = await runHive(["verify"], { cwd: project.path, env });
  expect(result).toMatchObject({ exitCode: 0, stdout: "2 images, 6 targets: no problems\n" });
  const selected = await runHive(["verify", "app:2", "--platform", "linux/arm64"], {
    cwd: project.path,
  });
  expect(selected.stdout).toBe("1 image, 1 target: no problems\n");
  expect((await runHive(["verify", "ap"], { cwd: project.path })).exitCode).toBe(2);
});

test("hive verify shows what is wrong, in the format that is asked for", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: '1' }]
secrets:
  token: { source: env, value: HIVE_TEST_UNSET }
`,
    "images/app/Dockerfile": "FROM __hive__/base:1.0\nRUN --mount=type=secret,id=token true\n",
    "images/app/test.yml.gotpl": "schemaVersion: 2.0.0\nfilExistenceTests: [{{ .Tag }}]\n",
  });
  const env = { HIVE_TEST_UNSET: undefined };
  const text = await runHive(["verify"], { cwd: project.path, env });
  expect(text).toMatchObject({ exitCode: 2, stdout: "2 images, 2 targets: 2 errors\n" });
  expect(text.stderr).toContain("images/app/image.yml:3:3");
  expect(text.stderr).toContain("HIVE_TEST_UNSET");
  expect(text.stderr).toContain("images/app/test.yml.gotpl:2:1");

  const json = await runHive(["verify", "--json"], { cwd: project.path, env });
  expect(JSON.parse(json.stdout)).toEqual([
    expect.objectContaining({ code: "HV6001", severity: "error" }),
    expect.objectContaining({ place: expect.objectContaining({ line: 2, column: 1 }) }),
  ]);
  const github = await runHive(["verify", "--format", "github"], { cwd: project.path, env });
  expect(github.stdout).toMatch(/^::error file=images\/app\/image.yml,line=3,/m);
  expect((await runHive(["verify", "base"], { cwd: project.path, env })).exitCode).toBe(0);

  // What can't be planned at all.
  await project.write("images/app/Dockerfile", "FROM __hive__/bas:1.0\n");
  const broken = await runHive(["verify"], { cwd: project.path, env });
  expect(broken).toMatchObject({ exitCode: 2, stdout: "1 error\n" });
  expect(broken.stderr).toContain("images/app/Dockerfile:1:");
});

test("hive verify names what no build can be sent, unless it is ignored", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": "tags: [{ name: '1' }, { name: '2' }]\n",
    "images/app/Dockerfile": "FROM __hive__/base:1.0\nCOPY . /\n",
    "images/app/.dockerignore": "ignored\n",
    "images/app/rootfs/etc/file": "",
    // Links are sent as they are, wherever they lead.
    "images/app/rootfs/etc/passwd": { symlink: "/etc/passwd" },
  });
  const make = (path: string): void => {
    const args = ["mknod", `${project.path}/images/app/${path}`, "c", "1", "3"];
    expect(Bun.spawnSync(args).exitCode).toBe(0);
  };
  make("ignored");
  expect(await runHive(["verify"], { cwd: project.path })).toMatchObject({ exitCode: 0 });
  expect(await runHive(["build", "app"], { cwd: project.path })).toMatchObject({ exitCode: 0 });
  make("rootfs/etc/null");
  const result = await runHive(["verify"], { cwd: project.path });
  expect(result).toMatchObject({ exitCode: 2, stdout: "2 images, 3 targets: 1 error\n" });
  expect(result.stderr).toContain(
    'Cannot send "images/app/rootfs/etc/null" to a build: it is a device or a pipe\n --> images/app/rootfs/etc/null:1:1',
  );
  expect(await runHive(["verify", "base"], { cwd: project.path })).toMatchObject({ exitCode: 0 });
}, 60_000);

test("hive verify --rebuild shows the layer and the entry that differ", async () => {
  await using project = await projectDirectory({
    "images/steady/image.yml": "tags: [{ name: '1' }]\n",
    "images/steady/Dockerfile":
      "FROM __hive__/base:1.0\nCOPY file /file\nRUN mkdir -p /a/b && echo x > /a/b/c\n",
    "images/steady/file": "1",
    "images/dated/image.yml": "tags: [{ name: '1' }]\n",
    "images/dated/Dockerfile": `FROM __hive__/base:1.0
ENV A=1
RUN echo same > /same
RUN cat /proc/sys/kernel/random/uuid > /now && date >> /now
RUN cat /proc/sys/kernel/random/uuid > /later
`,
    // On what can't be reproduced itself.
    "images/top/image.yml": "tags: [{ name: '1' }]\n",
    "images/top/Dockerfile": "FROM __hive__/dated:1\nRUN echo y > /y\n",
  });
  const result = await runHive(["verify", "--rebuild"], { cwd: project.path });
  expect(result.stdout).toMatch(/^base:1.0 \S+ same$/m);
  expect(result.stdout).toMatch(/^steady:1 \S+ same$/m);
  expect(result.stdout).toMatch(/^top:1 \S+ same$/m);
  expect(result.stdout).toMatch(
    /^dated:1 \S+ differs\n {2}layer 4 of 5: \/now has other content from byte \d+ on .*\n {2}RUN .*uuid > \/now/m,
  );
  expect(result.exitCode).toBe(1);

  const json = await runHive(["verify", "--rebuild", "--json", "dated"], { cwd: project.path });
  expect(JSON.parse(json.stdout)).toEqual([
    expect.objectContaining({
      difference: expect.objectContaining({
        where: "layer",
        layer: 4,
        entry: expect.objectContaining({ path: "/now", what: "content" }),
      }),
    }),
  ]);
  const steady = await runHive(["verify", "--rebuild", "steady"], { cwd: project.path });
  expect(steady).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^steady:1 \S+ same\n$/),
  });
}, 120_000);

test("hive verify --rebuild of what can't be built fails as a build does", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": "tags: [{ name: '1' }]\n",
    "images/app/Dockerfile": "FROM __hive__/base:1.0\nRUN false\n",
  });
  const result = await runHive(["verify", "--rebuild"], { cwd: project.path });
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain("RUN false");
});
