import type { Target } from "../plan/plan.ts";
import type { App } from "./app.ts";
import { groupPlatforms } from "./group-platforms.ts";

/** Prints what there is to say of each target: a headline and lines below it, once for all platforms of which it is the same. */
export function printTargets(
  { stdout }: App,
  told: readonly { readonly target: Target; readonly shown: readonly string[] }[],
): void {
  const { paint } = stdout.look;
  for (const { reference, platforms, shown } of groupPlatforms(told)) {
    const [headline = "", ...lines] = shown;
    stdout.write(`${paint.bold(`${reference} ${platforms}`)}: ${headline}\n`);
    for (const line of lines) stdout.write(`  ${line}\n`);
  }
}
