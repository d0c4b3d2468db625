import { parse } from "yaml";
import { runHive } from "../../support/run-hive.ts";

/** Projects whose pipelines stand in `golden/`. All are in `sub` of a repository when `directory` says so. */
export type Case = {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly directory?: string;
};

const images: Readonly<Record<string, string>> = {
  "images/base/image.yml": `tags: [{ name: "1.0" }, { name: "2.0" }]
secrets: { token: { source: env, value: API_TOKEN } }
`,
  // What mounts the secret is in a stage that nothing needs: nothing has to run.
  "images/base/Dockerfile": `FROM scratch AS private
RUN --mount=type=secret,id=token ["/nothing"]
FROM scratch
ARG TARGETARCH
LABEL of=$TARGETARCH
COPY data /
`,
  "images/base/data": "base\n",
  "images/ci-tools/image.yml": 'tags: [{ name: "1.0" }]\n',
  "images/ci-tools/Dockerfile": "FROM __hive__/base:2.0\nCOPY data /tools\n",
  "images/ci-tools/data": "tools\n",
  "images/team/app/image.yml": 'tags: [{ name: "1.0" }]\n',
  "images/team/app/Dockerfile": "FROM __hive__/base:1.0\nCOPY data /app\n",
  "images/team/app/data": "app\n",
};

const hiveUrl = `  hive_url: "https://hive.example/{version}/hive-linux-{arch}.tar.gz"
  hive_version: "1.2.3"
  hive_sha256_amd64: "${"1".repeat(64)}"
  hive_sha256_arm64: "${"2".repeat(64)}"
`;

/** Everything at its default, on two platforms. */
const family: Case = {
  name: "family",
  files: {
    ...images,
    "hive.yml": `platforms: [linux/amd64, linux/arm64]
cache: { type: gha }
template_options:
${hiveUrl}  job_image: ci-tools:1.0
`,
  },
};

/** Everything set that can be set, in a directory of a repository. */
const settings: Case = {
  name: "settings",
  directory: "containers/all images",
  files: {
    ...images,
    "hive.yml": `platforms: [linux/amd64, linux/arm/v7]
template_options:
  install: |
    mkdir -p "$HOME/bin"
    cp "/opt/hive's/hive" "$HOME/bin"
    export PATH="$HOME/bin:$PATH"
  name: "images: all"
  shards: 2
  registry: registry.example.com:5000/team
  branches: main, release-1
  tags: v*
  gitlab_tags: /^v/
  buildkit: tcp://buildkit.example:1234
  timeout: 90
  image: registry.example.com:5000/ci/hive:1
  runner_linux_amd64: self-hosted, x64
  buildkite_runner_linux_amd64: big
  runner_linux_arm_v7: arm
`,
  },
};

/** No registry at all. */
const local: Case = {
  name: "local",
  files: {
    ...images,
    "hive.yml": `platforms: [linux/amd64]
template_options:
${hiveUrl}  registry: none
`,
  },
};

export const cases: readonly Case[] = [family, settings, local];

/** The files that each system gets, by their names in `golden/<case>/`, and how hive is asked for them. */
export const outputs: Readonly<Record<string, readonly string[]>> = {
  "github.yml": ["--provider=github"],
  "gitlab.yml": ["--provider=gitlab"],
  "gitlab-images.yml": ["--provider=gitlab", "images.yml"],
  "gitlab-images-mr.yml": ["--provider=gitlab", "images.yml", "--build-id=mr-7.abcdef12"],
  "buildkite.yml": ["--provider=buildkite"],
  "buildkite-images.yml": ["--provider=buildkite", "images.yml"],
};

/** What `hive template ci --stdout` prints, and the YAML of it. @throws Error with what it said when it fails */
export async function generated(
  project: string,
  args: readonly string[],
): Promise<{ readonly text: string; readonly yaml: unknown }> {
  const { exitCode, stdout, stderr } = await runHive(["template", "ci", ...args, "--stdout"], {
    cwd: project,
  });
  if (exitCode !== 0 || stderr !== "") throw new Error(`hive ended with ${exitCode}:\n${stderr}`);
  // GitLab and Buildkite read YAML 1.1, in which `on` is a key of GitHub's only as a text.
  return { text: stdout, yaml: parse(stdout, { version: "1.2" }) };
}
