import { type Client, createClient } from "@connectrpc/connect";
import { Control } from "../gen/buildkit/control_pb.ts";
import { type Channel, createChannel } from "../grpc/channel.ts";
import { createChannelTransport } from "../grpc/channel-transport.ts";
import type { ByteStream } from "../http2/byte-stream.ts";
import type { Dialer, DialOptions } from "./dialers/dialer.ts";

/** One connection to a daemon, with its build service. */
export type Connection = Disposable & {
  readonly control: Client<typeof Control>;
  readonly channel: Channel;
  /** When the last bytes came, whatever they were, as `performance.now()` has it. */
  readonly lastSign: () => number;
};

/**
 * Dials a daemon. A daemon on a socket needs not answer for that: the kernel does.
 * @throws what the dialer throws
 */
export async function openConnection(dialer: Dialer, options: DialOptions): Promise<Connection> {
  let last = performance.now();
  const stream = noticed(await dialer.dial(options), () => (last = performance.now()));
  const channel = createChannel(stream, { authority: dialer.authority });
  return {
    control: createClient(Control, createChannelTransport(channel)),
    channel,
    lastSign: () => last,
    [Symbol.dispose]: () => channel.close(),
  };
}

/** A stream that tells whenever something comes. */
function noticed(stream: ByteStream, onBytes: () => void): ByteStream {
  return {
    start: (handlers) =>
      stream.start({
        data(chunk) {
          onBytes();
          handlers.data(chunk);
        },
        drain: () => handlers.drain(),
        end: (error) => handlers.end(error),
      }),
    write: (chunk) => stream.write(chunk),
    close: () => stream.close(),
  };
}
