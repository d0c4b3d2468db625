import { describe, expect, test } from "bun:test";
import { RegistryError } from "../../../src/registry/registry-error.ts";
import { resolveRepository } from "../../../src/registry/upstream/resolve-repository.ts";

type Asked = { readonly namespace?: string; readonly reads?: boolean; readonly begins?: boolean };

function resolve(
  repository: string,
  asked: Asked = {},
  {
    mirrors = ["docker.io", "ghcr.io", "registry.acme.test:5000"],
    own = ["team/app", "quay.io/other/app"],
    hidden = [] as readonly string[],
  } = {},
): string {
  const resolved = resolveRepository(
    {
      repository,
      namespace: asked.namespace,
      reads: asked.reads ?? true,
      begins: asked.begins ?? true,
    },
    {
      mirrors,
      known: { repositories: () => own.toSorted(), hasRepository: (name) => own.includes(name) },
      mayRead: (name) => !hidden.includes(name),
    },
  );
  return resolved.namespace === undefined
    ? resolved.repository
    : `${resolved.repository} of ${resolved.namespace}`;
}

function refusal(repository: string, asked: Asked): unknown {
  try {
    return resolve(repository, asked);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { status: error.status, code: error.code };
  }
}

describe("names with the registry in front", () => {
  test.each([
    ["ghcr.io/a/b", "ghcr.io/a/b"],
    ["docker.io/library/alpine", "docker.io/library/alpine"],
    ["docker.io/alpine", "docker.io/library/alpine"],
    ["docker.io/a/b/c", "docker.io/a/b/c"],
    ["quay.io/x", "quay.io/x"],
    ["docker.io", "docker.io"],
  ])("%s is %s", (asked, repository) => {
    expect(resolve(asked)).toBe(repository);
  });
});

describe("names that the client says a registry for", () => {
  test.each([
    ["library/alpine", "docker.io", "docker.io/library/alpine of docker.io"],
    ["alpine", "docker.io", "docker.io/library/alpine of docker.io"],
    ["team/app", "ghcr.io", "ghcr.io/team/app of ghcr.io"],
    ["team/app", "GHCR.IO", "ghcr.io/team/app of ghcr.io"],
    ["a", "registry.acme.test:5000", "registry.acme.test_5000/a of registry.acme.test:5000"],
    // Brought by hand, or by `hive mirror sync`.
    ["other/app", "quay.io", "quay.io/other/app of quay.io"],
  ])("%s of %s is %s", (asked, namespace, repository) => {
    expect(resolve(asked, { namespace })).toBe(repository);
  });

  test.each([
    "evil.example",
    "docker.io@evil.example",
    "https://docker.io",
    "docker.io/library",
    "docker.io:443",
    "docker.io\r\nX: y",
    "",
    "169.254.169.254",
  ])("%j is not asked for anything", (namespace) => {
    expect(refusal("team/app", { namespace })).toEqual({
      status: 404,
      code: "NAME_UNKNOWN",
    });
  });

  test("where nothing is mirrored the name alone counts, unless it was brought here", () => {
    const nothing = { mirrors: [] };
    expect(resolve("team/app", { namespace: "docker.io" }, nothing)).toBe("team/app");
    expect(resolve("other/app", { namespace: "quay.io" }, nothing)).toBe(
      "quay.io/other/app of quay.io",
    );
    // Who may not read it does not learn that it is there.
    const hidden = { mirrors: [], hidden: ["quay.io/other/app"] };
    expect(resolve("other/app", { namespace: "quay.io" }, hidden)).toBe("other/app");
  });

  test("nothing is pushed to them", () => {
    expect(refusal("a/b", { namespace: "docker.io", reads: false })).toEqual({
      status: 403,
      code: "DENIED",
    });
  });
});

describe("names of Docker Hub without a registry", () => {
  test.each([
    ["library/alpine", "docker.io/library/alpine"],
    ["bitnami/redis", "docker.io/bitnami/redis"],
    // Ours, or next to something of ours.
    ["team/app", "team/app"],
    ["team/not-yet", "team/not-yet"],
    // Docker writes `library/alpine`.
    ["alpine", "alpine"],
    ["ghcr.io/a/b", "ghcr.io/a/b"],
    ["lscr.io/a/b", "lscr.io/a/b"],
    ["registry.acme.test_5000/a", "registry.acme.test_5000/a"],
  ])("%s is %s", (asked, repository) => {
    expect(resolve(asked)).toBe(repository);
  });

  test("pushes stay here, and so do the questions that come before one", () => {
    expect(resolve("new/app", { reads: false })).toBe("new/app");
    expect(resolve("new/app", { begins: false })).toBe("new/app");
    const own = ["docker.io/new/app"];
    expect(resolve("new/app", { begins: false }, { own })).toBe("docker.io/new/app");
  });

  test("only where Docker Hub is mirrored", () => {
    expect(resolve("library/alpine", {}, { mirrors: ["ghcr.io"] })).toBe("library/alpine");
  });
});
