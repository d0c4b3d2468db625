import fc from "fast-check";
import { formatPlatform, parsePlatform } from "../../../src/oci/platform.ts";
import { targetIdOf } from "../../../src/plan/graph.ts";
import type { Plan, Target } from "../../../src/plan/plan.ts";

const names = ["base", "app", "team/tool", "team-tool", "a.b", "a-b"];
const platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"].map((text) => parsePlatform(text));

/** Plans whose targets need any that come before them: across tags, platforms, and back and forth between names. */
export const randomPlan: fc.Arbitrary<Plan> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom(...names),
      tag: fc.constantFrom("1", "2", "3-slim"),
      platform: fc.constantFrom(...platforms),
      needs: fc.array(fc.nat(200), { maxLength: 4 }),
    }),
    {
      maxLength: 40,
      minLength: 1,
      selector: ({ name, tag, platform }) => `${name}:${tag} ${formatPlatform(platform)}`,
    },
  )
  .map((drawn) => {
    const ids = drawn.map(({ name, tag, platform }) => targetIdOf(`${name}:${tag}`, platform));
    const targets = drawn.map(({ name, tag, platform, needs }, index) => ({
      id: ids[index],
      name,
      tag,
      reference: `${name}:${tag}`,
      platform,
      secrets: [],
      dependencies:
        index === 0 ? [] : needs.map((nth) => ({ target: ids[nth % index], place: {} })),
    }));
    return { root: "/", targets: targets as unknown as Target[], aliases: [], warnings: [] };
  });
