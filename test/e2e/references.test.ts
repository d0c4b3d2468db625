import { expect, test } from "bun:test";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { statuses } from "./build-json.ts";

const plainBase = `FROM __hive__/base:1.0\n`;

test("every way to name an image of the project gets the image just built", async () => {
  await using project = await projectDirectory({
    "images/parent/image.yml": `tags:\n  - name: "1.0"\n  - name: "2.0"\n    build_args: { mark: two }\nbuild_args: { mark: one }\n`,
    "images/parent/Dockerfile": `${plainBase}ARG mark\nRUN echo "$mark" > /mark # ${crypto.randomUUID()}\n`,
    "images/child/image.yml": `tags: [{ name: "1" }]\nbuild_args: { PARENT: "__hive__/parent:2.0" }\n`,
    "images/child/Dockerfile": `ARG PARENT=__hive__/parent:1.0
FROM __hive__/parent:1.0 AS first
RUN test "$(cat /mark)" = one
FROM \${PARENT} AS second
RUN test "$(cat /mark)" = two
COPY --from=first /mark /from-stage
COPY --from=__hive__/parent:1.0 /mark /from-image
RUN test "$(cat /from-stage) $(cat /from-image)" = "one one"
RUN --mount=type=bind,from=__hive__/parent:1.0,target=/mnt,source=/ test "$(cat /mnt/mark)" = one
# a name in a text stays as it is: __hive__/parent:1.0
RUN <<EOF
test "$(echo "__hive__/x" | wc -c)" = 11
echo '__hive__/parent:1.0' > /text
EOF
RUN grep -qx '__hive__/parent:1.0' /text # ${crypto.randomUUID()}
`,
  });
  const result = await runHive(["build", "--json"], { cwd: project.path });
  expect(result.stderr).not.toContain("hive-dep");
  expect(statuses(result)).toMatchObject({
    "parent:1.0": "built",
    "parent:2.0": "built",
    "child:1": "built",
  });
  expect(result.exitCode).toBe(0);
});

test("a changed parent rebuilds its dependents, an unchanged one nothing", async () => {
  await using project = await projectDirectory({
    "images/child/image.yml": `tags: [{ name: "1" }]\n`,
    "images/child/Dockerfile": `${plainBase}COPY --from=__hive__/base:1.0 /word /copy\nRUN cat /copy\n`,
    "images/base/rootfs/word": `hello ${crypto.randomUUID()}\n`,
    "images/base/Dockerfile": `FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin"]\nCOPY rootfs/word /word\n`,
  });
  const options = { cwd: project.path };
  expect(statuses(await runHive(["build", "--json"], options))).toEqual({
    "base:1.0": "built",
    "child:1": "built",
  });
  expect(statuses(await runHive(["build", "--json"], options))).toEqual({
    "base:1.0": "unchanged",
    "child:1": "unchanged",
  });
  await project.write("images/base/rootfs/word", `world ${crypto.randomUUID()}\n`);
  expect(statuses(await runHive(["build", "--json"], options))).toEqual({
    "base:1.0": "built",
    "child:1": "built",
  });
});

test("rootfs, other files, .dockerignore and a variant's overlay make the context", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\nvariants: [{ name: debug, tag_suffix: -debug }]\n`,
    "images/app/Dockerfile": `${plainBase}COPY . /ctx/
RUN test "$(cat /ctx/rootfs/etc/who)" = image && test "$(cat /ctx/file)" = "in the image" && test ! -e /ctx/secret.txt
RUN test ! -e /ctx/image.yml && test ! -e /ctx/debug && test "$(stat -c %a /ctx/rootfs/etc/run.sh)" = 750 && test "$(readlink /ctx/rootfs/etc/link)" = who # ${crypto.randomUUID()}
`,
    "images/app/.dockerignore": "secret.txt\n",
    "images/app/debug/Dockerfile.dockerignore": "rootfs/etc/only-image\n",
    "images/app/secret.txt": "nobody may see this",
    "images/app/file": "in the image\n",
    "images/app/rootfs/etc/who": "image\n",
    "images/app/rootfs/etc/only-image": "x\n",
    "images/app/rootfs/etc/run.sh": { content: "#!/bin/sh\n", mode: 0o750 },
    "images/app/rootfs/etc/link": { symlink: "who" },
    "images/app/debug/Dockerfile": `${plainBase}COPY rootfs/etc /ctx/etc\nRUN test "$(cat /ctx/etc/who)" = variant && test ! -e /ctx/etc/only-image # ${crypto.randomUUID()}\n`,
    "images/app/debug/rootfs/etc/who": "variant\n",
  });
  const result = await runHive(["build", "--json"], { cwd: project.path });
  expect(statuses(result)).toMatchObject({
    "app:1": "built",
    "app:1-debug": "built",
  });
});
