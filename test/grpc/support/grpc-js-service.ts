import type { DescMethod } from "@bufbuild/protobuf";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import type { DescService, Message } from "@bufbuild/protobuf";

/** A generated service as grpc-js wants it described. */
export function grpcJsService(service: DescService): ServiceDefinition {
  return Object.fromEntries(service.methods.map((method) => [method.localName, describe(method)]));
}

function describe(method: DescMethod): MethodDefinition<Message, Message> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream:
      method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
    responseStream:
      method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
    requestSerialize: (message) => Buffer.from(toBinary(method.input, message)),
    requestDeserialize: (octets) => fromBinary(method.input, octets),
    responseSerialize: (message) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (octets) => fromBinary(method.output, octets),
  };
}
