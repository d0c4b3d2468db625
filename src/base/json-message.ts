/** The `message` of an answer that is a JSON object, as engines write their errors; undefined for any other text. */
export function jsonMessage(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    // No JSON, or half of it.
    return undefined;
  }
}
