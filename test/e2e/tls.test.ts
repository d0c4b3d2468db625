import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import { issueCertificates } from "../support/issue-certificates.ts";
import { type ProjectDirectory, projectDirectory } from "../support/project-directory.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { statuses } from "./build-json.ts";

const stack = new AsyncDisposableStack();
let certificates: string;
let foreign: string;
let daemon: Buildkitd;
let project: ProjectDirectory;

beforeAll(async () => {
  const { path } = stack.use(await tempDirectory());
  certificates = join(path, "ours");
  foreign = join(path, "foreign");
  await Promise.all([mkdir(certificates), mkdir(foreign)]);
  await issueCertificates(certificates, {
    server: { usage: "serverAuth", names: "IP:127.0.0.1,DNS:builder.example" },
    client: { usage: "clientAuth" },
  });
  await issueCertificates(foreign, { client: { usage: "clientAuth" } });
  // As buildctl's --tlsdir has them.
  await cp(join(certificates, "client.pem"), join(certificates, "cert.pem"));
  await cp(join(certificates, "client.key"), join(certificates, "key.pem"));
  daemon = stack.use(
    await startBuildkitd({
      listen: "tcp",
      tls: {
        cert: join(certificates, "server.pem"),
        key: join(certificates, "server.key"),
        ca: join(certificates, "ca.pem"),
      },
    }),
  );
  project = stack.use(
    await projectDirectory({
      "images/app/image.yml": `tags: [{ name: "1" }]\n`,
      "images/app/Dockerfile": "FROM __hive__/base:1.0\nRUN echo hello > /hello\n",
    }),
  );
}, 60_000);

afterAll(() => stack.disposeAsync());

async function build(settings: string, ...args: string[]): Promise<HiveResult> {
  const address = `--buildkit=${daemon.address}${settings}`;
  return await runHive(["build", "--json", "--no-skip", address, ...args], { cwd: project.path });
}

const own = (...names: string[]): string =>
  names
    .map(
      (name) =>
        `${name}=${certificates}/${{ ca: "ca.pem", cert: "client.pem", key: "client.key" }[name]}`,
    )
    .join("&");

describe("a daemon that asks for a client's certificate", () => {
  test("builds images on each other, with the files named one by one", async () => {
    const result = await build(`?${own("ca", "cert", "key")}`);
    expect(result).toMatchObject({ exitCode: 0 });
    expect(Object.keys(statuses(result))).toEqual(["base:1.0", "app:1"]);
  }, 60_000);

  test("builds with the files in a directory", async () => {
    expect(await build(`?tls=${certificates}&servername=builder.example`)).toMatchObject({
      exitCode: 0,
    });
  }, 60_000);

  test("gets the directory from the user's home where that is meant", async () => {
    const result = await runHive(["build", "--json", `--buildkit=${daemon.address}?tls=~/ours`], {
      cwd: project.path,
      env: { HOME: join(certificates, "..") },
    });
    expect(result).toMatchObject({ exitCode: 0 });
  }, 60_000);

  test.each([
    [
      "without one",
      () => `?${own("ca")}`,
      /it wants a certificate of the client\n.*cert=FILE&key=FILE/,
    ],
    [
      "with one of another authority",
      () => `?${own("ca")}&cert=${foreign}/client.pem&key=${foreign}/client.key`,
      /it does not accept the client's certificate \([a-z A-Z]+\)\n/,
    ],
    [
      "when its own is of an authority that we don't know",
      () => `?ca=${foreign}/ca.pem&cert=${foreign}/client.pem&key=${foreign}/client.key`,
      /authority that is not trusted here\n.*ca=FILE/,
    ],
    [
      "when its own is for another name",
      () => `?${own("ca", "cert", "key")}&servername=other.example`,
      /not for other\.example, but for IP Address:127\.0\.0\.1, DNS:builder\.example\n.*servername=NAME/,
    ],
    ["without TLS", () => "", /it closed the connection without a word\n.*Does it speak TLS\?/],
  ])("refuses a build %s, and hive says what to do", async (_case, settings, words) => {
    const result = await build(settings());
    expect(result).toMatchObject({ exitCode: 4, stdout: "" });
    expect(result.stderr).toMatch(words);
  });
});
