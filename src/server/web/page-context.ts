import type { Access } from "../../registry/access/access.ts";
import type { ContentReader } from "./content-reader.ts";

/** What a page is made from. */
export type PageContext = {
  readonly reader: ContentReader;
  readonly access: Access;
  /** The registry's address, as in a reference. */
  readonly host: string;
  /** Whether that address is reached by HTTPS. */
  readonly secure: boolean;
  readonly query: URLSearchParams;
  /** Milliseconds since 1970. */
  readonly now: number;
};
