import { expect, test } from "bun:test";
import { Hidden } from "../../../src/base/hidden.ts";
import { scopeName } from "../../../src/build/cache/cache-entries.ts";
import { ghaEntries } from "../../../src/build/cache/gha-entries.ts";
import { registryEntries } from "../../../src/build/cache/registry-entries.ts";
import { s3Entries } from "../../../src/build/cache/s3-entries.ts";
import { isTag } from "../../../src/oci/reference.ts";

const scopes = { own: "team/app.1.linux-amd64", siblings: ["team/app.2.linux-amd64"] };

test("scopeName() makes tags of scopes, however long", () => {
  const long = `${"a".repeat(120)}/b.1.linux-amd64`;
  expect(scopeName("team/app.1.linux-amd64")).toBe("team__app.1.linux-amd64");
  expect(isTag(scopeName(long))).toBeTrue();
  expect(scopeName(long)).not.toBe(scopeName(`${long}x`));
  expect(scopeName(long, 64).length).toBeLessThanOrEqual(64);
});

test("registryEntries() puts each scope under a tag of its own, and imports the siblings' too", () => {
  const { imports, exports } = registryEntries(
    { ref: "ghcr.io/team/cache", insecure: true },
    scopes,
  );
  const ref = (name: string): string => `ghcr.io/team/cache:team__app.${name}.linux-amd64`;
  const insecure = { "registry.insecure": "true" };
  expect(imports).toEqual([
    { type: "registry", attrs: { ref: ref("1"), ...insecure } },
    { type: "registry", attrs: { ref: ref("2"), ...insecure } },
  ]);
  expect(exports).toEqual([
    {
      type: "registry",
      attrs: {
        ref: ref("1"),
        ...insecure,
        mode: "max",
        "ignore-error": "true",
        "image-manifest": "true",
        "oci-mediatypes": "true",
      },
    },
  ]);
});

test("registryEntries() keeps a tag before the scope, and refuses a digest", () => {
  const [entry] = registryEntries({ ref: "127.0.0.1:5000/cache:main" }, scopes).imports;
  expect(entry?.attrs).toEqual({ ref: "127.0.0.1:5000/cache:main-team__app.1.linux-amd64" });
  const long = { ref: `cache:${"t".repeat(100)}` };
  expect(isTag(registryEntries(long, scopes).imports[0]?.attrs["ref"]?.slice(6) ?? "")).toBeTrue();
  const digest = `cache@sha256:${"0".repeat(64)}`;
  expect(() => registryEntries({ ref: digest }, scopes)).toThrow(SyntaxError);
});

test("s3Entries() takes credentials from the settings, else from the environment, else leaves them to the daemon", () => {
  const settings = { bucket: "b", region: "r", endpoint: "http://s3", usePathStyle: true };
  const common = {
    bucket: "b",
    region: "r",
    prefix: "hive/",
    endpoint_url: "http://s3",
    use_path_style: "true",
    name: "team__app.1.linux-amd64",
  };
  const keys = { accessKeyId: new Hidden("id"), secretAccessKey: new Hidden("key") };
  const env = { AWS_ACCESS_KEY_ID: "eid", AWS_SECRET_ACCESS_KEY: "ekey", AWS_SESSION_TOKEN: "t" };
  const attrs = (...args: Parameters<typeof s3Entries>): unknown =>
    s3Entries(...args).imports[0]?.attrs;
  const given = { access_key_id: "id", secret_access_key: "key" };
  expect(attrs({ ...settings, ...keys }, scopes, env)).toEqual({ ...common, ...given });
  const found = { access_key_id: "eid", secret_access_key: "ekey", session_token: "t" };
  expect(attrs(settings, scopes, env)).toEqual({ ...common, ...found });
  expect(attrs(settings, scopes, {})).toEqual(common);
  expect(s3Entries(settings, scopes, {}).exports[0]?.attrs).toMatchObject({ mode: "max" });
});

test("ghaEntries() reads what Actions says of itself, and nothing where there is no Actions", () => {
  const env = {
    ACTIONS_RUNTIME_TOKEN: "t",
    ACTIONS_RESULTS_URL: "https://results/",
    ACTIONS_CACHE_URL: "https://cache/",
  };
  const scope = "team__app.1.linux-amd64";
  expect(
    ghaEntries(scopes, { ...env, ACTIONS_CACHE_SERVICE_V2: "True" })?.imports[0]?.attrs,
  ).toEqual({
    url: "https://cache/",
    url_v2: "https://results/",
    token: "t",
    version: "2",
    scope,
  });
  expect(ghaEntries(scopes, env)?.imports[0]?.attrs).toEqual({
    url: "https://cache/",
    token: "t",
    version: "1",
    scope,
  });
  expect(ghaEntries(scopes, {})).toBeUndefined();
  expect(ghaEntries(scopes, { ACTIONS_RUNTIME_TOKEN: "t" })).toBeUndefined();
});
