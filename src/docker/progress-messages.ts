/** One message of the stream that the engine answers with. Fields we don't use may be there. */
export type EngineMessage = {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
  /** What a push ended with. */
  readonly aux?: { readonly Digest?: string };
};

// A message is a line of text; this much without an end is none.
const maxMessage = 1024 * 1024;

/**
 * Splits the engine's answer, JSON documents one a line, into messages. Lines that are no JSON object become errors, and
 * so does one without an end, which is the last.
 */
export async function* progressMessages(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<EngineMessage> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield* parseLine(line);
    if (rest.length > maxMessage) {
      yield { error: "the engine's answer has no end of line" };
      return;
    }
  }
  yield* parseLine(rest + decoder.decode());
}

function* parseLine(line: string): Generator<EngineMessage> {
  if (line.trim() === "") return;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) {
      yield value;
      return;
    }
  } catch {
    // Told below.
  }
  yield { error: `unexpected answer: ${line.slice(0, 200)}` };
}
