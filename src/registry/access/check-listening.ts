import { lookup } from "node:dns/promises";
import { isIPv6 } from "node:net";
import { HiveError } from "../../base/hive-error.ts";

type Listening = {
  /** A name or an IP address, without a port. */
  readonly host: string;
  readonly tls: boolean;
  /** Whether there are users, so that nobody changes anything without a password. */
  readonly users: boolean;
  /** Somebody has said that the network may be trusted. */
  readonly insecureListen: boolean;
};

/**
 * Never open by accident: other machines reach a registry only by TLS and with users, or when `insecureListen` says so.
 * @throws HiveError "usage" with what to do.
 */
export async function checkListening(listening: Listening): Promise<void> {
  const { host, tls, users, insecureListen } = listening;
  if ((tls && users) || insecureListen || (await isLoopbackHost(host))) return;
  const missing = [tls ? [] : "TLS", users ? [] : "users"].flat().join(" and ");
  const danger = users
    ? "passwords would cross the network in the clear"
    : "anybody who reaches it could change everything";
  throw new HiveError("usage", `Cannot listen on "${host}" without ${missing}: ${danger}`, {
    hint: [
      "Add --secure, which makes certificates and a first user,",
      "or stay on this machine with --host 127.0.0.1,",
      "or add --insecure-listen where everybody on the network may be trusted.",
    ].join("\n"),
  });
}

/** Whether nothing but this machine reaches what listens there: every address of a name has to be loopback. */
async function isLoopbackHost(host: string): Promise<boolean> {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  try {
    const addresses = await lookup(bare, { all: true });
    return addresses.length > 0 && addresses.every(({ address }) => isLoopbackAddress(address));
  } catch {
    // Listening there will fail as well, and say why.
    return false;
  }
}

function isLoopbackAddress(address: string): boolean {
  if (!isIPv6(address)) return address.startsWith("127.");
  return address === "::1" || /^::ffff:127\./i.test(address);
}
