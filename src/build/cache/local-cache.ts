import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ContentStore } from "../../buildkit/content/content-service.ts";
import type { TypedAttrs } from "../../buildkit/solve-request.ts";
import { collectGarbage } from "../../oci/collect-garbage.ts";
import { parseDescriptor } from "../../oci/descriptor.ts";
import { type ImageLayout, openLayout } from "../../oci/layout.ts";
import type { CacheScopes } from "../../plan/plan.ts";
import { exportAttrs, scopeName } from "./cache-entries.ts";

/** A cache in a directory of this machine: an image layout for each scope, read and written through the session. */
export type LocalCache = AsyncDisposable & {
  /** Those of the scopes that are there. @throws HiveError, SyntaxError when one is damaged or can't be opened. */
  imports(scopes: CacheScopes): Promise<readonly LocalEntry[]>;
  /** @throws HiveError when the directory can't be made or written. */
  export(scope: string): Promise<LocalEntry>;
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
    const store = (await layoutOf(scope)).blobs;
    const manifest = await (await layoutOf(scope)).find(cacheName);
    if (manifest === undefined || store.find(manifest.digest) === undefined) return [];
    const src = scopeName(scope);
    const entry = { type: "local", attrs: { src, digest: manifest.digest } };
    return [{ entry, name: `local:${src}`, store }];
  }

  return {
    async imports({ own, siblings }) {
      return (await Promise.all([own, ...siblings].map(importOf))).flat();
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
      await (await layoutOf(scope)).update(new Map([[cacheName, descriptor]]));
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
