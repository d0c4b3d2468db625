import { join } from "node:path";
import type { HandoverMode } from "../build/handover/create-handovers.ts";
import { registryResults } from "../build/results/registry-results.ts";
import type { OpenResults } from "../build/results/results.ts";
import { storeResults } from "../build/results/store-results.ts";
import { pushedNamer } from "../finalize/name-pushed.ts";
import { openLayout } from "../oci/layout.ts";
import type { Plan } from "../plan/plan.ts";
import type { PushTarget } from "./registry/open-push.ts";

type DestinationOptions = {
  readonly plan: Plan;
  readonly buildId: string | undefined;
  readonly handover: HandoverMode;
};

/** Where the images of a build go. Disposing closes it. */
export type BuildDestination = Disposable & { readonly openResults: OpenResults };

/** The project's store, which is made where there is none; or the registry to push to, and then nothing is stored here. */
export async function openBuildDestination(
  push: PushTarget | undefined,
  { plan, buildId, handover }: DestinationOptions,
): Promise<BuildDestination> {
  const store = join(plan.root, ".hive");
  if (push === undefined) {
    const layout = await openLayout(store);
    return {
      openResults: storeResults({ layout, handover }),
      [Symbol.dispose]: () => layout[Symbol.dispose](),
    };
  }
  const { registry, prefix, insecure, dockerMediaTypes } = push;
  const openResults = registryResults({
    registry,
    prefix,
    insecure,
    format: dockerMediaTypes ? "docker" : "oci",
    store,
    nameReference: pushedNamer(registry, { plan, prefix, buildId, dockerMediaTypes }),
  });
  return { openResults, [Symbol.dispose]() {} };
}
