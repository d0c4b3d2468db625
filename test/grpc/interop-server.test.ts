import { afterAll, describe, expect, test } from "bun:test";
import { connect as connectNet } from "node:net";
import { join } from "node:path";
import type { Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { ServiceError } from "@grpc/grpc-js";
import { Client, Metadata as GrpcJsMetadata, credentials } from "@grpc/grpc-js";
import type { InfoResponse, StatusResponse } from "../../src/gen/buildkit/control_pb.ts";
import {
  BytesMessageSchema,
  Control,
  InfoRequestSchema,
  ListWorkersRequestSchema,
  StatusRequestSchema,
} from "../../src/gen/buildkit/control_pb.ts";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.ts";
import { fromBinary } from "@bufbuild/protobuf";
import { grpcJsService } from "./support/grpc-js-service.ts";
import { failure, interopServers, statusCount } from "./support/interop-server.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const directory = await tempDirectory();
afterAll(() => directory[Symbol.asyncDispose]());

const definitions = grpcJsService(Control);
const requests = { info: create(InfoRequestSchema), listWorkers: create(ListWorkersRequestSchema) };

describe("serveGrpc() with a client of grpc-js", () => {
  test("answers 100 calls at once, repeated metadata apart", async () => {
    await using peer = await connect("many");
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => unary(peer.client, "info", [`a${index}`, "b, c"])),
    );
    expect(answers.map((answer) => (answer as InfoResponse).buildkitVersion?.version)).toEqual(
      Array.from({ length: 100 }, (_, index) => `a${index}|b, c`),
    );
  });

  test("sends errors with code, message and details", async () => {
    await using peer = await connect("error");
    let error: ServiceError | undefined;
    try {
      await unary(peer.client, "listWorkers", []);
    } catch (problem) {
      error = problem as ServiceError;
    }
    expect(error).toMatchObject({ code: 9, details: failure.message });
    const [encoded] = error?.metadata.get("grpc-status-details-bin") ?? [];
    const status = fromBinary(StatusSchema, encoded as Buffer);
    expect(Buffer.from(status.details[0]?.value ?? "").toString()).toBe(failure.json);
  });

  test("sends a stream of large messages, and hears of a cancelled one", async () => {
    await using peer = await connect("stream");
    const definition = definitions["status"];
    if (definition === undefined) throw new Error("No method status");
    const open = (
      Ref: string,
    ): ReturnType<typeof peer.client.makeServerStreamRequest<Message, Message>> =>
      peer.client.makeServerStreamRequest<Message, Message>(
        definition.path,
        definition.requestSerialize,
        definition.responseDeserialize,
        create(StatusRequestSchema, { Ref }),
      );
    const sizes: number[] = [];
    for await (const message of open("x")) {
      sizes.push((message as StatusResponse).vertexes[0]?.name.length ?? 0);
    }
    expect(sizes).toEqual(Array.from({ length: statusCount }, () => 100_000));
    const endless = open("forever");
    const failed = new Promise<unknown>((resolve) => {
      endless.once("error", resolve);
    });
    await unary(peer.client, "info", []);
    endless.cancel();
    expect(await failed).toMatchObject({ code: 1 });
    await peer.cancelled;
  });
});

describe("serveGrpc() with a client of connect-node", () => {
  test("answers calls, streams both ways, and tells errors", async () => {
    const socket = join(directory.path, "connect.sock");
    await using stack = new AsyncDisposableStack();
    stack.use(await interopServers.hive(socket));
    const client = createClient(
      Control,
      createGrpcTransport({
        baseUrl: "http://localhost",
        nodeOptions: { createConnection: () => connectNet(socket) },
      }),
    );
    const info = await client.info({}, { headers: { "x-test": "v" } });
    expect(info.buildkitVersion?.version).toBe("v");
    const sizes: number[] = [];
    for await (const { data } of client.session(bodies())) sizes.push(data.length);
    expect(sizes).toEqual([1, 65_000, 0]);
    let error: unknown;
    try {
      await client.listWorkers({});
    } catch (problem) {
      error = problem;
    }
    expect(error).toMatchObject({ code: Code.FailedPrecondition, rawMessage: failure.message });
  });
});

async function* bodies(): AsyncGenerator<ReturnType<typeof body>> {
  for (const size of [1, 65_000, 0]) yield body(size);
}

function body(size: number): Message<"moby.buildkit.v1.BytesMessage"> & { data: Uint8Array } {
  return create(BytesMessageSchema, { data: new Uint8Array(size) });
}

async function connect(
  name: string,
): Promise<AsyncDisposable & { client: Client; cancelled: Promise<void> }> {
  const socket = join(directory.path, `js-${name}.sock`);
  const server = await interopServers.hive(socket);
  const client = new Client(`unix:${socket}`, credentials.createInsecure());
  return {
    client,
    cancelled: server.cancelled,
    async [Symbol.asyncDispose]() {
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function unary(client: Client, method: keyof typeof requests, values: string[]): Promise<Message> {
  const definition = definitions[method];
  if (definition === undefined) throw new Error(`No method ${method}`);
  const metadata = new GrpcJsMetadata();
  for (const value of values) metadata.add("x-test", value);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest<Message, Message>(
      definition.path,
      definition.requestSerialize,
      definition.responseDeserialize,
      requests[method],
      metadata,
      (error, response) => {
        if (error === null && response !== undefined) resolve(response);
        else reject(error ?? new Error("No response"));
      },
    );
  });
}
