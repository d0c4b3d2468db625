import { HiveError } from "../base/hive-error.ts";
import { refusalOf } from "./engine-refusal.ts";
import type { Engine } from "./engine.ts";
import { readJsonAnswer } from "./read-answer.ts";

type Options = { readonly signal?: AbortSignal | undefined };

/**
 * Every name of an image in the engine: `base:1.0`, `127.0.0.1:5000/base:1.0`.
 * @throws HiveError "unreachable", "failed"; the signal's reason
 */
export async function listImageNames(engine: Engine, options: Options = {}): Promise<string[]> {
  const response = await engine.request("/images/json", options);
  if (!response.ok) {
    const { message: reason } = await refusalOf(response);
    throw new HiveError("failed", `The Docker Engine does not list its images: ${reason}`);
  }
  const answer = await readJsonAnswer(response);
  const images = Array.isArray(answer) ? (answer as readonly { RepoTags?: unknown }[]) : [];
  return images.flatMap(({ RepoTags: names }): string[] =>
    Array.isArray(names) ? names.filter((name) => typeof name === "string") : [],
  );
}

/**
 * Takes a name from an image, and removes what has no other. What the build cache needs of it stays.
 * @returns whether there was such a name
 * @throws HiveError "unreachable", "failed"; the signal's reason
 */
export async function removeImageName(
  engine: Engine,
  name: string,
  options: Options = {},
): Promise<boolean> {
  const response = await engine.request(`/images/${name}`, { ...options, method: "DELETE" });
  if (response.status === 404) return false;
  if (response.ok) return true;
  const { message: reason } = await refusalOf(response);
  throw new HiveError("failed", `The Docker Engine does not remove ${name}: ${reason}`);
}
