import { type Digest, digestOf } from "../../../../src/oci/digest.ts";
import { mediaTypes } from "../../../../src/oci/media-types.ts";
import { json } from "../../../oci/support/sample-image.ts";
import type { Random } from "../../../support/random.ts";

/** What a repository has. */
export type Content = {
  /** Indexes of `blobs`. */
  readonly blobs: ReadonlySet<number>;
  /** Texts of blobs that nobody else has, and that were not there before. */
  readonly own: ReadonlySet<string>;
  /** Indexes of `manifests`. */
  readonly manifests: ReadonlySet<number>;
  /** Indexes of `manifests`. */
  readonly tags: ReadonlyMap<string, number>;
};

/** One that changes a repository by one request at a time, and remembers what the server said to have done. */
export type CrashClient = {
  readonly repository: string;
  /** Changes the repository until the server is gone; calls `done` after each answer. */
  work(origin: string, done: () => void): Promise<void>;
  /** Compares with what the server has, and goes on with that. Throws when something was lost or appeared. */
  verify(origin: string): Promise<void>;
  /** What garbage collection does to it. */
  collect(): void;
};

type Step = {
  readonly request: readonly [method: string, path: string, body?: Uint8Array<ArrayBuffer>];
  readonly status: number;
  readonly result: Content;
};

// All clients have the same blobs, so that they push the same files at the same time; one is bigger than a small body.
export const blobs = Array.from({ length: 6 }, (_, index) =>
  new TextEncoder().encode(`blob ${index} `.repeat(index === 5 ? 150_000 : 10)),
);
const digests = blobs.map((bytes) => digestOf(bytes));
const tags = ["a", "b", "c"];

type Image = { readonly bytes: Uint8Array<ArrayBuffer>; readonly digest: Digest };

export function createCrashClient(id: number, random: Random): CrashClient {
  const repository = `team/${id}`;
  const { pick } = random;
  const manifests = images(id);
  let known: Content = { blobs: new Set(), own: new Set(), manifests: new Set(), tags: new Map() };
  // What was sent and not answered: it may have happened or not.
  let sent: Content | undefined;
  let made = 0;

  const pushBlob = (index: number): Step => ({
    request: [
      "POST",
      `/v2/${repository}/blobs/uploads/?digest=${digests[index]}`,
      blobs[index] as Uint8Array<ArrayBuffer>,
    ],
    status: 201,
    result: { ...known, blobs: new Set([...known.blobs, index]) },
  });
  const pushOwn = (): Step => {
    const content = `${repository} ${made++}`;
    const path = `/v2/${repository}/blobs/uploads/?digest=${digestOf(content)}`;
    return {
      request: ["POST", path, new TextEncoder().encode(content)],
      status: 201,
      result: { ...known, own: new Set([...known.own, content]) },
    };
  };
  const dropBlob = (index: number): Step => ({
    request: ["DELETE", `/v2/${repository}/blobs/${digests[index]}`],
    status: 202,
    result: { ...known, blobs: new Set([...known.blobs].filter((other) => other !== index)) },
  });
  const pushManifest = (index: number): Step => {
    const missing = [0, index].find((blob) => !known.blobs.has(blob));
    if (missing !== undefined) return pushBlob(missing);
    const { bytes, digest } = manifests[index] as Image;
    const named = tags.filter(() => random.fraction() < 0.4);
    const query = named.map((tag) => `tag=${tag}`).join("&");
    return {
      request: ["PUT", `/v2/${repository}/manifests/${digest}?${query}`, bytes],
      status: 201,
      result: {
        ...known,
        manifests: new Set([...known.manifests, index]),
        tags: new Map([...known.tags, ...named.map((tag) => [tag, index] as const)]),
      },
    };
  };
  const dropManifest = (index: number): Step => ({
    request: ["DELETE", `/v2/${repository}/manifests/${manifests[index]?.digest}`],
    status: 202,
    result: {
      ...known,
      manifests: new Set([...known.manifests].filter((other) => other !== index)),
      tags: new Map([...known.tags].filter(([, target]) => target !== index)),
    },
  });
  const dropTag = (tag: string): Step => ({
    request: ["DELETE", `/v2/${repository}/manifests/${tag}`],
    status: 202,
    result: { ...known, tags: new Map([...known.tags].filter(([other]) => other !== tag)) },
  });
  const next = (): Step => {
    const chance = random.fraction();
    const index = random.below(manifests.length);
    if (chance < 0.1 && known.blobs.size > 0) return dropBlob(pick([...known.blobs]));
    if (chance < 0.2 && known.manifests.size > 0) return dropManifest(pick([...known.manifests]));
    if (chance < 0.3 && known.tags.size > 0) return dropTag(pick([...known.tags.keys()]));
    if (chance < 0.5) return pushOwn();
    return chance < 0.6 ? pushBlob(index) : pushManifest(index);
  };
  /** What of all that ever was pushed is there now. */
  const read = async (origin: string): Promise<Content> => {
    const get = async (path: string): Promise<Response> =>
      await fetch(`${origin}/v2/${repository}${path}`);
    const has = async (path: string, bytes: Uint8Array): Promise<boolean> => {
      const response = await get(path);
      const body = new Uint8Array(await response.arrayBuffer());
      if (response.status === 404) return false;
      if (response.status !== 200 || !Bun.deepEquals(body, bytes)) {
        throw new Error(`${repository}${path} answered ${response.status} with other bytes`);
      }
      return true;
    };
    const listed = await get("/tags/list");
    const { tags: names = [] } = (await listed.json()) as { tags?: readonly string[] };
    const found = {
      blobs: new Set<number>(),
      own: new Set<string>(),
      manifests: new Set<number>(),
      tags: new Map<string, number>(),
    };
    for (const [index, bytes] of blobs.entries()) {
      if (await has(`/blobs/${digests[index]}`, bytes)) found.blobs.add(index);
    }
    for (const content of new Set([...known.own, ...(sent?.own ?? [])])) {
      const path = `/blobs/${digestOf(content)}`;
      if (await has(path, new TextEncoder().encode(content))) found.own.add(content);
    }
    for (const [index, { bytes, digest }] of manifests.entries()) {
      if (await has(`/manifests/${digest}`, bytes)) found.manifests.add(index);
    }
    for (const name of names) {
      const digest = (await get(`/manifests/${name}`)).headers.get("docker-content-digest");
      found.tags.set(
        name,
        manifests.findIndex((image) => image.digest === digest),
      );
    }
    const referrers = await get(`/referrers/${manifests[0]?.digest}`);
    const { manifests: list } = (await referrers.json()) as { manifests: { digest: string }[] };
    const expected = [...found.manifests].filter((index) => index >= manifests.length - 2);
    const actual = list.map(({ digest }) => manifests.findIndex((one) => one.digest === digest));
    if (text(expected) !== text(actual)) {
      throw new Error(`${repository} lists referrers ${text(actual)}, and has ${text(expected)}`);
    }
    return found;
  };

  return {
    repository,
    async work(origin, done) {
      for (;;) {
        const { request, status, result } = next();
        const [method, path, body] = request;
        sent = result;
        let answer: Response;
        try {
          answer = await fetch(origin + path, {
            method,
            ...(body === undefined ? {} : { body }),
            headers: { "Content-Type": mediaTypes.ociManifest },
          });
          await answer.arrayBuffer();
        } catch {
          return;
        }
        if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status}`);
        known = result;
        sent = undefined;
        done();
      }
    },
    async verify(origin) {
      const actual = await read(origin);
      const same = (wanted: Content): boolean =>
        text(wanted.blobs) === text(actual.blobs) &&
        text(wanted.own) === text(actual.own) &&
        text(wanted.manifests) === text(actual.manifests) &&
        text([...wanted.tags].map(String)) === text([...actual.tags].map(String));
      if (!same(known) && (sent === undefined || !same(sent))) {
        throw new Error(
          `${repository} has ${Bun.inspect(actual)}, and should have ${Bun.inspect(known)} or ${Bun.inspect(sent)}`,
        );
      }
      known = actual;
      sent = undefined;
    },
    collect() {
      const needed = new Set([...known.manifests].flatMap((index) => [0, index]));
      const kept = [...known.blobs].filter((index) => needed.has(index));
      known = { ...known, blobs: new Set(kept), own: new Set() };
    },
  };
}

/** One for each blob but the first, which is the config of all; the last two refer to the first. */
function images(id: number): readonly Image[] {
  const made: Image[] = [];
  for (const [index, bytes] of blobs.entries()) {
    const subject = index >= blobs.length - 2 ? made[0] : undefined;
    const manifest = json({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: digests[0], size: blobs[0]?.byteLength },
      layers: [{ mediaType: "text/plain", digest: digests[index], size: bytes.byteLength }],
      annotations: { client: `${id}` },
      ...(subject === undefined
        ? {}
        : {
            subject: {
              mediaType: mediaTypes.ociManifest,
              digest: subject.digest,
              size: subject.bytes.byteLength,
            },
          }),
    });
    made.push({ bytes: manifest, digest: digestOf(manifest) });
  }
  return made;
}

function text(items: Iterable<unknown>): string {
  return [...items].map(String).toSorted().join(" ");
}
