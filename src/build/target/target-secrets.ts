import type { Environment } from "../../base/environment.ts";
import type { FindSecret } from "../../buildkit/secret-service.ts";
import type { StepEvent } from "../../buildkit/status/step-event.ts";
import type { Target } from "../../plan/plan.ts";
import { createMask, type Mask } from "../../secrets/create-mask.ts";
import { createSecrets, type Secrets } from "../../secrets/create-secrets.ts";

/** A run's secrets, and what takes them out of what is shown. */
export type SecretsOfRun = { readonly secrets: Secrets; readonly mask: Mask };

/** The secrets of a run, none of which is looked up yet. */
export function secretsOfRun(env: Environment, signal: AbortSignal): SecretsOfRun {
  return { secrets: createSecrets(env, { signal }), mask: createMask() };
}

/** Finds a target's secrets by their ids; whatever is given out is hidden in all output from then on. */
export function targetSecrets(target: Target, { secrets, mask }: SecretsOfRun): FindSecret {
  return async (id) => {
    const secret = target.secrets.find((declared) => declared.id === id);
    if (secret === undefined) return undefined;
    const value = await secrets.resolve(secret);
    mask.add(value);
    return value;
  };
}

/** An event of a step without secrets in what it printed or failed with. */
export function maskStepEvent(event: StepEvent, mask: Mask): StepEvent {
  if (event.type === "log") return { ...event, text: mask.apply(event.text) };
  if (event.type !== "done" || event.error === undefined) return event;
  return { ...event, error: mask.apply(event.error) };
}
