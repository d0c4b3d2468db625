import { isDockerHub } from "../remote/registry-address.ts";

/** The key under which docker itself stores the credentials of a registry. */
export function storedKey(host: string): string {
  return isDockerHub(host) ? "https://index.docker.io/v1/" : host;
}

/** The names under which a helper may have a host, as docker stores it first. */
export function helperKeys(host: string): string[] {
  if (isDockerHub(host)) return [storedKey(host), "docker.io", "registry-1.docker.io"];
  return [host, `https://${host}`, `https://${host}/v1/`, `https://${host}/v2/`];
}

/**
 * A key of `auths` or `credHelpers` in one form: `host`, or `host/namespace` for a part of a registry, as podman writes it.
 * `https://host/v1/` is how old clients wrote a host.
 */
export function normalKey(key: string): string {
  const [, scheme, hostText = "", path = ""] = /^(https?:\/\/)?([^/]*)(.*)$/i.exec(key) ?? [];
  const written = hostText.toLowerCase().replace(/:443$/, "");
  const host = isDockerHub(written) ? "docker.io" : written;
  const isWhole = scheme !== undefined || (host === "docker.io" && /^\/v[12]\/?$/.test(path));
  return `${host}${isWhole ? "" : path.replace(/\/+$/, "")}`;
}

/** What may stand for a repository, the most special first: `host/a/b`, `host/a`; not the host itself. */
export function partKeys(host: string, repository: string): string[] {
  const parts = repository.split("/");
  return parts.map((_, index) =>
    [normalKey(host), ...parts.slice(0, parts.length - index)].join("/"),
  );
}
