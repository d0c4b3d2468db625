import { exitOnCrash } from "./cli/crash.ts";
import { interruptible } from "./cli/interrupt.ts";
import { outputWritten } from "./cli/output.ts";
import { run } from "./cli/run.ts";

// The only place that ends the process: everything below returns or throws.
const exit = (code: number): void => process.exit(code);
exitOnCrash(exit);
const interrupt = interruptible(exit);
const code = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  signal: interrupt.signal,
  endBySignal: interrupt.endBySignal,
});
await outputWritten();
exit(interrupt.exitCode ?? code);
