import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BytesMessageSchema, SSH } from "../../gen/session/sshforward_pb.ts";
import { grpcCode } from "../../grpc/grpc-code.ts";
import { GrpcError } from "../../grpc/grpc-error.ts";
import { grpcService, type GrpcService, type RawServerCall } from "../../grpc/grpc-service.ts";
import { metadataValues } from "../../grpc/metadata.ts";
import { type AgentConnection, connectAgent } from "./agent-socket.ts";
import { readFrames } from "./read-frames.ts";

/** Finds an agent's socket by its id; undefined when none of this name is forwarded. May throw a HiveError. */
export type FindAgent = (id: string) => string | undefined;

const defaultId = "default";

// {@link https://www.rfc-editor.org/rfc/rfc9987#section-5.1}
const failure = new Uint8Array([0, 0, 0, 1, 5]);
const requestIdentities = 11;
const signRequest = 13;

/**
 * Lets steps use the ssh agents of this machine: they may list keys and sign. Whatever else they ask of an agent, to add
 * or remove keys, to lock it or to extend it, is answered with a failure and never reaches it.
 */
export function sshService(find: FindAgent, onRefusal: (error: unknown) => void): GrpcService {
  async function connectTo(id: string): Promise<AgentConnection> {
    try {
      const path = find(id);
      if (path !== undefined) return await connectAgent(path);
    } catch (error) {
      onRefusal(error);
      throw error;
    }
    throw new GrpcError(grpcCode.notFound, `no ssh agent "${id}" is forwarded to this build`);
  }

  return grpcService(SSH, {
    checkAgent: async ({ ID }) => {
      using _agent = await connectTo(ID === "" ? defaultId : ID);
      return {};
    },
    forwardAgent: {
      raw: async (call) => {
        const id = metadataValues(call.metadata, "buildkit.ssh.id")[0] ?? "";
        using agent = await connectTo(id === "" ? defaultId : id);
        // A step that ends, or a build that is canceled, must not wait for somebody who is asked for a signature.
        const close = (): void => agent[Symbol.dispose]();
        call.signal.addEventListener("abort", close, { once: true });
        try {
          await forward(call, agent);
        } finally {
          call.signal.removeEventListener("abort", close);
        }
      },
    },
  });
}

// One request after the other, as agents answer them too: so answers can't get out of order, and little is held.
async function forward(call: RawServerCall, agent: AgentConnection): Promise<void> {
  for await (const request of readFrames(bytesOf(call))) {
    const type = request[4];
    const isHarmless = type === requestIdentities || type === signRequest;
    const answer = isHarmless ? await agent.ask(request) : failure;
    if (answer === undefined) return;
    await call.send(toBinary(BytesMessageSchema, create(BytesMessageSchema, { data: answer })));
  }
}

async function* bytesOf(call: RawServerCall): AsyncGenerator<Uint8Array> {
  for await (const message of call.messages) yield fromBinary(BytesMessageSchema, message).data;
}
