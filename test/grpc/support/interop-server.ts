import { once } from "node:events";
import { createServer } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { AnySchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type {
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
} from "@grpc/grpc-js";
import {
  Metadata as GrpcJsMetadata,
  status as GrpcJsStatus,
  Server,
  ServerCredentials,
} from "@grpc/grpc-js";
import type {
  BytesMessage,
  InfoRequest,
  InfoResponse,
  ListWorkersRequest,
  ListWorkersResponse,
  StatusRequest,
  StatusResponse,
} from "../../../src/gen/buildkit/control_pb.ts";
import {
  Control,
  InfoResponseSchema,
  StatusResponseSchema,
} from "../../../src/gen/buildkit/control_pb.ts";
import { StatusSchema } from "../../../src/gen/google/rpc/status_pb.ts";
import { GrpcError } from "../../../src/grpc/grpc-error.ts";
import { grpcService } from "../../../src/grpc/grpc-service.ts";
import { metadataValues } from "../../../src/grpc/metadata.ts";
import { encodeBinaryMetadata } from "./encode-binary-metadata.ts";
import { serveGrpc } from "../../../src/grpc/serve-grpc.ts";
import { grpcJsService } from "./grpc-js-service.ts";
import { serveSockets } from "../../support/serve-sockets.ts";

/*
 * One service, made with three stacks:
 * Info answers with the request's `x-test` values, Status sends `statusCount` messages of 100 KB,
 * Session echoes, ListWorkers fails with details, and Status of ref "forever" ends when it is cancelled only.
 */
export const statusCount = 20;
export const failure = { message: 'Fehler: 100 % "kaputt" 💥', json: '{"info":"JSON in Any"}' };

export type InteropServer = AsyncDisposable & {
  /** Resolves when a "forever" call was cancelled. */
  readonly cancelled: Promise<void>;
};

const encodedDetails = toBinary(
  StatusSchema,
  create(StatusSchema, {
    code: 9,
    message: failure.message,
    details: [
      create(AnySchema, {
        typeUrl: "github.com/moby/buildkit/errdefs.Source+json",
        value: Buffer.from(failure.json),
      }),
    ],
  }),
);

function statusMessage(index: number): StatusResponse {
  return create(StatusResponseSchema, {
    vertexes: [{ name: `${index}:`.padEnd(100_000, "x") }],
  });
}

function infoMessage(values: readonly string[]): InfoResponse {
  return create(InfoResponseSchema, { buildkitVersion: { version: values.join("|") } });
}

export const interopServers = {
  hive: async (socket: string): Promise<InteropServer> => {
    const cancelled = Promise.withResolvers<void>();
    const service = grpcService(Control, {
      info: (_request, { metadata }) => infoMessage(metadataValues(metadata, "x-test")),
      async *status({ Ref }, { signal }) {
        if (Ref === "forever") {
          await aborted(signal);
          cancelled.resolve();
          return;
        }
        for (let index = 0; index < statusCount; index++) yield statusMessage(index);
      },
      async *session(messages) {
        yield* messages;
      },
      listWorkers() {
        throw new GrpcError(9, failure.message, {
          metadata: [["grpc-status-details-bin", encodeBinaryMetadata(encodedDetails)]],
        });
      },
    });
    const listener = serveSockets(socket, (stream) => {
      serveGrpc(stream, [service]);
    });
    return {
      cancelled: cancelled.promise,
      [Symbol.asyncDispose]: async () => listener[Symbol.dispose](),
    };
  },

  "grpc-js": async (socket: string): Promise<InteropServer> => {
    const cancelled = Promise.withResolvers<void>();
    const server = new Server({ "grpc.max_receive_message_length": -1 });
    server.addService(grpcJsService(Control), {
      info(call: ServerUnaryCall<InfoRequest, InfoResponse>, done: sendUnaryData<InfoResponse>) {
        // The runtime has joined repeated values before grpc-js sees them.
        const values = call.metadata.get("x-test").flatMap((value) => String(value).split(", "));
        done(null, infoMessage(values));
      },
      status(call: ServerWritableStream<StatusRequest, StatusResponse>) {
        if (call.request.Ref === "forever") {
          call.on("cancelled", () => cancelled.resolve());
          return;
        }
        for (let index = 0; index < statusCount; index++) call.write(statusMessage(index));
        call.end();
      },
      session(call: ServerDuplexStream<BytesMessage, BytesMessage>) {
        call.on("data", (message: BytesMessage) => call.write(message));
        call.on("end", () => call.end());
      },
      listWorkers(
        _call: ServerUnaryCall<ListWorkersRequest, ListWorkersResponse>,
        done: sendUnaryData<ListWorkersResponse>,
      ) {
        const metadata = new GrpcJsMetadata();
        metadata.set("grpc-status-details-bin", Buffer.from(encodedDetails));
        done({ code: GrpcJsStatus.FAILED_PRECONDITION, details: failure.message, metadata });
      },
    });
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    return {
      cancelled: cancelled.promise,
      [Symbol.asyncDispose]: async () => server.forceShutdown(),
    };
  },

  "connect-node": async (socket: string): Promise<InteropServer> => {
    const cancelled = Promise.withResolvers<void>();
    const routes = (router: ConnectRouter): void => {
      router.service(Control, {
        info: (_request, { requestHeader }) =>
          infoMessage((requestHeader.get("x-test") ?? "").split(", ")),
        async *status({ Ref }, { signal }) {
          if (Ref === "forever") {
            await aborted(signal);
            cancelled.resolve();
            return;
          }
          for (let index = 0; index < statusCount; index++) yield statusMessage(index);
        },
        async *session(messages) {
          yield* messages;
        },
        listWorkers() {
          throw new ConnectError(failure.message, Code.FailedPrecondition, undefined, [
            { desc: StringValueSchema, value: { value: failure.json } },
          ]);
        },
      });
    };
    const server = createServer(connectNodeAdapter({ routes }));
    server.listen(socket);
    await once(server, "listening");
    return {
      cancelled: cancelled.promise,
      async [Symbol.asyncDispose]() {
        server.close();
      },
    };
  },
} satisfies Record<string, (socket: string) => Promise<InteropServer>>;

/** Resolves when the caller gives up. */
async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}
