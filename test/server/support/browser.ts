import { type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";
import { tempDirectory } from "../../support/temp-directory.ts";

/** A Chromium with an empty profile that talks to nobody but the page's server. */
export type TestBrowser = AsyncDisposable & {
  /** A window of its own: no cookies and no passwords of others. */
  open(options?: BrowserContextOptions): Promise<BrowserContext>;
};

export async function startBrowser(): Promise<TestBrowser> {
  const executablePath = process.env["HIVE_TEST_CHROMIUM"] ?? Bun.which("chromium");
  if (executablePath === null || executablePath === "") {
    throw new Error(
      "Cannot run this test: there is no chromium. Install it, or name one in HIVE_TEST_CHROMIUM.",
    );
  }
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await tempDirectory());
  const browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    env: { ...process.env, HOME: home.path },
  });
  stack.defer(() => browser.close());
  const owned = stack.move();
  return {
    open: (options = {}) => browser.newContext(options),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
