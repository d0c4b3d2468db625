import type { LocatedText } from "./located-text.ts";
import { readMount } from "./read-mount.ts";

/** A secret or an SSH agent that a step mounts. */
export type MountedId = {
  readonly type: "secret" | "ssh";
  /** Absent where variables are in it: it may be any. */
  readonly id?: string;
  /** The whole `--mount`. */
  readonly written: LocatedText;
  /** Behind ONBUILD: what images built on this one will need. */
  readonly onbuild: boolean;
};

/** What `--mount=type=secret` and `type=ssh` ask the client for; undefined for mounts of other types. */
export function mountedId(written: LocatedText, onbuild: boolean): MountedId | undefined {
  const fields = readMount(written);
  const type = fields.get("type")?.text.toLowerCase();
  if (type !== "secret" && type !== "ssh") return undefined;
  const source = type === "secret" ? (fields.get("source") ?? fields.get("src")) : undefined;
  const target = fields.get("target") ?? fields.get("dst") ?? fields.get("destination");
  const fallback = type === "ssh" ? "default" : target?.text.split("/").at(-1);
  const id = source?.text || fields.get("id")?.text || fallback;
  return {
    type,
    ...(id === undefined || id.includes("$") ? {} : { id }),
    written,
    onbuild,
  };
}
