import { HiveError } from "../base/hive-error.ts";
import { jsonMessage } from "../base/json-message.ts";
import { printable } from "../base/printable.ts";
import { readAnswer } from "./read-answer.ts";

/** An engine that said no. Who asked knows what that means. */
export class EngineRefusal extends HiveError {
  /** As HTTP has it: 404 for what isn't there, 409 for what is in no state for it. */
  readonly status: number;
  /** The engine's own words; often none. */
  readonly said: string;

  constructor(status: number, said: string) {
    super("failed", `the engine answered ${status}${said === "" ? "" : `: ${said}`}`);
    this.status = status;
    this.said = said;
  }
}

/** Characters. */
const longestWords = 2000;

/** What an answer that isn't ok says, which is JSON; of a proxy's page the beginning. */
export async function refusalOf(response: Response): Promise<EngineRefusal> {
  const text = await readAnswer(response);
  return new EngineRefusal(
    response.status,
    printable((jsonMessage(text) ?? text).slice(0, longestWords).trim()),
  );
}
