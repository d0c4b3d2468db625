import { describe, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openCertificates } from "../../../src/certificates/open-certificates.ts";
import { openLayout } from "../../../src/oci/layout.ts";
import { authenticateUsers } from "../../../src/registry/access/authenticate-users.ts";
import { createRegistry } from "../../../src/registry/create-registry.ts";
import { createMemoryMetadataStore } from "../../../src/registry/store/memory-metadata-store.ts";
import { createRegistryStore } from "../../../src/registry/store/registry-store.ts";
import { listen } from "../../../src/registry/listen.ts";
import { run } from "../../support/run.ts";
import { storeSampleImage } from "../../oci/support/sample-image.ts";
import { usersFixture } from "./support/users-fixture.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

type Secure = AsyncDisposable & {
  readonly path: string;
  readonly address: string;
  /** Runs skopeo with the authority trusted for one side, as `src` or `dest`. */
  copy(side: "src" | "dest", from: string, to: string, ...flags: string[]): Promise<string>;
};

/** A registry with TLS and users, and an image in a layout, `oci:source:app`. */
async function serveSecurely(anonymous: "none" | "read"): Promise<Secure> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDirectory());
  const source = stack.use(await openLayout(join(path, "source")));
  await source.update(new Map([["app", await storeSampleImage(source.blobs)]]));
  const layout = stack.use(await openLayout(join(path, "stored")));
  const users = stack.use(await usersFixture("bob:secret", "eve:x:write=eve/**"));
  const tls = await openCertificates({ directory: join(path, "tls") });
  const trusted = join(path, "trusted");
  await mkdir(trusted);
  await Bun.write(join(trusted, "ca.crt"), tls.authority);
  const registry = stack.use(
    createRegistry({
      store: createRegistryStore({
        blobs: layout.blobs,
        metadata: createMemoryMetadataStore(),
        membership: "repository",
      }),
      authenticate: authenticateUsers({ users: users.source, anonymous }),
    }),
  );
  const listener = listen({
    hostname: "127.0.0.1",
    port: 0,
    tls,
    fetch: (request, server) => registry.fetch(request, server),
  });
  stack.defer(async () => await listener.stop(0));
  const owned = stack.move();
  return {
    path,
    address: `127.0.0.1:${listener.port}`,
    copy: async (side, from, to, ...flags) =>
      await run(["skopeo", "copy", `--${side}-cert-dir=${trusted}`, ...flags, from, to], path),
    [Symbol.asyncDispose]: async () => await owned.disposeAsync(),
  };
}

describe.each(["none", "read"] as const)("skopeo, where anonymous may %s", (anonymous) => {
  test("logs in with the right password alone, and then pushes and pulls", async () => {
    await using s = await serveSecurely(anonymous);
    const image = `docker://${s.address}/app:1`;
    const auth = `--authfile=${join(s.path, "auth.json")}`;
    const start = ["skopeo", "login", auth, `--cert-dir=${join(s.path, "trusted")}`];
    const login = (password: string): Promise<string> =>
      run([...start, "-u", "bob", "-p", password, s.address], s.path);
    expect(await login("wrong").catch(String)).toMatch(/invalid username\/password/);
    expect(await login("secret")).toContain("Login Succeeded!");
    await s.copy("dest", "oci:source:app", image, auth);
    await s.copy("src", image, "oci:back:app", auth);
  });

  test("does not get in without trust in the authority", async () => {
    await using s = await serveSecurely(anonymous);
    const inspect = run(["skopeo", "inspect", "--creds=bob:secret", `docker://${s.address}/app`]);
    expect(await inspect.catch(String)).toMatch(/x509|certificate/);
  });

  test("keeps to what was granted", async () => {
    await using s = await serveSecurely(anonymous);
    const creds = "--dest-creds=eve:x";
    await s.copy("dest", "oci:source:app", `docker://${s.address}/eve/app:1`, creds);
    const elsewhere = s.copy("dest", "oci:source:app", `docker://${s.address}/app:1`, creds);
    expect(await elsewhere.catch(String)).toMatch(/403 \(Forbidden\)/);
  });

  test("without credentials pulls where that was chosen, and never pushes", async () => {
    await using s = await serveSecurely(anonymous);
    const image = `docker://${s.address}/app:1`;
    const none = `--authfile=${join(s.path, "none.json")}`;
    await Bun.write(join(s.path, "none.json"), "{}");
    await s.copy("dest", "oci:source:app", image, "--dest-creds=bob:secret");
    const pull = s.copy("src", image, "oci:back:app", none);
    if (anonymous === "read") await pull;
    else expect(await pull.catch(String)).toMatch(/unauthorized|authentication required/);
    const push = s.copy("dest", "oci:source:app", image, none);
    expect(await push.catch(String)).toMatch(/unauthorized|authentication required/);
  });
});
