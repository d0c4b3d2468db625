import type { Digest } from "../../oci/digest.ts";
import { isRepositoryName } from "../../oci/reference.ts";
import { RegistryError } from "../../registry/registry-error.ts";
import { parseRoute, type Route } from "../../registry/route.ts";

/** What a browser asks for. */
export type PageRoute =
  | { readonly kind: "repositories" }
  | { readonly kind: "login" }
  | { readonly kind: "style" }
  | { readonly kind: "icon" }
  | { readonly kind: "repository"; readonly repository: string }
  | Extract<Route, { readonly kind: "manifest" }>;

const base = "/-/repositories/";

/**
 * Reads the path of a page. Below `/-/repositories/` it is as below `/v2/`, so that a name like `a/manifests/b` has
 * an address of its own; a name alone, as people type it, is understood where it means nothing else.
 * @throws RegistryError
 */
export function parsePagePath(path: string): PageRoute {
  switch (path) {
    case paths.repositories:
      return { kind: "repositories" };
    case paths.login:
      return { kind: "login" };
    case paths.style:
      return { kind: "style" };
    case paths.icon:
      return { kind: "icon" };
    default:
      if (path.startsWith(base)) return parseRepositoryPath(path.slice(base.length));
      throw notFound();
  }
}

/** Where the pages are: what `parsePagePath()` reads. */
export const paths = {
  repositories: "/",
  // Not deeper: browsers send a password by themselves only to what is below the address that asked for it (RFC 7617, 2.2).
  login: "/login",
  style: "/-/style.css",
  icon: "/-/icon.svg",
  repository: (repository: string): string => `${base}${repository}/tags/list`,
  manifest: (repository: string, reference: string | Digest): string =>
    `${base}${repository}/manifests/${reference}`,
} as const;

function parseRepositoryPath(rest: string): PageRoute {
  if (rest.endsWith("/tags/list") || /\/manifests\/[^/]+$/.test(rest)) {
    const route = parseRoute(`/v2/${rest}`, "GET");
    if (route.kind === "tags") return { kind: "repository", repository: route.repository };
    if (route.kind === "manifest") return route;
  }
  const repository = rest.endsWith("/") ? rest.slice(0, -1) : rest;
  if (isRepositoryName(repository)) return { kind: "repository", repository };
  throw notFound();
}

function notFound(): RegistryError {
  return new RegistryError(404, "UNSUPPORTED", "There is no such page.");
}
