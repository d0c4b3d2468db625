import { describe, expect, test } from "bun:test";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { applyTrust } from "../../src/certificates/apply-trust.ts";
import { openCertificates } from "../../src/certificates/open-certificates.ts";
import { renderTrust } from "../../src/certificates/render-trust.ts";
import { trustPlan, type TrustTool } from "../../src/certificates/trust-plan.ts";
import { run } from "../support/run.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { thrownText } from "../support/thrown.ts";

type World = Parameters<typeof trustPlan>[2];

const world: World = {
  address: "registry.test:5000",
  authorityFile: "/my files/ca.crt",
  root: "/",
  uid: 0,
  platform: "linux",
  env: { HOME: "/home/bob" },
};

describe("trustPlan()", () => {
  test.each<[TrustTool, string, Partial<World>, string, boolean]>([
    ["docker", "root", {}, "/etc/docker/certs.d", true],
    ["docker", "others", { uid: 1000 }, "/etc/docker/certs.d", true],
    [
      "docker",
      "Docker Desktop",
      { uid: 501, platform: "darwin" },
      "/home/bob/.docker/certs.d",
      false,
    ],
    ["containers", "root", {}, "/etc/containers/certs.d", true],
    ["containers", "others", { uid: 1000 }, "/home/bob/.config/containers/certs.d", false],
    [
      "containers",
      "others with a place for settings",
      { uid: 1000, env: { XDG_CONFIG_HOME: "/c" } },
      "/c/containers/certs.d",
      false,
    ],
  ])("of %s for %s", (tool, _, differences, directory, asRoot) => {
    const file = `${directory}/registry.test:5000/ca.crt`;
    expect(trustPlan(tool, "install", { ...world, ...differences })).toEqual({
      steps: [{ kind: "write", file }],
      asRoot,
    });
  });

  test("of a Mac's own programs", () => {
    const mac = { ...world, uid: 501, platform: "darwin" as const };
    const lines = (action: "install" | "remove"): string =>
      renderTrust(trustPlan("system", action, mac), mac.authorityFile, mac.uid);
    expect(lines("install")).toBe(
      "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain '/my files/ca.crt'\n",
    );
    expect(lines("remove")).toBe("sudo security remove-trusted-cert -d '/my files/ca.crt'\n");
  });

  test("of an engine that runs for the user", async () => {
    await using directory = await tempDirectory();
    const root = directory.path;
    await mkdir(join(root, "run/1000"), { recursive: true });
    await writeFile(join(root, "run/1000/docker.sock"), "");
    const env = { ...world.env, XDG_RUNTIME_DIR: "/run/1000" };
    expect(trustPlan("docker", "remove", { ...world, root, uid: 1000, env })).toEqual({
      steps: [
        {
          kind: "remove",
          file: join(root, "home/bob/.config/docker/certs.d/registry.test:5000/ca.crt"),
          directory: "remove",
        },
      ],
      asRoot: false,
    });
  });

  test.each([
    ["Debian", "usr/local/share/ca-certificates", "crt", "update-ca-certificates"],
    ["Fedora", "etc/pki/ca-trust/source/anchors", "pem", "update-ca-trust extract"],
    ["Arch", "etc/ca-certificates/trust-source/anchors", "crt", "update-ca-trust"],
    ["SUSE", "etc/pki/trust/anchors", "pem", "update-ca-certificates"],
  ])("of %s", async (_, path, suffix, command) => {
    await using directory = await tempDirectory();
    const root = directory.path;
    await mkdir(join(root, path), { recursive: true });
    const file = join(root, path, `hive-registry-registry.test_5000.${suffix}`);
    const update = { kind: "run" as const, command: ["chroot", root, ...command.split(" ")] };
    expect(trustPlan("system", "install", { ...world, root })).toEqual({
      steps: [{ kind: "write", file }, update],
      asRoot: true,
    });
    expect(trustPlan("system", "remove", { ...world, root }).steps).toEqual([
      { kind: "remove", file, directory: "keep" },
      update,
    ]);
  });

  test("says when the system is none that is known", async () => {
    await using directory = await tempDirectory();
    const make = (): unknown => trustPlan("system", "install", { ...world, root: directory.path });
    expect(await thrownText(make, directory.path)).toStartWith(
      "failed: Cannot tell where this system keeps certificate authorities",
    );
  });
});

describe("applyTrust()", () => {
  test("makes skopeo's directory, for everybody to read, and takes it away again", async () => {
    await using directory = await tempDirectory();
    const root = directory.path;
    const { authority } = await openCertificates({ directory: join(root, "tls") });
    const here = { ...world, root };
    const install = trustPlan("containers", "install", here).steps;
    await applyTrust(install, authority);
    await applyTrust(install, authority);
    const place = join(root, "etc/containers/certs.d");
    const file = join(place, "registry.test:5000/ca.crt");
    expect(await readFile(file, "utf8")).toBe(authority);
    expect((await stat(file)).mode & 0o777).toBe(0o644);

    const remove = trustPlan("containers", "remove", here).steps;
    await applyTrust(remove, authority);
    expect(await readdir(place)).toEqual([]);
    await applyTrust(remove, authority);
  });

  test("leaves a directory that holds something else", async () => {
    await using directory = await tempDirectory();
    const here = { ...world, root: directory.path };
    await applyTrust(trustPlan("docker", "install", here).steps, "text");
    const place = join(directory.path, "etc/docker/certs.d/registry.test:5000");
    await writeFile(join(place, "client.cert"), "");
    await applyTrust(trustPlan("docker", "remove", here).steps, "text");
    expect(await readdir(place)).toEqual(["client.cert"]);
  });

  test("runs commands, and says which failed and why", async () => {
    await using directory = await tempDirectory();
    const made = join(directory.path, "made");
    await applyTrust([{ kind: "run", command: ["touch", made] }], "");
    expect(await readFile(made, "utf8")).toBe("");
    const failing = [{ kind: "run" as const, command: ["rmdir", made] }];
    expect(await thrownText(() => applyTrust(failing, ""), directory.path)).toMatch(
      /^failed: rmdir ROOT\/made ended with 1\n\n.*'ROOT\/made': Not a directory$/,
    );
    const unknown = [{ kind: "run" as const, command: ["no-such-command"] }];
    expect(await thrownText(() => applyTrust(unknown, ""), directory.path)).toBe(
      "failed: Cannot run no-such-command: it is not installed\n\nInstall the package that has it, most often ca-certificates, and run this again.",
    );
  });

  test("says which file could not be written", async () => {
    await using directory = await tempDirectory();
    await writeFile(join(directory.path, "etc"), "no directory");
    const { steps } = trustPlan("docker", "install", { ...world, root: directory.path });
    expect(await thrownText(() => applyTrust(steps, ""), directory.path)).toBe(
      'failed: Cannot write to "ROOT/etc/docker/certs.d/registry.test:5000": there is no such directory\n\nMake the directory, or start again if it was deleted meanwhile.',
    );
  });

  test("the lines that it prints do the same", async () => {
    await using directory = await tempDirectory();
    const authorityFile = join(directory.path, "an authority's.crt");
    await writeFile(authorityFile, "text");
    await chmod(authorityFile, 0o600);
    const here = { ...world, root: directory.path, authorityFile };
    await run(["sh", "-c", renderTrust(trustPlan("docker", "install", here), authorityFile, 0)]);
    const file = join(directory.path, "etc/docker/certs.d/registry.test:5000/ca.crt");
    expect(await readFile(file, "utf8")).toBe("text");
    expect((await stat(file)).mode & 0o777).toBe(0o644);
    await run(["sh", "-c", renderTrust(trustPlan("docker", "remove", here), authorityFile, 0)]);
    expect(await readdir(join(directory.path, "etc/docker/certs.d"))).toEqual([]);
  });
});
