import type { Html } from "./html.ts";

/** What a page shows of a manifest: what counts at a glance, and the rest. */
export type ManifestContent = { readonly facts: Html; readonly details: Html };
