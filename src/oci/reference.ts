import { type Digest, isDigest } from "./digest.ts";

/**
 * A parsed image reference, `[host[:port]/]name[:tag][@digest]`.
 * Nothing is filled in: no default registry, no `library/`, no `latest`.
 */
export type Reference = {
  /** `ghcr.io`, `127.0.0.1:5000`; absent when the text names none. */
  readonly registry?: string;
  /** The repository within the registry: `base`, `team/app`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
};

// Written without nested repetition over the same characters: the input of a server, a user or a Dockerfile must not
// be able to make the match slow.
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const hostPattern =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?$/;

// Clients cap host and name together at this length, so a longer name could not be pulled by them.
const maxNameLength = 255;

/**
 * Whether `text` is a repository name, without a registry.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests}
 */
export function isRepositoryName(text: string): boolean {
  return (
    text.length > 0 &&
    text.length <= maxNameLength &&
    text.split("/").every((part) => component.test(part))
  );
}

/** Whether `text` is a tag: at most 128 characters, no `:`, no leading `.` or `-`. */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/**
 * Reads `[host[:port]/]name[:tag][@digest]`. The first component is a host when it has a `.` or `:`, an upper-case
 * letter, or is `localhost`, as Docker has it.
 * @throws SyntaxError
 */
export function parseReference(text: string): Reference {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) {
    throw invalid(text, `"${digest}" is no digest`);
  }
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !isTag(tag)) throw invalid(text, `"${tag}" is no tag`);

  const path = hasTag ? named.slice(0, colon) : named;
  const registry = registryOf(path);
  const repository = registry === undefined ? path : path.slice(registry.length + 1);
  if (registry !== undefined && !hostPattern.test(registry)) {
    throw invalid(text, `"${registry}" is no host name`);
  }
  if (path.length > maxNameLength) {
    throw invalid(text, `the name is longer than ${maxNameLength} characters`);
  }
  if (!isRepositoryName(repository)) {
    throw invalid(text, `"${repository}" is no repository name`);
  }
  return {
    ...(registry === undefined ? {} : { registry }),
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The reference as text; `parseReference` reads it back to the same value. */
export function formatReference(reference: Reference): string {
  const host = reference.registry === undefined ? "" : `${reference.registry}/`;
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${host}${reference.repository}${tag}${digest}`;
}

function registryOf(path: string): string | undefined {
  const slash = path.indexOf("/");
  if (slash < 0) return undefined;
  const first = path.slice(0, slash);
  return first === "localhost" || /[.:A-Z]/.test(first) ? first : undefined;
}

function invalid(text: string, reason: string): SyntaxError {
  return new SyntaxError(`Cannot parse reference "${text}": ${reason}`);
}
