import { createDeadline } from "../base/deadline.ts";
import { HiveError } from "../base/hive-error.ts";

/** Bytes. An engine with thousands of images lists them in less. */
const longestAnswer = 16 * 1024 * 1024;
/** Milliseconds for all of it, once it has begun. */
const usualPatience = 30_000;

/**
 * The text of an engine's answer.
 * @throws HiveError "unreachable" for one without an end; what reading it throws
 */
export async function readAnswer(
  response: Response,
  { timeout = usualPatience }: { readonly timeout?: number } = {},
): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  using deadline = createDeadline({ timeout });
  const decoder = new TextDecoder();
  let [text, length] = ["", 0];
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), deadline.passed]);
      if (done) return text + decoder.decode();
      length += value.length;
      if (length > longestAnswer) throw endless();
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    throw deadline.signal.aborted ? endless() : error;
  } finally {
    // Not waited for: whoever sends without an end may not end now.
    void reader.cancel().catch(() => undefined);
  }
}

/** The JSON that an engine answers; an empty object for what is none. @throws as {@link readAnswer} */
export async function readJsonAnswer(response: Response): Promise<unknown> {
  const text = await readAnswer(response);
  try {
    return (JSON.parse(text) as unknown) ?? {};
  } catch {
    return {};
  }
}

function endless(): HiveError {
  return new HiveError("unreachable", "The engine's answer has no end", {
    hint: "See whether it is a Docker Engine or Podman that listens there.",
  });
}
