import { createRegistry } from "../../../../src/registry/create-registry.ts";
import { openRegistryStore } from "../../../../src/registry/store/open-registry-store.ts";

// A registry on a store, to be killed: crash-server <directory> <sync>. Prints its port, and what is wrong on stderr.
const [directory = "", sync] = process.argv.slice(2);
const complain = (message: string): void => void process.stderr.write(`${message}\n`);

const store = await openRegistryStore({
  directory,
  sync: sync === "always" ? "always" : "never",
  membership: "repository",
  onWarning: complain,
  // Small, so that it is often killed while the journal is being rewritten.
  journalSlack: 5,
});
const registry = createRegistry({ store, onError: (error) => complain(String(error.stack)) });
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: async (request) => await registry.fetch(request),
});
process.stdout.write(`${server.port}\n`);
