import { formatPlatform } from "../oci/platform.ts";
import type { Target } from "../plan/plan.ts";

/** What is shown of the targets of one reference, `platforms` being all those of which the same is to be said. */
export type PlatformGroup<T> = {
  readonly reference: string;
  /** `linux/amd64, linux/arm64`. */
  readonly platforms: string;
  readonly shown: T;
};

/** Puts together the platforms of a reference of which the same is shown, where the first one stands. */
export function groupPlatforms<T>(
  targets: readonly { readonly target: Target; readonly shown: T }[],
): PlatformGroup<T>[] {
  const groups = Map.groupBy(targets, ({ target, shown }) =>
    JSON.stringify([target.reference, shown]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const platforms = group.map(({ target }) => formatPlatform(target.platform)).join(", ");
    return [{ reference: first.target.reference, platforms, shown: first.shown }];
  });
}
