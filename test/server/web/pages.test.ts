import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { asUser, challenge } from "../support/access.ts";
import { pushBlob, pushImage, pushIndex } from "../support/push-image.ts";
import { openTestServer, type TestServer } from "../support/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ readable: "open/" });
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

type Answer = { readonly status: number; readonly text: string; readonly headers: Headers };

async function get(
  path: string,
  headers: Record<string, string> = asUser,
  method = "GET",
): Promise<Answer> {
  const response = await fetch(`http://${server.address}${path}`, {
    method,
    headers,
    redirect: "manual",
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const page = async (path: string): Promise<string> => {
  const { status, text } = await get(`/-/repositories/${path}`);
  expect(status).toBe(200);
  return text;
};

describe("every page", () => {
  test.each(["/", "/-/nothing", "/-/style.css", "/-/icon.svg"])(
    "%s may load nothing from elsewhere and run nothing",
    async (path) => {
      const { headers, text } = await get(path);
      expect(headers.get("content-security-policy")).toStartWith(
        "default-src 'none'; style-src 'self'; ",
      );
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(text).not.toMatch(/<script|style=|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
      const head = await get(path, asUser, "HEAD");
      expect(head.text).toBe("");
      expect(head.headers.get("content-length")).toBe(`${Buffer.byteLength(text)}`);
    },
  );

  test("is not stored, but the style is asked for again", async () => {
    expect((await get("/")).headers.get("cache-control")).toBe("no-store");
    const { headers } = await get("/-/style.css");
    const again = await get("/-/style.css", { "If-None-Match": headers.get("etag") ?? "" });
    expect([again.status, again.text]).toEqual([304, ""]);
  });

  test.each(["POST", "PUT", "DELETE"])("%s answers 405", async (method) => {
    const { status, headers } = await get("/", asUser, method);
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("shows the host only when it is one", async () => {
    expect((await get("/", { ...asUser, Host: "registry.acme.test" })).text).toContain(
      "registry.acme.test",
    );
    const { text } = await get("/", { ...asUser, Host: 'a.test"><img' });
    expect(text).not.toContain("a.test");
    expect(text).toContain("127.0.0.1:5000");
  });
});

describe("who sees what", () => {
  beforeAll(async () => {
    await pushImage(server.store, { repository: "open/app", tags: ["1"] });
    await pushImage(server.store, { repository: "secret/app", tags: ["1"] });
  });

  test("the list has what may be read", async () => {
    const { text } = await get("/", {});
    expect(text).toContain("/-/repositories/open/app/tags/list");
    expect(text).not.toContain("secret/");
    expect(text).toContain('href="/login"');
    expect((await get("/")).text).toContain("/-/repositories/secret/app/tags/list");
  });

  test.each([
    "secret/app",
    "secret/none",
    "secret/app/manifests/1",
    "secret/app/manifests/9",
    `secret/app/manifests/${digestOf("")}`,
  ])("%s asks for a password, whether it is there or not", async (path) => {
    const { status, headers, text } = await get(`/-/repositories/${path}`, {});
    expect([status, headers.get("www-authenticate")]).toEqual([401, challenge]);
    expect(text).toContain("Please log in");
  });

  test("the front page asks for a password when there is nothing that everybody may see", async () => {
    await using closed = await openTestServer({ readable: "other/" });
    const response = await fetch(`http://${closed.address}/`);
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, challenge]);
  });

  test("/login asks who is nobody, and leads on who is somebody", async () => {
    expect((await get("/login", {})).status).toBe(401);
    const { status, headers } = await get("/login");
    expect([status, headers.get("location")]).toEqual([303, "/"]);
    expect((await get("/login", { Authorization: "Basic bm86bm8=" })).status).toBe(401);
  });

  test("an image does not show what only another repository has", async () => {
    const config = { mediaType: mediaTypes.ociConfig, ...(await secretConfig()) };
    await pushImage(server.store, { repository: "open/thief", tags: ["1"], manifest: { config } });
    const text = await page("open/thief/manifests/1");
    expect(text).toContain("missing");
    expect(text).not.toContain("TOP_SECRET");
    const child = await pushImage(server.store, {
      repository: "secret/child",
      config: { author: "TOP_SECRET" },
    });
    await pushIndex(server.store, "open/thief", ["2"], [child]);
    expect(await page("open/thief/manifests/2")).not.toContain("TOP_SECRET");
    expect((await get(`/-/repositories/open/thief/manifests/${child.digest}`)).status).toBe(404);
  });
});

async function secretConfig(): Promise<Pick<Descriptor, "digest" | "size">> {
  const content = Buffer.from(JSON.stringify({ config: { Env: ["TOP_SECRET=1"] } }));
  return await pushBlob(server.store, "secret/app", content, mediaTypes.ociConfig);
}

describe("what pages show", () => {
  test("a repository: tags with the newest version first, platforms, and how to pull", async () => {
    const children = [];
    for (const architecture of ["amd64", "arm64"]) {
      const child = await pushImage(server.store, { repository: "open/many", architecture });
      children.push({ ...child, platform: { os: "linux", architecture } });
    }
    await pushIndex(server.store, "open/many", ["1.9", "1.10", "next"], children);
    const text = await page("open/many/tags/list");
    expect(text.indexOf(">1.10<")).toBeGreaterThan(0);
    expect(text.indexOf(">1.10<")).toBeLessThan(text.indexOf(">1.9<"));
    expect(text.indexOf(">1.9<")).toBeLessThan(text.indexOf(">next<"));
    expect(text).toContain("linux/amd64");
    expect(text).toContain("linux/arm64");
    expect(text).toContain(`docker pull ${server.address}/open/many:1.10`);
    const index = await page("open/many/manifests/1.9");
    for (const { digest } of children) expect(index).toContain(`/manifests/${digest}`);
  });

  test("an image: layers, configuration, annotations, what is attached, and what is shared", async () => {
    const image = await pushImage(server.store, {
      repository: "open/full",
      tags: ["1"],
      layers: ["base".repeat(1000), "own".repeat(100)],
      config: {
        config: {
          Entrypoint: ["/run me"],
          Env: ["A=1=2", "B"],
          Labels: { team: "core" },
          User: "app",
        },
        history: [
          { created_by: "RUN make # buildkit" },
          { created_by: "ENV A=1", empty_layer: true },
          { created_by: "/bin/sh -c #(nop)  COPY x /x" },
        ],
      },
      manifest: { annotations: { "org.opencontainers.image.title": "Full" } },
    });
    await pushImage(server.store, {
      repository: "open/full",
      tags: ["0"],
      layers: ["base".repeat(1000)],
    });
    await pushImage(server.store, {
      repository: "open/full",
      manifest: { artifactType: "application/spdx+json", subject: image },
    });
    const text = await page("open/full/manifests/1");
    for (const part of [
      "4.0 kB",
      "300 B",
      ">RUN make<",
      ">COPY x /x<",
      "[&quot;/run me&quot;]",
      ">1=2<",
      ">team<",
      ">core<",
      ">Full<",
      "application/spdx+json",
      image.digest,
    ])
      expect(text).toContain(part);
    expect(text.match(/>shared</g)).toHaveLength(1);
    expect(text).not.toContain("buildkit");
  });

  test("an artifact: its type, and how to get it", async () => {
    await pushImage(server.store, {
      repository: "open/chart",
      tags: ["1"],
      manifest: { artifactType: "application/vnd.acme.chart" },
    });
    const text = await page("open/chart/manifests/1");
    expect(text).toContain("application/vnd.acme.chart");
    expect(text).toContain(`oras pull --plain-http ${server.address}/open/chart:1`);
    expect(text).not.toContain("docker pull");
  });

  test("text that would be markup, wherever a push can bring it", async () => {
    const evil = `"'><script>alert(1)</script>&amp;\u202e`;
    const image = await pushImage(server.store, {
      repository: "open/evil",
      tags: ["1"],
      config: {
        created: evil,
        author: evil,
        architecture: evil,
        config: {
          Env: [evil],
          Labels: { [evil]: evil },
          Cmd: [evil],
          User: evil,
          ExposedPorts: { [evil]: {} },
        },
        history: [{ created_by: evil.repeat(50) }],
      },
      manifest: { annotations: { [evil]: evil } },
    });
    const platform = { os: evil, architecture: evil };
    await pushIndex(
      server.store,
      "open/evil",
      ["2"],
      [{ ...image, platform, artifactType: evil, mediaType: mediaTypes.ociManifest }],
    );
    await pushImage(server.store, {
      repository: "open/evil",
      manifest: { artifactType: evil, subject: image },
    });
    for (const path of ["open/evil", "open/evil/manifests/1", "open/evil/manifests/2"]) {
      const text = await page(path);
      expect(text).toContain("&lt;script&gt;");
      expect(text).not.toMatch(/<script|\u202e|&amp;lt;/);
    }
    const search = await get(`/?q=${encodeURIComponent(evil)}`);
    expect(search.text).toContain("&lt;script&gt;");
    expect(search.text).not.toContain("<script");
  });
});

describe("what is broken or too much", () => {
  test.each([
    ["damaged", (path: string) => writeFileSync(path, "x")],
    ["missing", (path: string) => rmSync(path)],
  ])("content that is %s is said to be so", async (problem, damage) => {
    const repository = `open/${problem}`;
    const layers = [`${problem} layer`];
    for (const tag of ["layer", "config", "manifest"]) {
      const image = await pushImage(server.store, {
        repository,
        tags: [tag],
        layers,
        config: { author: tag },
      });
      if (tag === "manifest") damage(pathOf(image.digest));
      if (tag === "config") damage(pathOf(await configDigest(image)));
    }
    damage(pathOf(digestOf(layers[0] ?? "")));
    for (const tag of ["layer", "config", "manifest"]) {
      expect(await page(`${repository}/manifests/${tag}`)).toContain(`>${problem}<`);
    }
    expect(await page(repository)).toContain(`>${problem}<`);
    expect((await get("/")).status).toBe(200);
  });

  test("configurations that are no objects, or have other types everywhere", async () => {
    for (const [tag, config] of [
      [
        "odd",
        {
          os: 1,
          created: {},
          config: { Env: [1, null], Labels: ["x"], Cmd: "sh", ExposedPorts: 3 },
          history: [1, null, {}],
        },
      ],
      ["wrong", { config: 7, history: "none" }],
    ] as const) {
      await pushImage(server.store, { repository: "open/odd", tags: [tag], config });
      await page(`open/odd/manifests/${tag}`);
    }
    const config = await pushBlob(
      server.store,
      "open/odd",
      Buffer.from("[1]"),
      mediaTypes.ociConfig,
    );
    await pushImage(server.store, { repository: "open/odd", tags: ["list"], manifest: { config } });
    expect(await page("open/odd/manifests/list")).toContain(">damaged<");
  });

  test("long lists and long texts are cut, with a note", async () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, "v"]));
    const image = await pushImage(server.store, {
      repository: "open/long",
      tags: ["1"],
      config: { author: "x".repeat(100_000), config: { Labels: many } },
      manifest: {
        layers: Array.from({ length: 3000 }, () => ({
          mediaType: "x/y",
          digest: digestOf("z"),
          size: 1,
        })),
      },
    });
    const text = await page("open/long/manifests/1");
    expect(text).toContain("and 4800 more");
    expect(text).toContain("and 2800 more");
    expect(text).toContain("96000 more characters");
    const children = Array.from({ length: 5000 }, (_, i) => ({
      ...image,
      digest: digestOf(`${i}`),
    }));
    await pushIndex(server.store, "open/long", ["2"], children);
    expect(await page("open/long/manifests/2")).toContain("and 4900 more");
    await page("open/long");
  });

  test("a page reads only so much, and says what it did not read", async () => {
    const children: Descriptor[] = [];
    for (let i = 0; i < 32; i++) {
      children.push(
        await pushImage(server.store, { repository: "open/heavy", config: { author: `${i}` } }),
      );
    }
    for (let i = 0; i < 40; i++) {
      await pushIndex(server.store, "open/heavy", [`${i}`], children.toSpliced(i % 32, 1));
    }
    expect(await page("open/heavy")).toContain(">not read<");
  });

  test("lists come in pages, and can be searched", async () => {
    for (let i = 0; i < 120; i++) {
      await pushImage(server.store, { repository: `open/list/n${i}`, tags: ["X1"] });
    }
    const { text } = await get("/?q=LIST");
    expect(text).toContain("Page 1 of 3");
    expect(text).toContain('href="/?q=LIST&amp;page=2"');
    expect(text.match(/\/tags\/list"/g)).toHaveLength(50);
    const last = await get("/?q=list&page=3");
    expect(last.text.match(/\/tags\/list"/g)).toHaveLength(20);
    expect(last.text).not.toContain('rel="next"');
    expect((await get("/?q=list&page=4")).status).toBe(200);
    expect(await page("open/list/n1/tags/list?q=x")).toContain(">X1<");
    for (const query of ["page=0", "page=-1", "page=1e9", "page=a", "q=a&q=b"]) {
      expect((await get(`/?${query}`)).status).toBe(400);
    }
  });

  test.each(["open/none", "open/app/manifests/none", `open/app/manifests/${digestOf("none")}`])(
    "%s is a page that says there is nothing",
    async (path) => {
      const { status, text, headers } = await get(`/-/repositories/${path}`);
      expect(status).toBe(404);
      expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(text).toContain("Nothing here");
    },
  );

  test("an empty registry says how to begin", async () => {
    await using empty = await openTestServer();
    const text = await (await fetch(`http://${empty.address}/`)).text();
    expect(text).toContain(`docker push ${empty.address}/IMAGE`);
    expect(text).not.toContain("/login");
  });
});

function pathOf(digest: Descriptor["digest"]): string {
  const blob = server.store.blobs.find(digest);
  if (blob === undefined) throw new Error(`${digest} is not there`);
  return blob.path;
}

async function configDigest({ digest }: Descriptor): Promise<Descriptor["digest"]> {
  const manifest = (await Bun.file(pathOf(digest)).json()) as { config: Descriptor };
  return manifest.config.digest;
}
