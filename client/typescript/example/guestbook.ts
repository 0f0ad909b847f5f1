// A guarded gRPC service. Its handlers answer with the decision of the guard.
//
//   IDENTITY_ADDRESS=localhost:50051 IDENTITY_API_KEY=idk_… node dist/example/guestbook.js

import { pathToFileURL } from "node:url";
import { type DescService, type Message, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServiceDefinition, type handleUnaryCall } from "@grpc/grpc-js";
import { Client } from "@identity/client";
import { decisionOf, guard } from "@identity/client/grpc";
import { Guestbook, type Seen, SeenSchema } from "./gen/guestbook_pb.js";

const rules = {
  "/guestbook.v1.Guestbook/Read": { permission: "posts:read", resource: "orgs/{org}/posts/{post.id}" },
  "/guestbook.v1.Guestbook/Update": { permission: "posts:update", resource: "orgs/{org}/posts/{post.id}" },
  "/guestbook.v1.Guestbook/Count": { permission: "posts:read", resource: "orgs/{number}" },
  "/guestbook.v1.Guestbook/Ping": "public",
  // Nobody can call Forgotten, because it has no rule.
} as const;

const showDecision: handleUnaryCall<Message, Seen> = (call, callback) => {
  const decision = decisionOf(call);
  if (!decision) return callback(null, create(SeenSchema));
  const { principal, sessionId, scopes, consistencyToken } = decision;
  const { id: principalId, username } = principal;
  callback(null, create(SeenSchema, { principalId, username, sessionId, scopes: [...scopes], consistencyToken }));
};

/** Starts the service on a free port of 127.0.0.1. Returns the port. */
export function serve(client: Client): Promise<number> {
  const server = new Server({ interceptors: [guard(client, rules)] });
  server.addService(definitionOf(Guestbook), {
    read: showDecision,
    update: showDecision,
    count: showDecision,
    ping: showDecision,
    forgotten: showDecision,
  });
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

/** The service in the form that grpc-js takes. */
export function definitionOf(service: DescService): ServiceDefinition {
  const methods = service.methods.map(({ name, localName, methodKind, input, output }) => [
    localName,
    {
      path: `/${service.typeName}/${name}`,
      requestStream: methodKind === "client_streaming" || methodKind === "bidi_streaming",
      responseStream: methodKind === "server_streaming" || methodKind === "bidi_streaming",
      requestSerialize: (message: Message) => Buffer.from(toBinary(input, message)),
      requestDeserialize: (bytes: Buffer) => fromBinary(input, bytes),
      responseSerialize: (message: Message) => Buffer.from(toBinary(output, message)),
      responseDeserialize: (bytes: Buffer) => fromBinary(output, bytes),
    },
  ]);
  return Object.fromEntries(methods) as ServiceDefinition;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const client = new Client({
    address: process.env["IDENTITY_ADDRESS"] ?? "localhost:50051",
    plaintext: true, // only for a server on this machine
    credential: process.env["IDENTITY_API_KEY"],
  });
  console.log(`listening on 127.0.0.1:${await serve(client)}`);
}
