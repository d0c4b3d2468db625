import { describe, expect, test } from "bun:test";
import { HiveError } from "../../../src/base/hive-error.ts";
import { configurableTools, readTool, toolConfig } from "../../../src/cli/registry/tool-config.ts";

const plain = {
  address: "registry.test:5000",
  plainHttp: true,
  certificateAuthority: undefined,
  loopback: false,
};
const secure = { ...plain, plainHttp: false, certificateAuthority: "/etc/hive/my ca.crt" };

describe("toolConfig()", () => {
  test("docker: daemon.json without TLS, the authority's file with it", () => {
    const { path, snippet } = toolConfig("docker", plain);
    expect(path).toBe("/etc/docker/daemon.json");
    expect(JSON.parse(snippet)).toEqual({ "insecure-registries": ["registry.test:5000"] });
    expect(toolConfig("docker", secure)).toMatchObject({
      path: undefined,
      snippet:
        "sudo install -D -m 0644 '/etc/hive/my ca.crt' /etc/docker/certs.d/registry.test:5000/ca.crt\n",
    });
  });

  test("podman: a drop-in that its TOML reader takes", () => {
    const { path, snippet } = toolConfig("podman", plain);
    expect(path).toBe("/etc/containers/registries.conf.d/hive.conf");
    expect(Bun.TOML.parse(snippet)).toEqual({
      registry: [{ location: "registry.test:5000", insecure: true }],
    });
    expect(toolConfig("podman", secure).snippet).toContain(
      "/etc/containers/certs.d/registry.test:5000/ca.crt",
    );
  });

  test("containerd: hosts.toml of the registry", () => {
    const { path, snippet } = toolConfig("containerd", plain);
    expect(path).toBe("/etc/containerd/certs.d/registry.test:5000/hosts.toml");
    expect(Bun.TOML.parse(snippet)).toEqual({
      server: "http://registry.test:5000",
      host: { "http://registry.test:5000": { capabilities: ["pull", "resolve", "push"] } },
    });
    expect(Bun.TOML.parse(toolConfig("containerd", secure).snippet)).toEqual({
      server: "https://registry.test:5000",
      host: {
        "https://registry.test:5000": {
          capabilities: ["pull", "resolve", "push"],
          ca: "/etc/hive/my ca.crt",
        },
      },
    });
  });

  test("buildkit: buildkitd.toml", () => {
    const { path, snippet } = toolConfig("buildkit", plain);
    expect(path).toBe("/etc/buildkit/buildkitd.toml");
    expect(Bun.TOML.parse(snippet)).toEqual({ registry: { "registry.test:5000": { http: true } } });
    expect(Bun.TOML.parse(toolConfig("buildkit", secure).snippet)).toEqual({
      registry: { "registry.test:5000": { ca: ["/etc/hive/my ca.crt"] } },
    });
  });

  test("docker and buildkit need nothing for plain HTTP on loopback", () => {
    const access = { ...plain, address: "127.0.0.1:5000", loopback: true };
    const needed = configurableTools.filter((tool) => toolConfig(tool, access).snippet !== "");
    expect(needed).toEqual(["podman", "containerd"]);
  });

  test("none needs anything for a publicly trusted certificate", () => {
    const access = { ...plain, plainHttp: false };
    for (const tool of configurableTools) {
      expect(toolConfig(tool, access)).toMatchObject({ path: undefined, snippet: "" });
    }
  });
});

test("readTool() knows the tools", () => {
  expect(readTool("podman")).toBe("podman");
  expect(() => readTool("podmn")).toThrow(new HiveError("usage", 'Unknown tool "podmn"'));
});
