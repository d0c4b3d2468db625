import { type Client, createClient } from "@connectrpc/connect";
import { Control } from "../gen/buildkit/control_pb.ts";
import { type Channel, createChannel } from "../grpc/channel.ts";
import { createChannelTransport } from "../grpc/channel-transport.ts";
import { dial } from "./dial.ts";
import type { Endpoint } from "./endpoint.ts";

/** One connection to a daemon, with its build service. */
export type Connection = Disposable & {
  readonly control: Client<typeof Control>;
  readonly channel: Channel;
};

/**
 * Dials a daemon. The daemon needs not answer for that: the kernel does.
 * @throws what {@link dial} throws.
 */
export async function openConnection(
  endpoint: Endpoint,
  options: Parameters<typeof dial>[1],
): Promise<Connection> {
  const authority = endpoint.kind === "unix" ? "localhost" : `${endpoint.host}:${endpoint.port}`;
  const channel = createChannel(await dial(endpoint, options), { authority });
  return {
    control: createClient(Control, createChannelTransport(channel)),
    channel,
    [Symbol.dispose]: () => channel.close(),
  };
}
