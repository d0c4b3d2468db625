import { printable } from "../base/printable.ts";

/** An engine that said no, in its own words. Who asked knows what that means. */
export class EngineRefusal extends Error {
  override readonly name = "EngineRefusal";
  /** As HTTP has it: 404 for what isn't there, 409 for what is in no state for it. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What an answer that isn't ok says, which is JSON; of a proxy's page the beginning. */
export async function refusalOf(response: Response): Promise<EngineRefusal> {
  const text = await response.text();
  return new EngineRefusal(response.status, printable(messageIn(text)));
}

function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // No JSON: the text as it is.
  }
  return text.slice(0, 500).trim();
}
