import type { ImageLayout } from "../../oci/layout.ts";
import type { RegistryServer } from "../../registry/serve-registry.ts";

/** A store, and the registry through which daemons may reach it. */
export type Place = { readonly layout: ImageLayout; readonly registry: RegistryServer };
