import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Buildkit } from "../../src/buildkit/connect-buildkit.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { type RegistryServer, serveRegistry } from "../../src/registry/serve-registry.ts";
import { type TempDirectory, tempDirectory } from "../support/temp-directory.ts";
import { build, connectTestDaemon, failureOf, freshTree, textFile } from "./build.ts";

const credential = { username: "hive", secret: "s3cret" };

let stack: AsyncDisposableStack;
let daemon: Buildkit;
let registry: RegistryServer;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  daemon = stack.use(await connectTestDaemon());
  const directory: TempDirectory = stack.use(await tempDirectory());
  const layout = stack.use(await openLayout(directory.path, { durable: false }));
  registry = stack.use(await serveRegistry({ layout, credential }));
});

afterAll(async () => {
  await stack.disposeAsync();
});

describe("solve() with push", () => {
  test("shows the registry the credentials that it is given, and pulls with them", async () => {
    const name = `${registry.address}/base:1.0`;
    const asked: string[] = [];
    const credentials = async (host: string): Promise<typeof credential> => {
      asked.push(host);
      return credential;
    };
    const { digest } = await build(daemon, {
      text: "FROM scratch\nCOPY hello /\n",
      context: freshTree([textFile("hello", crypto.randomUUID())]),
      exporter: { type: "image", attrs: { name, push: "true" } },
      credentials,
    });
    expect(asked).toContain(registry.address);

    const response = await fetch(`http://${registry.address}/v2/base/manifests/1.0`, {
      headers: { authorization: `Basic ${btoa("hive:s3cret")}` },
    });
    expect(response.headers.get("docker-content-digest")).toBe(digest ?? "");
    expect(response.headers.get("content-type")).toBe("application/vnd.oci.image.manifest.v1+json");

    const dependent = await build(daemon, {
      text: "FROM hive/base:1.0\nCOPY hello /again\n",
      context: freshTree([textFile("hello", "")]),
      namedContexts: { "hive/base:1.0": `docker-image://${name}@${digest}` },
      credentials,
    });
    expect(dependent.digest).toStartWith("sha256:");
  });

  test("fails with the registry's answer without credentials", async () => {
    const building = build(daemon, {
      text: "FROM scratch\nCOPY hello /\n",
      context: freshTree([textFile("hello", "")]),
      exporter: { type: "image", attrs: { name: `${registry.address}/denied:1.0`, push: "true" } },
    });
    const error = await failureOf(building);
    expect(error.kind).toBe("failed");
    expect(error.message).toContain("401 Unauthorized");
  });
});
