import { interruptible } from "./cli/interrupt.ts";
import { outputWritten } from "./cli/output.ts";
import { run } from "./cli/run.ts";

// The only place that ends the process: everything below returns or throws.
const interrupt = interruptible((code) => process.exit(code));
const code = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  signal: interrupt.signal,
});
await outputWritten();
process.exit(interrupt.exitCode ?? code);
