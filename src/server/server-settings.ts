import type { IncompleteImages, RegistryLimits } from "../registry/registry-context.ts";
import type { StoreLimits } from "../registry/store/store-limits.ts";
import type { MirrorSettings } from "../registry/upstream/mirror-settings.ts";
import type { Mirror } from "../registry/upstream/upstream.ts";

/** Everything that a server is started with. Paths are absolute, times in milliseconds, sizes in bytes. */
export type ServerSettings = {
  /** Undefined: a temporary directory that goes with the server. */
  readonly storage: string | undefined;
  /** A name or an IP address to listen on. */
  readonly hostname: string;
  /** 0: one that the system chooses. */
  readonly port: number;
  /** Names, besides localhost and the host's own, under which clients reach it. */
  readonly names: readonly string[];
  readonly tls: TlsSettings;
  /** An htpasswd file; undefined: no users, everybody may do everything. */
  readonly users: string | undefined;
  /** What those may do who don't say who they are, where there are users. */
  readonly anonymous: "none" | "read";
  /** Listen beyond loopback although there is no TLS or there are no users. */
  readonly insecureListen: boolean;
  readonly sync: "always" | "never";
  /** How long pushes and other requests may take to end when the server is stopped. */
  readonly stopGrace: number;
  readonly gc: GcSettings;
  readonly limits: Partial<RegistryLimits>;
  readonly storageLimits: StoreLimits;
  readonly incompleteImages: IncompleteImages;
  readonly role: RegistryRole;
  /** Whether a tag may be moved and deleted although the role keeps tags where they are. */
  readonly isMutableTag: (tag: string) => boolean;
  /** The registries that copies are kept of. */
  readonly mirrors: readonly Mirror[];
  readonly mirrorSettings: Partial<MirrorSettings>;
  /** `-` is stdout; undefined: no log. */
  readonly accessLog: string | undefined;
};

/** What a registry is for: in `prod` and `archive` tags stay where they are. */
export type RegistryRole = "sandbox" | "ci" | "prod" | "archive";

export type TlsSettings =
  | { readonly kind: "none" }
  /** An authority of our own, kept in `directory`. */
  | { readonly kind: "authority"; readonly directory: string }
  | { readonly kind: "files"; readonly certificate: string; readonly key: string };

export type GcSettings = {
  /** 0: only when asked for. */
  readonly interval: number;
  /** How long what nothing needs is kept: its manifest may be on the way. */
  readonly grace: number;
  /** Also removes manifests without a tag that are older; undefined: keeps them. */
  readonly untaggedAfter: number | undefined;
};
