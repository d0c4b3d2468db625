import { type Attached, satisfies } from "./evidence.ts";
import type { AttachedTo } from "./find-attached.ts";

/** What counts for a requirement, and why it is not met, if so. */
type Found = { readonly found: readonly Attached[]; readonly lacking?: string };

/** A requirement is met by something attached to the whole, or to each of its platforms. */
export function findEvidence({ whole, images }: AttachedTo, requirement: string): Found {
  const ofWhole = whole.filter((one) => satisfies(one, requirement));
  const each = images.map(({ platform, attached }) => ({
    platform,
    found: attached.filter((one) => satisfies(one, requirement)),
  }));
  const found = [...ofWhole, ...each.flatMap((image) => image.found)];
  const without = each.filter((image) => image.found.length === 0).map(({ platform }) => platform);
  if (ofWhole.length > 0 || (each.length > 0 && without.length === 0)) return { found };
  const where = without.length < each.length ? ` for ${without.join(" and ")}` : "";
  return { found, lacking: `nothing is attached that counts as "${requirement}"${where}` };
}
