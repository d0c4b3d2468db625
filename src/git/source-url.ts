import type { Repository } from "./find-repository.ts";
import { runGit } from "./git.ts";

/** Where the repository comes from, as a URL for people: that of the remote `origin`. Undefined when there is none to show. */
export async function sourceUrl(
  { git }: Repository,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { code, stdout } = await runGit(git, ["config", "--get", "remote.origin.url"], { signal });
  return code === 0 ? webUrl(new TextDecoder().decode(stdout).trim()) : undefined;
}

/**
 * A remote's address as the URL that `org.opencontainers.image.source` wants: the same for all clones of a repository,
 * over whatever protocol, and without credentials. `git@host:path.git`, `ssh://...` and `git://...` are `https://host/path`;
 * a directory on this machine is nobody else's business.
 */
export function webUrl(remote: string): string | undefined {
  // Without a user it takes a dot to tell a host from a scheme or a drive.
  const scp = /^(?:[^@/:]+@([\w.-]+)|([\w-]+\.[\w.-]+)):(?!:|\/\/)\/*(.+)$/s.exec(remote);
  const text = scp === null ? remote : `ssh://${scp[1] ?? scp[2]}/${scp[3]}`;
  const url = URL.parse(text);
  if (url === null || url.host === "" || !protocols.has(url.protocol)) return undefined;
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  // A port of SSH says nothing about the web's.
  const host = isWeb ? url.host : url.hostname;
  const path = url.pathname.replace(/\/+$/, "").replace(/\.git$/, "");
  return `${isWeb ? url.protocol : "https:"}//${host.toLowerCase()}${path}`;
}

const protocols = new Set(["https:", "http:", "ssh:", "git+ssh:", "ssh+git:", "git:"]);
