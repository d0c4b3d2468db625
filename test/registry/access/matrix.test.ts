import { describe, expect, test } from "bun:test";
import { authenticateUsers } from "../../../src/registry/access/authenticate-users.ts";
import { type Digest, digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { json } from "../../oci/support/sample-image.ts";
import { openRegistry, type RegistryFixture } from "../support/registry-client.ts";
import { basic, usersFixture, type UsersFixture } from "./support/users-fixture.ts";

type Right = "read" | "write" | "delete";

const ours = "team-a/app";
const theirs = "team-b/app";

/** What each may do in `ours` and in `theirs`, said once more than in the code. */
const senders: Readonly<
  Record<string, { readonly authorization: string; ours: Right[]; theirs: Right[] }>
> = {
  reader: { authorization: basic("reader:x"), ours: ["read"], theirs: ["read"] },
  writer: { authorization: basic("writer:x"), ours: ["read", "write"], theirs: ["read", "write"] },
  boss: {
    authorization: basic("boss:x"),
    ours: ["read", "write", "delete"],
    theirs: ["read", "write", "delete"],
  },
  limited: { authorization: basic("limited:x"), ours: ["read", "write"], theirs: [] },
  "limited administrator": {
    authorization: basic("keeper:x"),
    ours: ["read", "write", "delete"],
    theirs: [],
  },
};

const cases = (["none", "read"] as const).flatMap((anonymous) => {
  const rights: Right[] = anonymous === "read" ? ["read"] : [];
  const nobody = { name: "anonymous", authorization: undefined, ours: rights, theirs: rights };
  const users = Object.entries(senders).map(([name, sender]) => ({ name, ...sender }));
  return [...users, nobody].map((sender) => ({ ...sender, anonymous }));
});

const layer = digestOf("layer");
const config = digestOf("{}");
const manifest = json({
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: { mediaType: mediaTypes.ociConfig, digest: config, size: 2 },
  layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest: layer, size: 5 }],
});
const digest = digestOf(manifest);

type Server = RegistryFixture & { ask: Ask };
type Ask = (authorization: string | undefined, step: Step) => Promise<Answer>;
type Step = readonly [method: string, path: string, body?: string | Uint8Array<ArrayBuffer>];
type Answer = {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
};

const root = "Bearer root";

async function open(anonymous: "none" | "read"): Promise<Server & { users: UsersFixture }> {
  const users = await usersFixture(
    "reader:x:read",
    "writer:x",
    "boss:x:admin",
    "limited:x:write=team-a/**",
    "keeper:x:admin=team-a/**",
  );
  const registry = await openRegistry({
    membership: "repository",
    authenticate: authenticateUsers({ users: users.source, anonymous, controlToken: "root" }),
  });
  const ask: Ask = async (authorization, [method, path, body]) => {
    const headers: Record<string, string> = { "Content-Type": mediaTypes.ociManifest };
    if (authorization !== undefined) headers["authorization"] = authorization;
    const response = await registry.send(method, path, {
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  for (const repository of [ours, theirs]) {
    for (const [content, blob] of [
      ["{}", config],
      ["layer", layer],
      [repository, digestOf(repository)],
    ] as const) {
      const path = `/v2/${repository}/blobs/uploads/?digest=${blob}`;
      expect((await ask(root, ["POST", path, content])).status).toBe(201);
    }
    const path = `/v2/${repository}/manifests/${digest}?tag=1&tag=2`;
    expect((await ask(root, ["PUT", path, manifest])).status).toBe(201);
  }
  return {
    ...registry,
    users,
    ask,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await users[Symbol.asyncDispose]();
    },
  };
}

/** Every endpoint, what it takes, and what is answered to who may. Those that remove things come last. */
function steps(repository: string): [right: Right, status: number, step: Step][] {
  const at = `/v2/${repository}`;
  const reads = [
    `${at}/manifests/1`,
    `${at}/manifests/${digest}`,
    `${at}/blobs/${layer}`,
    `${at}/tags/list`,
    `${at}/referrers/${digest}`,
  ];
  const missing = [
    `${at}/manifests/none`,
    `${at}/manifests/${digestOf("none")}`,
    `${at}/blobs/${digestOf("none")}`,
  ];
  const read = (status: number) => (path: string) =>
    ["GET", "HEAD"].map((method): [Right, number, Step] => ["read", status, [method, path]]);
  return [
    ...reads.flatMap(read(200)),
    ...missing.flatMap(read(404)),
    ["write", 202, ["POST", `${at}/blobs/uploads/`]],
    ["write", 201, ["POST", `${at}/blobs/uploads/?digest=${digestOf("new")}`, "new"]],
    ["write", 201, ["POST", `${at}/blobs/uploads/?mount=${layer}&from=${repository}`]],
    ["write", 201, ["PUT", `${at}/manifests/3`, manifest]],
    ["write", 201, ["PUT", `${at}/manifests/${digest}?tag=4`, manifest]],
    ["write", 400, ["PUT", `${at}/manifests/5`, "no manifest"]],
    ["delete", 202, ["DELETE", `${at}/manifests/1`]],
    ["delete", 404, ["DELETE", `${at}/manifests/none`]],
    ["delete", 202, ["DELETE", `${at}/manifests/${digest}`]],
    ["delete", 202, ["DELETE", `${at}/blobs/${layer}`]],
  ];
}

describe.each(cases)("$name, where anonymous may $anonymous", (sender) => {
  const { authorization } = sender;
  const refused = authorization === undefined ? 401 : 403;
  const rights = (repository: string): readonly Right[] =>
    repository === ours ? sender.ours : sender.theirs;

  test("may do what was granted and nothing else", async () => {
    await using s = await open(sender.anonymous);
    for (const repository of [ours, theirs]) {
      for (const [right, status, step] of steps(repository)) {
        const answer = await s.ask(authorization, step);
        const expected = rights(repository).includes(right) ? status : refused;
        expect([...step.slice(0, 2), answer.status]).toEqual([...step.slice(0, 2), expected]);
        if (expected === 401) expect(answer.headers.get("www-authenticate")).not.toBeNull();
      }
    }
    expect(s.errors).toEqual([]);
  });

  test("learns nothing of what they may not see", async () => {
    await using s = await open(sender.anonymous);
    const hidden = [ours, theirs].filter((repository) => !rights(repository).includes("read"));
    for (const repository of hidden) {
      for (const rest of [`manifests/1`, `blobs/${layer}`, "tags/list", `referrers/${digest}`]) {
        const there = await s.ask(authorization, ["GET", `/v2/${repository}/${rest}`]);
        const nowhere = await s.ask(authorization, ["GET", `/v2/team-b/nothing/${rest}`]);
        expect([there.status, there.body]).toEqual([nowhere.status, nowhere.body]);
        expect(there.body).not.toContain("team-");
      }
    }
    const catalog = await s.ask(authorization, ["GET", "/v2/_catalog?n=1"]);
    const visible = [ours, theirs].filter((repository) => rights(repository).includes("read"));
    if (authorization === undefined && sender.anonymous === "none") {
      expect(catalog.status).toBe(401);
    } else {
      expect(JSON.parse(catalog.body)).toEqual({ repositories: visible.slice(0, 1) });
      expect(catalog.headers.has("link")).toBe(visible.length > 1);
    }
    const base = await s.ask(authorization, ["GET", "/v2/"]);
    expect(base.status).toBe(authorization === undefined ? 401 : 200);
    const token = await s.ask(authorization, ["GET", "/v2/token?scope=repository:team-b/app:pull"]);
    const withoutTokens = authorization === undefined ? 401 : 404;
    expect(token.status).toBe(sender.anonymous === "read" ? 200 : withoutTokens);
    if (token.status !== 200) return;
    // It says no more than who it stands for, whatever was asked for.
    const bearer = `Bearer ${(JSON.parse(token.body) as { token: string }).token}`;
    for (const repository of [ours, theirs]) {
      const path = `/v2/${repository}/tags/list`;
      const asBefore = await s.ask(authorization, ["GET", path]);
      expect((await s.ask(bearer, ["GET", path])).status).toBe(asBefore.status);
      const push = await s.ask(bearer, ["POST", `/v2/${repository}/blobs/uploads/`]);
      expect(push.status).toBe(rights(repository).includes("write") ? 202 : refused);
    }
  });

  test("mounts only from where they may read; elsewhere it is as if there was nothing", async () => {
    await using s = await open(sender.anonymous);
    const mount = async (blob: Digest, from?: string): Promise<number> => {
      const query = from === undefined ? "" : `&from=${from}`;
      const path = `/v2/team-a/new/blobs/uploads/?mount=${blob}${query}`;
      return (await s.ask(authorization, ["POST", path])).status;
    };
    const source = digestOf(theirs);
    const mayWrite = sender.ours.includes("write");
    const mounted = sender.theirs.includes("read") ? 201 : 202;
    expect(await mount(source, theirs)).toBe(mayWrite ? mounted : refused);
    expect(await mount(source)).toBe(mayWrite ? mounted : refused);
    expect(await mount(digestOf("nowhere"), theirs)).toBe(mayWrite ? 202 : refused);
    const head = await s.ask(root, ["HEAD", `/v2/team-a/new/blobs/${source}`]);
    expect(head.status).toBe(mayWrite && mounted === 201 ? 200 : 404);
  });

  test("knows no upload that somebody else has opened", async () => {
    await using s = await open(sender.anonymous);
    const other = authorization === basic("writer:x") ? basic("boss:x") : basic("writer:x");
    const opened = await s.ask(other, ["POST", `/v2/${ours}/blobs/uploads/`]);
    const location = opened.headers.get("location") ?? "";
    const expected = sender.ours.includes("write") ? 404 : refused;
    for (const step of [
      ["GET", location],
      ["HEAD", location],
      ["PATCH", location, "theft"],
      ["PUT", `${location}?digest=${digestOf("theft")}`, "theft"],
      ["DELETE", location],
    ] as const) {
      expect([step[0], (await s.ask(authorization, step)).status]).toEqual([step[0], expected]);
    }
    // Nothing of that has disturbed it.
    expect((await s.ask(other, ["PATCH", location, "own"])).status).toBe(202);
    const put = await s.ask(other, ["PUT", `${location}?digest=${digestOf("own")}`]);
    expect(put.status).toBe(201);
  });
});
