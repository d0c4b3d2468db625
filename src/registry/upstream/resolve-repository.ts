import { isRepositoryName } from "../../oci/reference.ts";
import { firstReached } from "../first-reached.ts";
import { RegistryError } from "../registry-error.ts";
import { mirrorPrefix } from "../../oci/mirror-prefix.ts";

type AskedRepository = {
  readonly repository: string;
  /** The registry that the client thinks it asks, by `?ns=`. */
  readonly namespace: string | undefined;
  /** Whether it only pulls. */
  readonly reads: boolean;
  /** Whether it asks for a manifest, with which every pull begins. */
  readonly begins: boolean;
};

type KnownRepositories = {
  /** Names with a manifest, sorted. */
  repositories(): readonly string[];
  hasRepository(repository: string): boolean;
};

type ResolveOptions = {
  /** Names of the registries that are mirrored. */
  readonly mirrors: readonly string[];
  readonly known: KnownRepositories;
  readonly mayRead: (repository: string) => boolean;
};

export type ResolvedRepository = {
  readonly repository: string;
  /** The registry that the client named and that counts: it is told so. */
  readonly namespace?: string;
  /** The name itself was looked up first: who may not know of it must not learn that there is none. */
  readonly looked: boolean;
};

/**
 * Which repository a request is about. The name itself, unless
 * - the client says whose name it is by `?ns=`, as containerd does: then it is below that registry's prefix;
 * - it is a name of Docker Hub without a host, `library/alpine`, as Docker asks its mirrors for: where docker.io is mirrored and
 *   nothing of our own stands below the same first part.
 * @throws RegistryError 404 where the client names a registry that is not mirrored; 403 for a push to one that it names.
 */
export function resolveRepository(
  { repository, namespace, reads, begins }: AskedRepository,
  { mirrors, known, mayRead }: ResolveOptions,
): ResolvedRepository {
  const itself = { repository: withLibrary(repository, mirrors), looked: false };
  if (namespace !== undefined) {
    const name = namespace.toLowerCase();
    const isMirrored = mirrors.includes(name);
    if (isMirrored && !reads) throw notForPushes(name);
    const below = withLibrary(`${mirrorPrefix(name)}/${repository}`, [name]);
    const isOwn = isRepositoryName(below) && mayRead(below) && known.hasRepository(below);
    // What `hive mirror sync` has brought is found like what is fetched.
    if (isMirrored || (reads && isOwn))
      return { repository: below, namespace: name, looked: false };
    // Who mirrors nothing has always answered by the name alone.
    if (mirrors.length === 0) return itself;
    throw new RegistryError(404, "NAME_UNKNOWN", "this registry is not mirrored here");
  }
  if (!reads || !mirrors.includes(dockerHub) || !isHubName(repository, mirrors)) return itself;
  if (hasOwn(known, repository)) return itself;
  const below = `${dockerHub}/${repository}`;
  // Who pushes an image asks for its blobs first: those are no questions for Docker Hub.
  if (!begins && !known.hasRepository(below)) return itself;
  return { repository: below, looked: true };
}

const dockerHub = "docker.io";

/** Docker Hub's official images have short names: `docker.io/alpine` is `docker.io/library/alpine`. */
function withLibrary(repository: string, mirrors: readonly string[]): string {
  const [first, second, ...more] = repository.split("/");
  const isShort = first === dockerHub && second !== undefined && more.length === 0;
  return isShort && mirrors.includes(dockerHub) ? `${dockerHub}/library/${second}` : repository;
}

/** Docker never leaves out the `library/`, so a single word is none of its; what has a dot is the name of a host. */
function isHubName(repository: string, mirrors: readonly string[]): boolean {
  const [first = "", ...rest] = repository.split("/");
  if (rest.length === 0 || first.includes(".")) return false;
  return !mirrors.some((name) => mirrorPrefix(name) === first);
}

/**
 * A name of our own that is not there yet must not be answered with what a stranger has pushed under it to Docker Hub: so
 * whatever shares its first part with something of ours is ours.
 */
function hasOwn(known: KnownRepositories, repository: string): boolean {
  if (known.hasRepository(repository)) return true;
  const prefix = repository.slice(0, repository.indexOf("/") + 1);
  const names = known.repositories();
  const index = firstReached(names, (name) => name >= prefix);
  return names[index]?.startsWith(prefix) ?? false;
}

function notForPushes(name: string): RegistryError {
  return new RegistryError(
    403,
    "DENIED",
    `images of ${name} are copies: nothing is pushed to them`,
  );
}
