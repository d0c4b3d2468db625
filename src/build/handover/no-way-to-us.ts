/** A daemon elsewhere, in a container or a virtual machine, has another loopback than ours. */
const noWay =
  /(127\.0\.0\.1:\d+).*(?:connection refused|unreachable|no route to host|i\/o timeout)/;

/** The address on loopback that a daemon says it can't reach, as `127.0.0.1:5000`; undefined when it says something else. */
export function noWayToUs(message: string): string | undefined {
  return noWay.exec(message)?.[1];
}
