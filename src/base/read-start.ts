/**
 * The first `limit` characters of what a program prints, or a piece more; all of it is read, so that its writer is not
 * kept waiting.
 */
export async function readStart(
  stream: ReadableStream<Uint8Array>,
  limit: number,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    if (text.length < limit) text += decoder.decode(chunk, { stream: true });
  }
  return text;
}
