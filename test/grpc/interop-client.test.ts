import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import type { BytesMessage } from "../../src/gen/buildkit/control_pb.ts";
import { BytesMessageSchema, Control } from "../../src/gen/buildkit/control_pb.ts";
import { createChannel } from "../../src/grpc/channel.ts";
import type { Channel } from "../../src/grpc/channel.ts";
import { createChannelTransport } from "../../src/grpc/channel-transport.ts";
import { GrpcError } from "../../src/grpc/grpc-error.ts";
import { statusDetails } from "../../src/grpc/grpc-status.ts";
import { connectSocket } from "../../src/http2/connect-socket.ts";
import { failure, interopServers, statusCount } from "./support/interop-server.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const directory = await tempDirectory();
afterAll(() => directory[Symbol.asyncDispose]());

const kinds = Object.keys(interopServers) as (keyof typeof interopServers)[];

describe.each(kinds)("createChannelTransport() with a server of %s", (kind) => {
  async function connect(
    name: string,
  ): Promise<AsyncDisposable & { channel: Channel; cancelled: Promise<void> }> {
    const socket = join(directory.path, `${kind}-${name}.sock`);
    const server = await interopServers[kind](socket);
    const stream = await connectSocket({ kind: "unix", path: socket });
    const channel = createChannel(stream, { authority: "localhost" });
    return {
      channel,
      cancelled: server.cancelled,
      async [Symbol.asyncDispose]() {
        channel.close();
        await server[Symbol.asyncDispose]();
      },
    };
  }

  test("makes 100 calls at once", async () => {
    await using peer = await connect("many");
    const client = createClient(Control, createChannelTransport(peer.channel));
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        client.info({}, { headers: { "x-test": `v${index}` } }),
      ),
    );
    expect(answers.map((answer) => answer.buildkitVersion?.version)).toEqual(
      Array.from({ length: 100 }, (_, index) => `v${index}`),
    );
  });

  test("keeps repeated metadata apart", async () => {
    await using peer = await connect("metadata");
    const call = peer.channel.open("/moby.buildkit.v1.Control/Info", [
      ["x-test", "one"],
      ["x-test", "two"],
    ]);
    await call.send(new Uint8Array());
    call.end();
    let answer = "";
    for await (const message of call.messages) answer = Buffer.from(message).toString("latin1");
    expect(answer).toContain("one|two");
    expect(await call.status).toMatchObject({ code: 0 });
  });

  test("receives a stream of large messages", async () => {
    await using peer = await connect("stream");
    const client = createClient(Control, createChannelTransport(peer.channel));
    const sizes: number[] = [];
    for await (const message of client.status({ Ref: "x" })) {
      sizes.push(message.vertexes[0]?.name.length ?? 0);
    }
    expect(sizes).toEqual(Array.from({ length: statusCount }, () => 100_000));
  });

  test("sends and receives at the same time, then half-closes", async () => {
    await using peer = await connect("bidi");
    const client = createClient(Control, createChannelTransport(peer.channel));
    const received: number[] = [];
    for await (const { data } of client.session(bodies())) received.push(data.length);
    expect(received).toEqual([1, 10, 70_000, 300_000, 1_000_000, 0]);
  });

  test("gives errors with code, message and details", async () => {
    await using peer = await connect("error");
    const client = createClient(Control, createChannelTransport(peer.channel));
    const error = await problemOf(() => client.listWorkers({}));
    if (!(error instanceof ConnectError)) throw new Error("ListWorkers did not fail");
    expect(error.code).toBe(Code.FailedPrecondition);
    expect(error.rawMessage).toBe(failure.message);
    const { cause } = error;
    if (!(cause instanceof GrpcError)) throw new Error("The cause is no GrpcError");
    const [detail] = statusDetails(cause.metadata)?.details ?? [];
    expect(Buffer.from(detail?.value ?? new Uint8Array()).toString()).toContain(failure.json);
    // Connect can only send details that are messages.
    const type = kind === "connect-node" ? "google.protobuf.StringValue" : "errdefs.Source+json";
    expect(error.details).toMatchObject([{ type }]);
  });

  test("resets the stream when a signal aborts", async () => {
    await using peer = await connect("cancel");
    const client = createClient(Control, createChannelTransport(peer.channel));
    const aborter = new AbortController();
    const reading = problemOf(async () => {
      for await (const message of client.status({ Ref: "forever" }, { signal: aborter.signal })) {
        throw new Error(`Unexpected message ${message.$typeName}`);
      }
    });
    // A later answer on the same connection: the server has seen the first call.
    await client.info({});
    aborter.abort();
    expect(await reading).toMatchObject({ code: Code.Canceled });
    await peer.cancelled;
  });
});

async function* bodies(): AsyncGenerator<BytesMessage> {
  for (const size of [1, 10, 70_000, 300_000, 1_000_000, 0]) {
    yield create(BytesMessageSchema, { data: new Uint8Array(size) });
  }
}

async function problemOf(action: () => Promise<unknown>): Promise<unknown> {
  try {
    await action();
    return undefined;
  } catch (error) {
    return error;
  }
}
