import { describe, expect, test } from "bun:test";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { configurableTools } from "../../../src/cli/registry/tool-config.ts";
import { mirrorConfig, readMirrorNames } from "../../../src/cli/registry/tool-mirrors.ts";
import { run } from "../../support/run.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

const open = {
  address: "mirror.test",
  plainHttp: false,
  certificateAuthority: undefined,
  loopback: false,
};
const plain = { ...open, address: "127.0.0.1:5000", plainHttp: true, loopback: true };
const secure = { ...open, certificateAuthority: "/etc/hive/my ca.crt" };
const names = ["docker.io", "up.test:5000"];

describe("mirrorConfig()", () => {
  test("docker: mirrors of Docker Hub, and how the others are called", () => {
    const { path, snippet, notes } = mirrorConfig("docker", plain, names);
    expect(path).toBe("/etc/docker/daemon.json");
    expect(JSON.parse(snippet)).toEqual({ "registry-mirrors": ["http://127.0.0.1:5000"] });
    expect(notes.join()).toContain("127.0.0.1:5000/up.test_5000/");
    expect(() => mirrorConfig("docker", plain, ["ghcr.io"])).toThrow("of a mirror of ghcr.io");
  });

  test("podman: the copies' own names", () => {
    const { path, snippet } = mirrorConfig("podman", plain, names);
    expect(path).toBe("/etc/containers/registries.conf.d/hive-mirrors.conf");
    expect(Bun.TOML.parse(snippet)).toEqual({
      registry: [
        {
          location: "docker.io",
          mirror: [{ location: "127.0.0.1:5000/docker.io", insecure: true }],
        },
        {
          location: "up.test:5000",
          mirror: [{ location: "127.0.0.1:5000/up.test_5000", insecure: true }],
        },
      ],
    });
    expect(mirrorConfig("podman", open, names).snippet).not.toContain("insecure");
  });

  test("containerd: commands that write a file for each", async () => {
    await using directory = await tempDirectory();
    const { path, snippet } = mirrorConfig("containerd", secure, names);
    expect(path).toBeUndefined();
    const root = join(directory.path, "certs.d");
    await mkdir(root);
    const script = snippet.replaceAll("/etc/containerd/certs.d", root).replaceAll("sudo ", "");
    await run(["sh", "-euc", script], directory.path);
    expect((await readdir(root)).toSorted()).toEqual(names);
    const hosts = await Bun.file(join(root, "docker.io/hosts.toml")).text();
    expect(Bun.TOML.parse(hosts)).toEqual({
      server: "https://registry-1.docker.io",
      host: {
        "https://mirror.test": { capabilities: ["pull", "resolve"], ca: "/etc/hive/my ca.crt" },
      },
    });
  });

  test("buildkit: the mirror, and how it is reached", () => {
    expect(Bun.TOML.parse(mirrorConfig("buildkit", secure, names).snippet)).toEqual({
      registry: {
        "docker.io": { mirrors: ["mirror.test"] },
        "up.test:5000": { mirrors: ["mirror.test"] },
        "mirror.test": { ca: ["/etc/hive/my ca.crt"] },
      },
    });
    const { path, snippet } = mirrorConfig("buildkit", open, ["docker.io"]);
    expect(path).toBe("/etc/buildkit/buildkitd.toml");
    expect(Bun.TOML.parse(snippet)).toEqual({
      registry: { "docker.io": { mirrors: ["mirror.test"] } },
    });
  });

  test("docker and podman have the authority elsewhere, which is said", () => {
    const told = configurableTools.filter((tool) =>
      mirrorConfig(tool, secure, names).notes.some((note) => note.includes("has to trust")),
    );
    expect(told).toEqual(["docker", "podman"]);
  });
});

test("readMirrorNames() takes what hive registry start takes", () => {
  expect(readMirrorNames("Docker.io, up.test:5000=http://cache.test,docker.io")).toEqual(names);
  expect(readMirrorNames(undefined)).toEqual([]);
  for (const wrong of ["docker.io/library", "=x", 'a"b', "u:secret@r.test"]) {
    expect(() => readMirrorNames(wrong)).toThrow("as a mirror");
  }
  expect(() => readMirrorNames("u:secret@r.test")).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("secret") }),
  );
});
