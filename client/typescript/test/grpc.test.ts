import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { StatusSchema } from "../src/gen/google/rpc/status_pb.js";
import { decisionOf, guard } from "../src/grpc.js";
import { Client, type Rule, v1 } from "../src/index.js";
import { standIn } from "./stand_in.js";

// Each method answers with the name of the principal, and with what it has received.
const definition = Object.fromEntries(
  [
    { name: "Unary", requestStream: false, responseStream: false },
    { name: "Download", requestStream: false, responseStream: true },
    { name: "Upload", requestStream: true, responseStream: false },
    { name: "Chat", requestStream: true, responseStream: true },
  ].map((kind) => [
    kind.name,
    {
      ...kind,
      path: `/test.Service/${kind.name}`,
      requestSerialize: toBytes,
      requestDeserialize: fromBytes,
      responseSerialize: toBytes,
      responseDeserialize: fromBytes,
    },
  ]),
);

function toBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function fromBytes(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString());
}

type Received = { org?: string };

// Starts the service with these rules, with an identity service that allows "acme" only. `begun` counts handlers.
async function serviceWith(rules: Record<string, Rule>) {
  const identity = await standIn({
    checkPermission: (call) => {
      const { resource } = call.request as v1.CheckPermissionRequest;
      const principal = { username: "ada" };
      const allowed = { decision: v1.Decision.ALLOWED, reason: v1.Reason.GRANTED, principal };
      const denied = { decision: v1.Decision.DENIED, reason: v1.Reason.NO_BINDING };
      return create(v1.CheckPermissionResponseSchema, resource === "orgs/acme" ? allowed : denied);
    },
  });
  const client = new Client({ address: identity.address, plaintext: true });
  const server = new grpc.Server({ interceptors: [guard(client, rules)] });
  const handlers = { begun: 0 };
  const nameFor = (call: { metadata: grpc.Metadata }) => {
    handlers.begun++;
    return decisionOf(call)?.principal.username ?? "nobody";
  };
  server.addService(definition, {
    Unary: (call: grpc.ServerUnaryCall<Received, string>, callback: grpc.sendUnaryData<string>) =>
      callback(null, nameFor(call)),
    Download: (call: grpc.ServerWritableStream<Received, string>) => {
      call.write(nameFor(call));
      call.end();
    },
    Upload: (call: grpc.ServerReadableStream<Received, string>, callback: grpc.sendUnaryData<string>) => {
      const name = nameFor(call);
      const received: Received[] = [];
      call.on("data", (message: Received) => received.push(message));
      call.on("end", () => callback(null, `${name} ${received.length}`));
    },
    Chat: (call: grpc.ServerDuplexStream<Received, string>) => {
      const name = nameFor(call);
      call.on("data", () => call.write(name));
      call.on("end", () => call.end());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const caller = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const stop = () => {
    for (const each of [caller, client]) each.close();
    server.forceShutdown();
    identity.stop();
  };
  return { caller, handlers, stop };
}

type Outcome = { messages: unknown[]; error?: grpc.ServiceError };

// Calls the method with the messages.
function call(caller: grpc.Client, name: string, messages: Received[]): Promise<Outcome> {
  const { path, requestStream, responseStream } = definition[name]!;
  const metadata = new grpc.Metadata();
  metadata.set("authorization", "Bearer token");
  return new Promise((resolve) => {
    const received: unknown[] = [];
    const finish = (error: grpc.ServiceError | null, message?: unknown) =>
      resolve({ messages: message === undefined ? received : [message], ...(error ? { error } : {}) });
    const arguments_ = [path, toBytes, fromBytes] as const;
    const [message] = messages;
    let stream: grpc.ClientDuplexStream<unknown, unknown> | grpc.ClientReadableStream<unknown> | undefined;
    let upload: grpc.ClientWritableStream<unknown> | undefined;
    if (!requestStream && !responseStream) caller.makeUnaryRequest(...arguments_, message, metadata, finish);
    else if (!requestStream) stream = caller.makeServerStreamRequest(...arguments_, message, metadata);
    else if (!responseStream) upload = caller.makeClientStreamRequest(...arguments_, metadata, finish);
    else stream = upload = caller.makeBidiStreamRequest(...arguments_, metadata);
    stream?.on("data", (each: unknown) => received.push(each));
    stream?.on("error", finish);
    stream?.on("end", () => finish(null));
    for (const each of messages) upload?.write(each);
    upload?.end();
  });
}

const paths = Object.fromEntries(Object.keys(definition).map((name) => [name, `/test.Service/${name}`]));

function rulesWith(rule: Rule): Record<string, Rule> {
  return Object.fromEntries(Object.values(paths).map((path) => [path, rule]));
}

test("a request is decided by its fields", async () => {
  const { caller, handlers, stop } = await serviceWith(rulesWith({ permission: "posts:read", resource: "orgs/{org}" }));
  for (const name of ["Unary", "Download"]) {
    assert.deepEqual(await call(caller, name, [{ org: "acme" }]), { messages: ["ada"] });
    const { error } = await call(caller, name, [{ org: "other" }]);
    assert.equal(error?.code, grpc.status.PERMISSION_DENIED);
    const [bytes] = error.metadata.get("grpc-status-details-bin");
    const [info] = fromBinary(StatusSchema, bytes as Buffer).details;
    assert.match(info!.typeUrl, /google\.rpc\.ErrorInfo$/);
  }
  assert.equal(handlers.begun, 2);
  stop();
});

test("a stream of requests is decided before its first message", async () => {
  for (const [resource, isAllowed] of [
    ["orgs/acme", true],
    ["orgs/other", false],
    ["orgs/{org}", false],
  ] as const) {
    const { caller, handlers, stop } = await serviceWith(rulesWith({ permission: "posts:read", resource }));
    const upload = await call(caller, "Upload", [{ org: "acme" }, { org: "acme" }]);
    const chat = await call(caller, "Chat", [{ org: "acme" }, { org: "acme" }]);
    if (isAllowed) {
      assert.deepEqual(upload, { messages: ["ada 2"] });
      assert.deepEqual(chat, { messages: ["ada", "ada"] });
    } else {
      assert.ok(upload.error && chat.error);
      assert.deepEqual([upload.messages, chat.messages, handlers.begun], [[], [], 0]);
    }
    stop();
  }
});

test("a method without a rule is refused", async () => {
  const { caller, handlers, stop } = await serviceWith({});
  for (const name of Object.keys(definition)) {
    const { error } = await call(caller, name, [{ org: "acme" }]);
    assert.equal(error?.code, grpc.status.PERMISSION_DENIED, name);
  }
  assert.equal(handlers.begun, 0);
  stop();
});

test("a public method has no decision", async () => {
  const { caller, stop } = await serviceWith(rulesWith("public"));
  assert.deepEqual(await call(caller, "Unary", [{ org: "acme" }]), { messages: ["nobody"] });
  assert.deepEqual(await call(caller, "Upload", []), { messages: ["nobody 0"] });
  stop();
});

test("a malformed rule is found when the guard is made", () => {
  const client = new Client({ address: "127.0.0.1:1", plaintext: true });
  assert.throws(() => guard(client, { "/test.Service/Unary": { permission: "a", resource: "orgs/{" } }), TypeError);
  client.close();
});
