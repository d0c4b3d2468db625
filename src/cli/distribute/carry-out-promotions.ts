import { findPromoter } from "../../distribute/promote/find-promoter.ts";
import type { PassedPromotion, Promotion } from "../../distribute/promote/plan-promotion.ts";
import { attachRecord } from "../../distribute/promote/promotion-record.ts";
import { promotionTransfers } from "../../distribute/promote/promotion-transfers.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { App } from "../app.ts";
import { doTransfers } from "../transfer/do-transfers.ts";
import type { TransferFlags } from "../transfer/transfer-flags.ts";
import { version } from "../version.ts";
import type { PromotionOutcome } from "./promotion-row.ts";
import { systemUser } from "./system-user.ts";

/**
 * Brings images that may go to where they go, and attaches the record of it to each. What is there is left alone, but for a
 * record that a run before could not attach.
 */
export async function carryOutPromotions(
  app: App,
  flags: TransferFlags,
  promotions: readonly Promotion[],
  { from, to }: { readonly from: RemoteRegistry; readonly to: RemoteRegistry },
): Promise<PromotionOutcome[]> {
  const wanted = promotions.filter(isWanted);
  const outcomes = new Map<Promotion, PromotionOutcome>();
  if (wanted.length > 0) {
    const transfers = promotionTransfers(wanted, from, to);
    const { results } = await doTransfers(app, flags, "promote", transfers);
    const promoter = findPromoter(app.env, systemUser());
    for (const [index, promotion] of wanted.entries()) {
      const result = results[index];
      if (result instanceof Error) {
        outcomes.set(promotion, { promotion, status: "failed", error: result });
      } else if (flags["dry-run"] === true) {
        outcomes.set(promotion, { promotion, status: "would be promoted" });
      } else {
        const details = { from: from.host, promoter, time: new Date(), version };
        try {
          const record = await attachRecord(to, promotion, details);
          outcomes.set(promotion, { promotion, status: "promoted", record });
        } catch (error) {
          app.signal.throwIfAborted();
          if (!(error instanceof Error)) throw error;
          outcomes.set(promotion, { promotion, status: "failed", error });
          app.log.error(
            `${promotion.to.repository}:${promotion.to.tag} has no record: ${error.message}`,
          );
        }
      }
    }
  }
  return promotions.map((promotion) => outcomes.get(promotion) ?? { promotion, status: "there" });
}

function isWanted(promotion: Promotion): promotion is PassedPromotion {
  const { digest, needsRecord, aliases } = promotion;
  return digest !== undefined && (needsRecord || aliases.length > 0);
}
