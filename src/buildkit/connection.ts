import { type Client, createClient } from "@connectrpc/connect";
import { Control } from "../gen/buildkit/control_pb.ts";
import { type Channel, createChannel } from "../grpc/channel.ts";
import { createChannelTransport } from "../grpc/channel-transport.ts";
import type { Dialer, DialOptions } from "./dialers/dialer.ts";

/** One connection to a daemon, with its build service. */
export type Connection = Disposable & {
  readonly control: Client<typeof Control>;
  readonly channel: Channel;
};

/**
 * Dials a daemon. A daemon on a socket needs not answer for that: the kernel does.
 * @throws what the dialer throws
 */
export async function openConnection(dialer: Dialer, options: DialOptions): Promise<Connection> {
  const channel = createChannel(await dialer.dial(options), { authority: dialer.authority });
  return {
    control: createClient(Control, createChannelTransport(channel)),
    channel,
    [Symbol.dispose]: () => channel.close(),
  };
}
