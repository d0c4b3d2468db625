/** The engine's own words in an answer that is an error: its `message`, or the text as it is. */
export async function engineErrorText(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // No JSON: the text as it is.
  }
  return text.slice(0, 500);
}
