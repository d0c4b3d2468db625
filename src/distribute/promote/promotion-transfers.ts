import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { ImageTransfer } from "../transfer/image-transfer.ts";
import { registrySource } from "../transfer/registry-source.ts";
import type { PassedPromotion } from "./plan-promotion.ts";

/**
 * What brings promoted images to where they go, one transfer each: by digest, so that a tag that moves meanwhile changes
 * nothing, with all that refers to them, and with what is attached by tags.
 */
export function promotionTransfers(
  promotions: readonly PassedPromotion[],
  from: RemoteRegistry,
  to: RemoteRegistry,
): ImageTransfer[] {
  const source = registrySource(from);
  return promotions.map((promotion) => ({
    source,
    from: { repository: promotion.from.repository, reference: promotion.digest },
    destination: to,
    to: {
      repository: promotion.to.repository,
      // Its own tag first: an alias never stands for what its reference does not.
      tags: [...(promotion.isNew ? [promotion.to.tag] : []), ...promotion.aliases],
    },
    referrers: true,
    alongside: promotion.attachedTags,
  }));
}
