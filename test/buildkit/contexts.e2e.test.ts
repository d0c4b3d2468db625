import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Buildkit } from "../../src/buildkit/connect-buildkit.ts";
import { storeBlob } from "../../src/oci/blob-store.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { startBuildkitd } from "../support/buildkitd.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import {
  build,
  busybox,
  connectTestDaemon,
  failureOf,
  freshTree,
  shell,
  textFile,
} from "./build.ts";

let daemon: Buildkit;
let tools: Awaited<ReturnType<typeof busybox>>;

beforeAll(async () => {
  daemon = await connectTestDaemon();
  tools = await busybox();
});

afterAll(() => daemon[Symbol.asyncDispose]());

test("directories are there under the names of the Dockerfile, each with its own ignore file", async () => {
  const local = (text: string) => ({
    tree: freshTree([
      textFile("file", text),
      textFile("ignored", ""),
      textFile(".dockerignore", "ignored\n"),
    ]),
    sharedKey: crypto.randomUUID(),
  });
  const { lines } = await build(daemon, {
    text: `${shell()}COPY --from=context . /one/
RUN --mount=type=bind,from=team/two:1,target=/two cat /one/file /two/file && ls /one /two\n`,
    context: freshTree([tools]),
    localContexts: new Map([
      ["context", local("1\n")],
      ["team/two:1", local("2\n")],
    ]),
  });
  expect(lines).toEqual(["1", "2", "/one:", "file", "", "/two:", "file"]);
});

test("an image layout is read through the session", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(join(directory.path, "layout"));
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const made = await build(daemon, {
    text: "FROM scratch\nCOPY marker /marker\n",
    context: freshTree([textFile("marker", crypto.randomUUID())]),
    exporter: { type: "oci", attrs: { tar: "false" } },
    stores: new Map([["export", layout.blobs]]),
  });
  const { digest } = made;
  if (digest === undefined) throw new Error("No image was made");
  const size = layout.blobs.find(digest)?.size ?? 0;
  const platform = { os: "linux", architecture: "amd64" };
  const manifests = [{ mediaType: mediaTypes.ociManifest, digest, size, platform }];
  const index = encode({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
  const stored = await storeBlob(layout.blobs, index);

  // A daemon that has none of it must ask for every blob.
  await using other = await startBuildkitd();
  await using fresh = await connectTestDaemon(other.address);
  const read: number[] = [];
  const text = `FROM base\n${shell().split("\n").slice(1).join("\n")}RUN cat /marker\n`;
  const { lines } = await build(fresh, {
    text,
    context: freshTree([tools]),
    namedContexts: { base: `oci-layout://base@${stored.digest}` },
    stores: new Map([
      [
        "oci:base",
        { ...layout.blobs, onMoved: (way, bytes) => way === "read" && read.push(bytes) },
      ],
    ]),
  });
  expect(lines[0]).toHaveLength(36);
  expect(read.length).toBeGreaterThan(3);
  const lost = await failureOf(
    build(fresh, {
      text: "FROM base\n",
      namedContexts: { base: `oci-layout://other@sha256:${"0".repeat(64)}` },
    }),
  );
  expect(lost.message).toContain('no content store "oci:other"');
}, 60_000);

test("no_cache runs every step again, or those of the stages named", async () => {
  const id = crypto.randomUUID();
  const text = `FROM scratch AS one\nCOPY file /${id}\nFROM scratch AS two\nCOPY file /2${id}\nFROM scratch\nCOPY --from=one / /\nCOPY --from=two / /\n`;
  const context = freshTree([textFile("file", id)]);
  const ran = async (noCache: boolean | readonly string[]): Promise<readonly string[]> => {
    const { events } = await build(daemon, { text, context, noCache });
    return events.flatMap((event) =>
      event.type === "done" && !event.cached && /COPY file/.test(event.name)
        ? [event.name.slice(1, 4)]
        : [],
    );
  };
  expect((await ran(false)).toSorted()).toEqual(["one", "two"]);
  expect(await ran(["two"])).toEqual(["two"]);
  expect(await ran([])).toEqual([]);
  expect((await ran(true)).toSorted()).toEqual(["one", "two"]);
});

test("a stage is built by its name", async () => {
  const text = "FROM scratch AS first\nCOPY a /\nFROM scratch\nCOPY missing /\n";
  const context = freshTree([textFile("a", "")]);
  const { events } = await build(daemon, { text, context, target: "first" });
  expect(events.some((event) => event.type === "done" && event.name.includes("COPY a"))).toBeTrue();
});

test("a network is taken away, and that of the host must be allowed by the daemon", async () => {
  const text = `${shell()}RUN cat /proc/net/dev | wc -l\n`;
  const context = freshTree([tools]);
  const lines = async (network: "none" | "host"): Promise<number> => {
    const entitlements = network === "host" ? ["network.host"] : [];
    const built = await build(allowing, {
      text: `${text}# ${network}`,
      context,
      network,
      entitlements,
    });
    return Number(built.lines[0]);
  };
  const refused = await failureOf(
    build(daemon, { text, context, network: "host", entitlements: ["network.host"] }),
  );
  expect(refused.message).toContain("network.host is not allowed");
  await using other = await startBuildkitd({
    config: 'insecure-entitlements = ["network.host"]\n',
  });
  await using allowing = await connectTestDaemon(other.address);
  // Two lines of headings; "lo" alone where there is no network.
  expect(await lines("none")).toBe(3);
  const host = (await Bun.file("/proc/net/dev").text()).trimEnd().split("\n").length;
  expect(await lines("host")).toBe(host);
}, 60_000);

test("pull asks the registry for a base that the daemon has", async () => {
  const text = "FROM 127.0.0.1:1/missing:1\n";
  const error = await failureOf(build(daemon, { text, pull: true }));
  expect(error.message).toContain("127.0.0.1:1");
});
