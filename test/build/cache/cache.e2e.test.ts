import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { Hidden } from "../../../src/base/hidden.ts";
import type { CacheSettings } from "../../../src/build/cache/cache-entries.ts";
import { openLayout } from "../../../src/oci/layout.ts";
import type { Target } from "../../../src/plan/plan.ts";
import { serveRegistry } from "../../../src/registry/serve-registry.ts";
import { buildGo } from "../../support/build-go.ts";
import { startBuildkitd } from "../../support/buildkitd.ts";
import { smallDisk } from "../../support/small-disk.ts";
import { type TempDirectory, tempDirectory } from "../../support/temp-directory.ts";
import { buildTargets, shellTarget, type TargetsResult } from "../build-targets.ts";

const place = { file: "hive.yml", line: 1, column: 1 };
let root: TempDirectory;
let s3: { readonly endpoint: string; stop(): void };

beforeAll(async () => {
  root = await tempDirectory();
  const server = Bun.spawn([await buildGo("s3-server", root.path), "cache"], { stdout: "pipe" });
  const { value } = await server.stdout.getReader().read();
  s3 = { endpoint: new TextDecoder().decode(value).trim(), stop: () => server.kill() };
}, 300_000);

afterAll(async () => {
  s3.stop();
  await root[Symbol.asyncDispose]();
});

/** Two tags of an image, of which all but the last step is the same. */
async function family(directory: string): Promise<readonly [Target, Target]> {
  const id = crypto.randomUUID();
  const tag = (name: string): string => `RUN echo ${id} > /shared\nRUN echo ${name} > /own`;
  const scopes = ["app.1.linux-amd64", "app.2.linux-amd64"] as const;
  return [
    await shellTarget(directory, "one", tag("one"), {
      cacheScopes: { own: scopes[0], siblings: [scopes[1]] },
    }),
    await shellTarget(directory, "two", tag("two"), {
      cacheScopes: { own: scopes[1], siblings: [scopes[0]] },
    }),
  ];
}

const digests = ({ done }: TargetsResult): unknown => done.map(({ digest }) => digest);

function s3Settings(more: Partial<Extract<CacheSettings, { type: "s3" }>> = {}): CacheSettings {
  const keys = { accessKeyId: new Hidden("key-id"), secretAccessKey: new Hidden("secret-key") };
  const region = "eu-central-1";
  const where = { bucket: "cache", region, endpoint: s3.endpoint, usePathStyle: true };
  return { place, type: "s3", ...where, ...keys, ...more };
}

type Made = AsyncDisposable & {
  readonly settings: CacheSettings;
  /** Takes the layers away that the cache's manifests promise. */
  readonly loseLayers: () => Promise<unknown>;
};

/** A cache of each kind that can be had here, empty. */
const kinds: readonly (readonly [string, () => Promise<Made>])[] = [
  [
    "registry",
    async () => {
      const stack = new AsyncDisposableStack();
      const { path } = stack.use(await tempDirectory());
      const layout = stack.use(await openLayout(path));
      const { address } = stack.use(await serveRegistry({ layout, grace: 0 }));
      return {
        settings: { place, type: "registry", ref: `${address}/team/cache` },
        loseLayers: () => change(join(path, "blobs/sha256"), (blob) => rm(blob)),
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      };
    },
  ],
  [
    "local",
    async () => {
      const directory = await tempDirectory();
      const path = join(directory.path, "not there yet");
      return {
        settings: { place, type: "local", path },
        loseLayers: async () => {
          for (const scope of await readdir(path)) {
            await change(join(path, scope, "blobs/sha256"), (blob) => rm(blob));
          }
        },
        [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
      };
    },
  ],
  [
    "s3",
    async () => ({
      settings: s3Settings(),
      loseLayers: loseS3Layers,
      [Symbol.asyncDispose]: async () => {},
    }),
  ],
];

async function loseS3Layers(): Promise<void> {
  const bucket = `${s3.endpoint}/cache`;
  const listed = await (await fetch(`${bucket}?list-type=2&prefix=hive/blobs/`)).text();
  const keys = [...listed.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key ?? "");
  expect(keys).not.toEqual([]);
  for (const key of keys) {
    const { ok } = await fetch(`${bucket}/${key}`, { method: "DELETE" });
    expect(ok).toBeTrue();
  }
}

test.each(kinds)(
  "%s: a daemon that never saw the steps takes them from the cache, those of another tag, too",
  async (_, make) => {
    await using made = await make();
    await using directory = await tempDirectory();
    const { path } = directory;
    const [one, two] = await family(path);
    const cache = made.settings;
    const first = await buildTargets({ directory: path, targets: [one], cache });
    expect(first.warnings).toEqual([]);
    expect(first.ran).toHaveLength(2);

    await using fresh = await startBuildkitd();
    await rm(join(path, ".hive"), { recursive: true });
    const daemon = fresh.address;
    const again = await buildTargets({ directory: path, targets: [one], cache, daemon });
    expect([again.ok, again.ran, again.warnings]).toEqual([true, [], []]);
    expect(digests(again)).toEqual(digests(first));
    expect(again.done[0]).toMatchObject({ cached: true });
    expect(again.done[0]?.cache?.imported).toBeGreaterThan(500_000);

    await using another = await startBuildkitd();
    const sibling = { directory: path, targets: [two], cache, daemon: another.address };
    expect((await buildTargets(sibling)).ran).toEqual(["RUN echo two > /own"]);
    const ran = (await buildTargets({ ...sibling, noCache: true })).ran;
    expect(ran).toHaveLength(2);
  },
  90_000,
);

test.each(kinds)(
  "%s: a cache that lost its layers costs a warning at the most, and never the build",
  async (_, make) => {
    await using made = await make();
    await using directory = await tempDirectory();
    const { path } = directory;
    const targets = await family(path);
    const cache = made.settings;
    const first = await buildTargets({ directory: path, targets, cache, jobs: 1 });
    expect(first.warnings).toEqual([]);
    await made.loseLayers();
    await rm(join(path, ".hive"), { recursive: true });
    await using fresh = await startBuildkitd();
    const again = await buildTargets({
      directory: path,
      targets,
      cache,
      daemon: fresh.address,
      jobs: 1,
    });
    expect([again.ok, again.failed]).toEqual([true, []]);
    expect(again.ran).toContain("RUN echo two > /own");
    expect(new Set(again.warnings).size).toBe(again.warnings.length);
    expect(digests(again)).toEqual(digests(first));
  },
  90_000,
);

describe("local", () => {
  test("bytes are told, what was replaced is removed, and other tools can read it", async () => {
    await using directory = await tempDirectory();
    const { path } = directory;
    const cache = { place, type: "local", path: join(path, "cache") } as const;
    const scope = { cacheScopes: { own: "team/app.1.linux-amd64", siblings: [] } };
    const blobs = (): Promise<string[]> =>
      readdir(join(cache.path, "team__app.1.linux-amd64/blobs/sha256"));
    const step = async (): Promise<Target> =>
      shellTarget(path, "app", `RUN echo ${crypto.randomUUID()} > /file`, scope);
    const first = await buildTargets({ directory: path, targets: [await step()], cache });
    expect(first.done[0]?.cache?.exported).toBeGreaterThan(500_000);
    const before = await blobs();
    await buildTargets({ directory: path, targets: [await step()], cache });
    const after = await blobs();
    expect(after).toHaveLength(before.length);
    expect(after.toSorted()).not.toEqual(before.toSorted());
    const inspected = Bun.spawnSync([
      "skopeo",
      "inspect",
      "--raw",
      `oci:${cache.path}/team__app.1.linux-amd64:latest`,
    ]);
    expect(inspected.stdout.toString()).toContain("application/vnd.buildkit.cacheconfig.v0");

    await using fresh = await startBuildkitd();
    const off = { directory: path, targets: [await step()], cache, exportCache: false };
    expect((await buildTargets({ ...off, daemon: fresh.address })).ok).toBeTrue();
    expect((await blobs()).toSorted()).toEqual(after.toSorted());
  }, 60_000);

  test.each<[string, (blobs: string, scope: string) => Promise<void>]>([
    ["an index that is no JSON", async (_, scope) => writeFile(join(scope, "index.json"), "{")],
    ["a blob that is gone", async (blobs) => change(blobs, (path) => rm(path))],
    [
      "a blob with other content",
      async (blobs) =>
        change(blobs, async (path) => {
          const bytes = await Bun.file(path).bytes();
          await writeFile(
            path,
            bytes.map((byte) => byte ^ 1),
          );
        }),
    ],
  ])(
    "%s costs a warning, and never the build",
    async (_, damage) => {
      await using directory = await tempDirectory();
      const { path } = directory;
      const cache = { place, type: "local", path: join(path, "cache") } as const;
      const [one, two] = await family(path);
      const targets = [one, two];
      const first = await buildTargets({ directory: path, targets, cache, jobs: 1 });
      const scope = join(cache.path, one.cacheScopes.own);
      await damage(join(scope, "blobs/sha256"), scope);
      await rm(join(path, ".hive"), { recursive: true });
      await using fresh = await startBuildkitd();
      const again = await buildTargets({
        directory: path,
        targets,
        cache,
        daemon: fresh.address,
        jobs: 1,
      });
      expect(again.ok).toBeTrue();
      expect(again.failed).toEqual([]);
      expect(new Set(again.warnings).size).toBe(again.warnings.length);
      expect(again.warnings.join("\n")).toContain("build cache");
      expect(digests(again)).toEqual(digests(first));
      // What was damaged is gone or mended by now.
      await using next = await startBuildkitd();
      const mending = { directory: path, targets, cache, jobs: 1 };
      await buildTargets({ ...mending, daemon: fresh.address });
      const third = await buildTargets({ ...mending, daemon: next.address });
      expect([third.ok, third.warnings, third.ran]).toEqual([true, [], []]);
    },
    90_000,
  );

  test("a disk that is full, and a path that is a file", async () => {
    await using directory = await tempDirectory();
    const { path } = directory;
    const targets = await family(path);
    await using disk = await smallDisk();
    await writeFile(join(disk.path, "filler"), new Uint8Array(1_600_000));
    const full = { place, type: "local", path: disk.path } as const;
    const first = await buildTargets({ directory: path, targets, cache: full, jobs: 1 });
    expect(first.ok).toBeTrue();
    expect(first.warnings).toEqual([expect.stringContaining("no space left on the device")]);
    await writeFile(join(path, "file"), "");
    const file = { place, type: "local", path: join(path, "file") } as const;
    const second = await buildTargets({ directory: path, targets, cache: file, jobs: 1 });
    expect(second.ok).toBeTrue();
    expect(second.warnings).toHaveLength(1);
  }, 60_000);
});

describe("a cache that can't be used", () => {
  const answering = (status: number): ReturnType<typeof Bun.serve> =>
    Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => new Response("", { status, headers: { "WWW-Authenticate": 'Basic realm="x"' } }),
    });
  type Unusable = {
    settings: CacheSettings;
    stop?: () => unknown;
    env?: Record<string, string>;
  };
  const registryAnswering = (status: number): Unusable => {
    const server = answering(status);
    return {
      settings: { place, type: "registry", ref: `127.0.0.1:${server.port}/cache` },
      stop: () => server.stop(true),
    };
  };

  test.each<[string, () => Promise<Unusable>]>([
    [
      "a registry that is not there",
      async () => ({ settings: { place, type: "registry", ref: "127.0.0.1:1/cache" } }),
    ],
    ["a registry that wants other credentials", async () => registryAnswering(401)],
    ["a registry out of order", async () => registryAnswering(500)],
    [
      "a registry that takes connections and keeps silent",
      async () => {
        const server = createServer(() => {}).listen(0, "127.0.0.1");
        await once(server, "listening");
        const { port } = server.address() as AddressInfo;
        return {
          settings: { place, type: "registry", ref: `127.0.0.1:${port}/cache` },
          stop: () => server.close(),
        };
      },
    ],
    [
      "a reference that is none",
      async () => ({ settings: { place, type: "registry", ref: "not a reference" } }),
    ],
    [
      "an S3 server that is not there",
      async () => ({ settings: s3Settings({ endpoint: "http://127.0.0.1:1" }) }),
    ],
    ["a bucket that is not there", async () => ({ settings: s3Settings({ bucket: "missing" }) })],
    [
      "Actions out of order",
      async () => {
        const server = answering(500);
        const url = `http://127.0.0.1:${server.port}/`;
        const env = {
          ACTIONS_RUNTIME_TOKEN: actionsToken(),
          ACTIONS_RESULTS_URL: url,
          ACTIONS_CACHE_SERVICE_V2: "true",
        };
        return { settings: { place, type: "gha" }, env, stop: () => server.stop(true) };
      },
    ],
    [
      "Actions with a token that is none",
      async () => {
        const env = {
          ACTIONS_RUNTIME_TOKEN: "t0ken",
          ACTIONS_RESULTS_URL: "http://127.0.0.1:1/",
          ACTIONS_CACHE_SERVICE_V2: "1",
        };
        return { settings: { place, type: "gha" }, env };
      },
    ],
    ["no Actions at all", async () => ({ settings: { place, type: "gha" } })],
  ])(
    "%s: the images are the same, and one warning says why",
    async (_, make) => {
      await using directory = await tempDirectory();
      const { path } = directory;
      const targets = await family(path);
      const { settings, stop, env = {} } = await make();
      try {
        const built = await buildTargets({
          directory: path,
          targets,
          cache: settings,
          env,
          jobs: 1,
        });
        expect(built.ok).toBeTrue();
        // Reading may fail in another way than writing does.
        expect(built.warnings.length).toBeGreaterThan(0);
        expect(built.warnings.length).toBeLessThan(3);
        for (const warning of built.warnings) expect(warning).toContain("build cache");
        const plain = await buildTargets({ directory: path, targets, jobs: 1 });
        expect(digests(built)).toEqual(digests(plain));
        expect(JSON.stringify(built.events)).not.toContain("secret-key");
        expect(JSON.stringify(built.events)).not.toContain(env["ACTIONS_RUNTIME_TOKEN"] ?? "t0ken");
      } finally {
        await stop?.();
      }
    },
    90_000,
  );
});

test("inline: the image that was built last gives its steps back", async () => {
  await using directory = await tempDirectory();
  const { path } = directory;
  const [one] = await family(path);
  const cache = { place, type: "inline" } as const;
  const first = await buildTargets({ directory: path, targets: [one], cache });
  await using fresh = await startBuildkitd();
  const again = await buildTargets({
    directory: path,
    targets: [one],
    cache,
    daemon: fresh.address,
  });
  expect([again.ok, again.warnings, again.ran]).toEqual([true, [], []]);
  expect(digests(again)).toEqual(digests(first));
}, 60_000);

test("inline: an image that lost its layers costs no build", async () => {
  await using directory = await tempDirectory();
  const { path } = directory;
  const [one] = await family(path);
  const cache = { place, type: "inline" } as const;
  await buildTargets({ directory: path, targets: [one], cache });
  await change(join(path, ".hive/blobs/sha256"), (blob) => rm(blob));
  await using fresh = await startBuildkitd();
  const again = await buildTargets({
    directory: path,
    targets: [one],
    cache,
    daemon: fresh.address,
  });
  expect([again.ok, again.failed]).toEqual([true, []]);
  // The cache that such an image carries tells when its steps ran: its digest is another one.
  expect(again.ran).toHaveLength(2);
}, 60_000);

/** A token as Actions makes it: unsigned is enough, nobody here checks it. */
function actionsToken(): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const ac = JSON.stringify([{ Scope: "refs/heads/main", Permission: 3 }]);
  const times = { nbf: 1, exp: 4_000_000_000 };
  return `${part({ alg: "HS256", typ: "JWT" })}.${part({ ac, ...times })}.${Buffer.from("x").toString("base64url")}`;
}

/** Damages the biggest blobs, which are layers: small ones are read as a whole and checked. */
async function change(blobs: string, how: (path: string) => Promise<void>): Promise<void> {
  for (const name of await readdir(blobs)) {
    const path = join(blobs, name);
    if ((await Bun.file(path).slice(0, 2).bytes())[0] === 0x1f) await how(path);
  }
}
