import { HiveError } from "../base/hive-error.ts";
import { mapLimited } from "../base/map-limited.ts";
import type { Digest } from "../oci/digest.ts";
import type { Plan } from "../plan/plan.ts";

/** Reference -> digest, as in hive.lock. */
export type Pins = ReadonlyMap<string, Digest>;

/** How one pin differs from another state: `to` is absent when it is gone, `from` when it is new. */
export type PinChange = {
  readonly reference: string;
  readonly from?: Digest;
  readonly to?: Digest;
};

/** What a plan takes from elsewhere by tag, and so must be pinned; sorted. References that bring their digest need no pin. */
export function lockable({ targets }: Pick<Plan, "targets">): string[] {
  const references = targets.flatMap(({ externals }) =>
    externals.map(({ reference }) => reference),
  );
  return [...new Set(references)].filter((reference) => !reference.includes("@")).toSorted();
}

/**
 * Asks for each reference.
 * @throws HiveError with all that could not be resolved; its kind is that of the first.
 */
export async function resolveAll(
  references: readonly string[],
  resolve: (reference: string) => Promise<Digest>,
): Promise<Map<string, Digest>> {
  const pins = new Map<string, Digest>();
  const failures: HiveError[] = [];
  await mapLimited(references, 16, async (reference) => {
    try {
      pins.set(reference, await resolve(reference));
    } catch (error) {
      if (!(error instanceof HiveError)) throw error;
      failures.push(new HiveError(error.kind, `${reference}: ${error.message}`, error));
    }
  });
  const [first] = failures;
  if (first === undefined) return pins;
  const list = failures.map(({ message }) => `\n  ${message}`).toSorted();
  throw new HiveError(first.kind, `Cannot resolve external images:${list.join("")}`, {
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    cause: first,
  });
}

/** From one state to another, sorted by reference. */
export function comparePins(before: Pins, after: Pins): PinChange[] {
  const references = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return references.flatMap((reference) => {
    const from = before.get(reference);
    const to = after.get(reference);
    if (from === to) return [];
    return [
      { reference, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
    ];
  });
}
