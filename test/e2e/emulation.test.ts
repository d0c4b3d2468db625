import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../support/run.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { requireEnv } from "../support/require-env.ts";
import { runHive } from "../support/run-hive.ts";
import { builtTargets } from "./build-json.ts";

/** The machine, as `uname -m` has it, of each architecture. */
const machines: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64" };

const foreign = requireEnv("HIVE_TEST_FOREIGN_PLATFORM");
const foreignArch = foreign.replace("linux/", "");
const ownArch = foreignArch === "arm64" ? "amd64" : "arm64";

/** Both run a step that tells what it ran on; the second is built on the first, and on what it told. */
const files = {
  "hive.yml": "platforms: [amd64, arm64]\n",
  "images/base/image.yml": `tags: [{ name: "1.0" }]\n`,
  "images/base/Dockerfile": `FROM scratch
ARG TARGETARCH
COPY busybox-$TARGETARCH /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && uname -m > /machine"]
`,
  "images/app/image.yml": `tags: [{ name: "1" }]\n`,
  "images/app/Dockerfile": `FROM --platform=$BUILDPLATFORM __hive__/base:1.0 AS tool
RUN uname -m > /tool
FROM __hive__/base:1.0
COPY --from=tool /tool /tool
RUN cat /tool /machine > /report && uname -m >> /report
CMD ["cat", "/report"]
`,
};

describe("an image for a platform that only an emulator runs", () => {
  let project: ProjectDirectory;

  beforeAll(async () => {
    project = await projectDirectory(files);
    const base = join(project.path, "images/base");
    const binaries = {
      [ownArch]: requireEnv("HIVE_TEST_BUSYBOX"),
      [foreignArch]: requireEnv("HIVE_TEST_FOREIGN_BUSYBOX"),
    };
    for (const [arch, path] of Object.entries(binaries)) {
      await copyFile(path, join(base, `busybox-${arch}`));
      await chmod(join(base, `busybox-${arch}`), 0o755);
    }
    const result = await runHive(["build", "--json"], { cwd: project.path });
    expect(builtTargets(result).map(({ reference }) => reference)).toHaveLength(4);
    expect([result.exitCode, result.stderr]).toEqual([0, expect.not.stringContaining("emulator")]);
  });

  afterAll(async () => await project[Symbol.asyncDispose]());

  test.each(["amd64", "arm64"])(
    "runs its steps on %s, and those of what it builds on",
    async (arch) => {
      const own = String(machines[ownArch]);
      const machine = String(machines[arch]);
      const report = await fileOf(project, "app:1", { arch, file: "report" });
      expect(report.trim().split("\n")).toEqual([own, machine, machine]);
    },
  );

  test("is in the index that other tools read from an archive", async () => {
    const exported = ["export", "app:1", "-o", "app.tar"];
    expect((await runHive(exported, { cwd: project.path })).exitCode).toBe(0);
    const raw = await run(["skopeo", "inspect", "--raw", "oci-archive:app.tar"], project.path);
    const { mediaType, manifests } = JSON.parse(raw) as {
      mediaType: string;
      manifests: { platform: object }[];
    };
    expect(mediaType).toBe("application/vnd.oci.image.index.v1+json");
    expect(manifests.map(({ platform }) => platform)).toEqual([
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ]);
    for (const arch of ["amd64", "arm64"]) {
      const inspect = ["skopeo", "inspect", "--override-arch", arch, "oci-archive:app.tar"];
      expect(JSON.parse(await run(inspect, project.path))).toMatchObject({ Architecture: arch });
    }
  });
});

/** The text of a file in the root of an image, from the layer that wrote it. */
async function fileOf(
  project: ProjectDirectory,
  reference: string,
  { arch, file }: { readonly arch: string; readonly file: string },
): Promise<string> {
  const directory = `copy-${arch}`;
  const source = `oci:.hive:${reference}`;
  const copy = ["skopeo", "copy", "--override-arch", arch, source, `dir:${directory}`];
  await run(copy, project.path);
  const manifest = (await Bun.file(join(project.path, directory, "manifest.json")).json()) as {
    layers: { digest: string }[];
  };
  const last = String(manifest.layers.at(-1)?.digest).replace("sha256:", "");
  return await run(["tar", "-xzOf", join(directory, last), file], project.path);
}
