import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage } from "../../base/error-message.ts";
import type { ContentStore } from "../../buildkit/content/content-service.ts";
import type { TypedAttrs } from "../../buildkit/solve-request.ts";
import { streamBlob } from "../../oci/blob-store.ts";
import { collectGarbage } from "../../oci/collect-garbage.ts";
import { type Descriptor, parseDescriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { type ImageLayout, openLayout } from "../../oci/layout.ts";
import { manifestContent } from "../../oci/manifest.ts";
import { readManifest } from "../../oci/resolve-image.ts";
import type { CacheScopes } from "../../plan/plan.ts";
import { exportAttrs, scopeName } from "./cache-entries.ts";

/** A cache in a directory of this machine: an image layout for each scope, read and written through the session. */
export type LocalCache = AsyncDisposable & {
  /** Those of the scopes that are there and whole. @param onBroken learns why one can't be used. */
  imports(scopes: CacheScopes, onBroken: (reason: string) => void): Promise<readonly LocalEntry[]>;
  /** @throws HiveError when the directory can't be made or written. */
  export(scope: string): Promise<LocalEntry>;
  /** Removes content that is not what it was when it was written, so that the next export writes it again. */
  removeDamaged(scopes: CacheScopes): Promise<void>;
  /** Makes what a build wrote the scope's cache. @param manifest the daemon's word for it. */
  publish(scope: string, manifest: string): Promise<void>;
};

/** What the daemon is told, and the store by the name under which it asks for it. */
export type LocalEntry = {
  readonly entry: TypedAttrs;
  readonly name: string;
  readonly store: ContentStore;
};

// Under this name other tools look for a cache in a layout.
const cacheName = "latest";

/** The cache in `directory`, which need not be there yet. What is opened is shared by all targets of a run. */
export function openLocalCache(directory: string): LocalCache {
  const layouts = new Map<string, Promise<ImageLayout>>();
  const written = new Set<string>();

  function layoutOf(scope: string): Promise<ImageLayout> {
    const layout = layouts.get(scope) ?? openLayout(join(directory, scopeName(scope)));
    layouts.set(scope, layout);
    return layout;
  }

  async function importOf(scope: string): Promise<readonly LocalEntry[]> {
    if (!existsSync(join(directory, scopeName(scope), "index.json"))) return [];
    const layout = await layoutOf(scope);
    const manifest = await layout.find(cacheName);
    if (manifest === undefined) return [];
    const store = layout.blobs;
    for (const { digest, size } of await contentOf(layout, manifest)) {
      if (store.find(digest)?.size === size) continue;
      throw new Error(`"${layout.directory}" has no ${digest}, or not all of it`);
    }
    const src = scopeName(scope);
    const entry = { type: "local", attrs: { src, digest: manifest.digest } };
    return [{ entry, name: `local:${src}`, store }];
  }

  return {
    async imports({ own, siblings }, onBroken) {
      const found = [own, ...siblings].map(async (scope) => {
        try {
          return await importOf(scope);
        } catch (error) {
          onBroken(errorMessage(error));
          return [];
        }
      });
      return (await Promise.all(found)).flat();
    },
    async removeDamaged({ own, siblings }) {
      for (const scope of [own, ...siblings]) {
        const layout = await layouts.get(scope)?.catch(() => undefined);
        const manifest = await layout?.find(cacheName).catch(() => undefined);
        if (layout === undefined || manifest === undefined) continue;
        const content = await contentOf(layout, manifest).catch(() => []);
        for (const { digest } of [manifest, ...content]) {
          if (!(await isWhole(layout, digest))) layout.blobs.remove(digest);
        }
      }
    },
    async export(scope) {
      const { blobs } = await layoutOf(scope);
      const dest = scopeName(scope);
      const format = { "image-manifest": "true", "oci-mediatypes": "true" };
      const entry = { type: "local", attrs: { dest, ...format, ...exportAttrs } };
      return { entry, name: `local:${dest}`, store: blobs };
    },
    async publish(scope, manifest) {
      const descriptor = parseDescriptor(JSON.parse(manifest), "cache.manifest");
      const layout = await layoutOf(scope);
      const change = new Map([[cacheName, descriptor]]);
      try {
        await layout.update(change);
      } catch {
        // An index that can't be read names nothing that is worth keeping.
        await rm(join(layout.directory, "index.json"), { force: true });
        await layout.update(change);
      }
      written.add(scope);
    },
    async [Symbol.asyncDispose]() {
      for (const [scope, opening] of layouts) {
        const layout = await opening.catch(() => undefined);
        // What the new cache replaced. Only now: other targets may have read it until the end of the run.
        if (layout !== undefined && written.has(scope)) {
          await collectGarbage(layout).catch(() => undefined);
        }
        layout?.[Symbol.dispose]();
      }
    },
  };
}

async function contentOf(
  { blobs }: ImageLayout,
  manifest: Descriptor,
): Promise<readonly Descriptor[]> {
  return manifestContent(await readManifest(blobs, manifest));
}

async function isWhole({ blobs }: ImageLayout, digest: Digest): Promise<boolean> {
  const blob = blobs.find(digest);
  if (blob === undefined) return true;
  try {
    for await (const _ of streamBlob(blob));
    return true;
  } catch {
    return false;
  }
}
