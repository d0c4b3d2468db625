import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { requireEnv } from "../support/require-env.ts";
import { runHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { builtTargets } from "./build-json.ts";

/** Runs a real client; its failure is the test's. */
async function client(...command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  if (child.exitCode !== 0) throw new Error(`${command.join(" ")} failed:\n${stderr}`);
  return stdout;
}

let project: ProjectDirectory;
let digest: string | undefined;

beforeAll(async () => {
  project = await projectDirectory({
    "images/team/app/image.yml": `tags: [{ name: "2.0", labels: { tier: gold } }]\n`,
    "images/team/app/Dockerfile": `FROM __hive__/base:1.0\nRUN echo hello > /greeting\nCMD ["/bin/cat", "/greeting"]\n`,
  });
  digest = builtTargets(await runHive(["build", "--json"], { cwd: project.path })).find(
    ({ reference }) => reference === "team:2.0",
  )?.digest;
});

afterAll(() => project[Symbol.asyncDispose]());

describe("what was built", () => {
  test("is an OCI layout that skopeo reads by reference", async () => {
    const image = `oci:${join(project.path, ".hive")}:team:2.0`;
    const inspected = JSON.parse(await client("skopeo", "inspect", image)) as {
      Digest: string;
      Labels: Record<string, string>;
    };
    expect(inspected.Digest).toBe(digest ?? "nothing was built");
    expect(inspected.Labels).toMatchObject({ tier: "gold" });
    await using directory = await tempDirectory();
    await client("skopeo", "copy", "--quiet", image, `dir:${directory.path}`);
  });

  test("hive list shows it, also as JSON", async () => {
    const table = await runHive(["list"], { cwd: project.path });
    expect(table.stdout).toMatch(/base:1\.0\s.*sha256:[0-9a-f]{12}/);
    const rows = JSON.parse((await runHive(["list", "--json"], { cwd: project.path })).stdout) as {
      reference: string;
      digest: string;
    }[];
    expect(rows.map(({ reference }) => reference)).toEqual(["base:1.0", "team:2.0"]);
    expect(rows[1]?.digest).toBe(digest ?? "");
  });

  test.each([
    { format: "oci-archive", image: (path: string) => `oci-archive:${path}` },
    { format: "docker-archive", image: (path: string) => `docker-archive:${path}` },
  ])(
    "hive export writes a $format that skopeo reads, twice the same bytes",
    async ({ format, image }) => {
      await using directory = await tempDirectory();
      const [one, two] = [
        join(directory.path, "one.tar"),
        join(directory.path, "two.tar"),
      ] as const;
      for (const path of [one, two]) {
        const result = await runHive(["export", "team:2.0", `--format=${format}`, "-o", path], {
          cwd: project.path,
        });
        expect([result.exitCode, result.stderr]).toEqual([0, expect.any(String)]);
      }
      expect(await Bun.file(one).bytes()).toEqual(await Bun.file(two).bytes());
      const inspected = JSON.parse(await client("skopeo", "inspect", image(one))) as {
        Labels: Record<string, string>;
      };
      expect(inspected.Labels).toMatchObject({ tier: "gold" });
    },
  );

  test("hive export says so when nobody reads the archive any more", async () => {
    const pipe = '(sleep 1; "$@"; echo "ended with $?" >&2) | true';
    const { stderr } = await runHive(["export", "team:2.0", "-o", "-"], {
      cwd: project.path,
      program: ["sh", "-c", pipe, "sh", requireEnv("HIVE_BINARY")],
    });
    expect(stderr).toBe(
      "error: Cannot write the archive: who reads it has stopped\nended with 1\n",
    );
  });

  test("hive export names what there is when the image is unknown", async () => {
    const result = await runHive(["export", "team:2.1", "-o", "-"], { cwd: project.path });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("team:2.0");
  });

  test("hive load puts it into a Docker Engine, which runs it", async () => {
    const host = requireEnv("HIVE_TEST_DOCKER_HOST");
    const result = await runHive(["load", "team:2.0"], {
      cwd: project.path,
      env: { DOCKER_HOST: host },
    });
    expect([result.exitCode, result.stderr]).toEqual([0, expect.any(String)]);
    expect(await client("docker", "-H", host, "run", "--rm", "--network=none", "team:2.0")).toBe(
      "hello\n",
    );
  });

  test("hive load says which engine it can't reach", async () => {
    const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
    const result = await runHive(["load", "team:2.0"], { cwd: project.path, env });
    expect(result.exitCode).toBe(4);
    expect(result.stderr).toContain("/nowhere/docker.sock");
  });
});

describe("before anything is built", () => {
  test("hive plan lists targets after what they need, also as JSON", async () => {
    const table = await runHive(["plan"], { cwd: project.path });
    expect(table.stdout.indexOf("base:1.0")).toBeLessThan(table.stdout.indexOf("team:2.0"));
    const plan = JSON.parse((await runHive(["plan", "--json"], { cwd: project.path })).stdout) as {
      targets: { reference: string; dependencies: { target: string }[] }[];
    };
    expect(plan.targets.map(({ reference }) => reference)).toEqual(["base:1.0", "team:2.0"]);
    expect(plan.targets[1]?.dependencies.map(({ target }) => target)).toEqual([
      expect.stringContaining("base:1.0"),
    ]);
  });

  test("hive graph draws the family, as text and for dot", async () => {
    const text = await runHive(["graph"], { cwd: project.path });
    expect(text.stdout).toMatch(/base:1\.0[\s\S]*team:2\.0/);
    const dot = await runHive(["graph", "--dot"], { cwd: project.path });
    expect(dot.stdout).toMatch(/^digraph/);
    expect(dot.stdout).toMatch(/base:1\.0.*->.*team:2\.0|team:2\.0.*->.*base:1\.0/);
  });

  test("hive list without any build says so", async () => {
    await using fresh = await projectDirectory();
    const result = await runHive(["list"], { cwd: fresh.path });
    expect([result.exitCode, result.stderr]).toEqual([0, expect.stringContaining("hive build")]);
  });
});
