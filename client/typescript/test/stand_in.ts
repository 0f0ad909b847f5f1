// A gRPC server in this process, for what the real service does not do on request: errors.

import { type Message, create, toBinary } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  type status,
} from "@grpc/grpc-js";
import { definitionOf } from "../example/guestbook.js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../src/gen/google/rpc/status_pb.js";
import { v1 } from "../src/index.js";

export type Call = ServerUnaryCall<Message, Message>;

/** Answers a call, or throws a ServiceError. */
export type Handler = (call: Call) => Message;

export interface StandIn {
  readonly address: string;
  readonly calls: Call[];
  stop(): void;
}

/** Starts a server that answers these RPCs of IdentityService. */
export function standIn(
  handlers: Record<string, Handler>,
  credentials = ServerCredentials.createInsecure(),
): Promise<StandIn> {
  const calls: Call[] = [];
  const server = new Server();
  const implementation = Object.entries(handlers).map(([name, handler]) => [
    name,
    (call: Call, callback: (error: ServiceError | null, response?: Message) => void) => {
      calls.push(call);
      try {
        callback(null, handler(call));
      } catch (error) {
        callback(error as ServiceError);
      }
    },
  ]);
  server.addService(definitionOf(v1.IdentityService), Object.fromEntries(implementation));
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => {
      if (error) reject(error);
      else resolve({ address: `127.0.0.1:${port}`, calls, stop: () => server.forceShutdown() });
    });
  });
}

/** An error as the service sends it. */
export function serviceError(
  code: status,
  reason: string,
  { domain = "identity.v1", retryMs = 0, field = "" } = {},
): ServiceError {
  const details: Any[] = [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain }))];
  if (retryMs > 0) {
    const retryDelay = { seconds: 0n, nanos: retryMs * 1_000_000 };
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  if (field) {
    const fieldViolations = [{ field, description: "is required" }];
    details.push(anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations })));
  }
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, create(StatusSchema, { code, details }))));
  return Object.assign(new Error(), { code, details: `failed with ${reason}`, metadata });
}
