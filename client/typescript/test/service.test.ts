// With the server of IDENTITY_ADDRESS, as `scripts/run --detach` starts it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type OutgoingHttpHeaders, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Message, create } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import express, { Router } from "express";
import fastify, { type FastifyInstance } from "fastify";
import { definitionOf } from "../example/guestbook.js";
import { Guestbook, PostRequestSchema, type Seen } from "../example/gen/guestbook_pb.js";
import { guardedRouter } from "../src/express.js";
import { decisionOf, guard } from "../src/fastify.js";
import { Client, IdentityError, Session } from "../src/index.js";

const settings = {
  address: process.env["IDENTITY_ADDRESS"] ?? "",
  plaintext: true,
  credential: process.env["IDENTITY_SERVICE_KEY"],
};
const skip = settings.address ? false : "IDENTITY_ADDRESS is not set";

let client: Client;
let session: Session; // of the administrator
let readerKey: string; // may read the posts of acme

before(async () => {
  if (skip) return;
  client = new Client(settings);
  session = await logIn();
  readerKey = await makeReader();
});
after(() => client?.close());

async function logIn(now = Date.now): Promise<Session> {
  const login = process.env["IDENTITY_ADMIN_LOGIN"] ?? "";
  const password = process.env["IDENTITY_ADMIN_PASSWORD"] ?? "";
  const { result } = await client.identity.authenticate({
    credential: { case: "password", value: { login, password } },
  });
  assert.ok(result.case === "tokens");
  return new Session(client, result.value, { now });
}

// A service account with the key that is returned, and a role on orgs/acme.
async function makeReader(): Promise<string> {
  const options = { credential: session };
  const name = `r-${randomUUID().slice(0, 8)}`;
  const { serviceAccount } = await client.admin.createServiceAccount({ name }, options);
  await client.admin.createRole({ role: { name, permissions: ["posts:read"] } }, options);
  const binding = { principalId: serviceAccount!.id, role: name, resource: "orgs/acme" };
  const { consistencyToken } = await client.admin.createBinding({ binding }, options);
  assert.notEqual(consistencyToken, "");
  return (await client.identity.issueApiKey({ ownerId: serviceAccount!.id }, options)).secret;
}

// Runs a program that prints where it listens, as its last word.
async function withProgram(path: string, run: (address: string) => Promise<void>): Promise<void> {
  const { address = "", credential = "" } = settings;
  const env = { ...process.env, IDENTITY_ADDRESS: address, IDENTITY_API_KEY: credential };
  const program = spawn(process.execPath, [path], { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(createInterface(program.stdout), "line")) as [string];
    await run(line.split(" ").pop()!);
  } finally {
    program.kill();
    await once(program, "exit");
  }
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

interface Answer {
  status: number | undefined;
  headers: NodeJS.Dict<string | string[]>;
  reason?: string;
  body: string;
}

// `headers` are pairs, since fetch cannot send one twice.
async function ask(address: string, path: string, headers: string[] = [], method = "GET", body = ""): Promise<Answer> {
  const [host, port] = address.split(":");
  const all = ["host", address, "content-type", "application/json", "content-length", `${body.length}`, ...headers];
  const request = httpRequest({ host, port, path, method, headers: all as unknown as OutgoingHttpHeaders });
  const [response] = await once(request.end(body), "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  const isProblem = text !== "" && response.headers["content-type"]?.startsWith("application/problem+json");
  const reason = isProblem ? { reason: JSON.parse(text).reason } : {};
  return { status: response.statusCode, headers: response.headers, ...reason, body: text };
}

const post = "/orgs/acme/posts/p1";

// What holds for each HTTP service with the route of the post, which answers with the caller's name.
async function assertGuarded(address: string): Promise<void> {
  const anonymous = await ask(address, post);
  assert.deepEqual([anonymous.status, anonymous.reason], [401, "CREDENTIAL_REQUIRED"]);
  assert.equal(anonymous.headers["www-authenticate"], 'Bearer realm="identity"');
  for (const headers of [
    ["x-api-key", readerKey],
    ["authorization", `Bearer ${readerKey}`],
  ]) {
    const reader = await ask(address, post, headers);
    assert.equal(reader.status, 200);
    assert.match(reader.body, /r-[0-9a-f]{8}/);
  }
  const other = await ask(address, "/orgs/other/posts/p1", ["x-api-key", readerKey]);
  assert.deepEqual([other.status, other.reason], [403, "NO_BINDING"]);
  const twice = await ask(address, post, [
    "authorization",
    `Bearer ${readerKey}`,
    "authorization",
    `Bearer ${readerKey}`,
  ]);
  assert.deepEqual([twice.status, twice.reason], [401, "CREDENTIAL_INVALID"]);
  const wrong = await ask(address, post, ["authorization", "Bearer wrong"]);
  assert.equal(wrong.headers["www-authenticate"], 'Bearer realm="identity", error="invalid_token"');
  const slash = await ask(address, "/orgs/acme/posts/..%2Fp1", ["x-api-key", readerKey]);
  assert.deepEqual([slash.status, slash.reason], [400, "INVALID_FIELD"]);
}

test("the lines of the README protect an endpoint", { skip }, async () => {
  const block = /^## Protect an endpoint\n[^]*?```ts\n([^]*?)```/m.exec(
    readFileSync(pathOf("../../README.md"), "utf8"),
  );
  const program = pathOf("./readme_lines.js");
  writeFileSync(
    program,
    `import express from "express";
import { decisionOf } from "@identity/client/express";
const app = express();
const settings = { address: process.env.IDENTITY_ADDRESS, credential: process.env.IDENTITY_API_KEY, plaintext: true };
const readPost = (request, response) => response.send(decisionOf(request).principal.username);
${block![1]}
const server = app.listen(0, "127.0.0.1", () => console.log("127.0.0.1:" + server.address().port));
`,
  );
  await withProgram(program, assertGuarded);
});

test("an Express app refuses what has no rule", { skip }, async () => {
  const hello: express.RequestHandler = (request, response) => void response.send(`hello ${request.path}`);
  const routes = guardedRouter(client);
  routes.get("/health", "public", hello);
  routes.use("/static", "public", Router().get("/a", hello));
  routes.use("/orgs/:org", { permission: "posts:read", resource: "orgs/{org}" }, Router().get("/posts", hello));
  routes.get("/broken", "public", (_, __, next) => next(Object.assign(new Error(), { status: 418, expose: false })));
  const app = express().set("env", "test");
  app.use(routes);
  app.get("/forgotten", hello).use("/router", Router().get("/forgotten", hello)).use("/app", express().use(hello));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = ["x-api-key", readerKey];
  try {
    for (const path of ["/forgotten", "/router/forgotten", "/app", "/unknown", "/static/unknown"]) {
      const { status, reason } = await ask(address, path, key);
      assert.deepEqual([status, reason], [403, "METHOD_WITHOUT_RULE"], path);
    }
    assert.equal((await ask(address, "/health", key, "POST")).reason, "METHOD_WITHOUT_RULE");
    assert.equal((await ask(address, "/health")).body, "hello /health");
    assert.equal((await ask(address, "/static/a")).body, "hello /a");
    assert.equal((await ask(address, "/orgs/acme/posts", key)).body, "hello /posts");
    assert.equal((await ask(address, "/orgs/other/posts", key)).reason, "NO_BINDING");
    assert.equal((await ask(address, "/broken")).status, 418);
  } finally {
    server.close();
  }
});

test("the blog lets everyone do what they may", { skip }, async () => {
  await withProgram(pathOf("../example/blog.js"), async (address) => {
    const admin = ["authorization", `Bearer ${await session.token()}`];
    const reader = ["x-api-key", readerKey];
    const written = await ask(address, post, admin, "PUT", '{"text": "hello"}');
    assert.deepEqual(JSON.parse(written.body), { text: "hello", author: process.env["IDENTITY_ADMIN_LOGIN"] });
    for (const path of [post, "/orgs/acme/posts/%701"]) {
      assert.equal((await ask(address, path, reader)).body, written.body);
    }
    assert.equal((await ask(address, post, reader, "PUT", "{}")).reason, "NO_BINDING");
    assert.equal((await ask(address, post)).reason, "CREDENTIAL_REQUIRED");
    assert.equal((await ask(address, "/health")).body, "ok");
  });
});

test("a Fastify app is guarded, also where it has no rule", { skip }, async () => {
  const app = fastify();
  const forgotten = async (plugin: FastifyInstance) => void plugin.get("/forgotten", () => "secret");
  app.register(forgotten, { prefix: "/before" });
  guard(app, client);
  app.register(
    async (plugin) => {
      plugin.get("/health", { config: { rule: "public" } }, () => "ok");
      plugin.register(forgotten, { prefix: "/nested" });
    },
    { prefix: "/plugin" },
  );
  const rule = { permission: "posts:read", resource: "orgs/{org}/posts/{id}" };
  app.get("/orgs/:org/posts/:id", { config: { rule } }, (request) => decisionOf(request)?.principal.username);
  app.get("/forgotten", () => "secret");
  app.get("/health", { config: { rule: "public" } }, (request) => ({ decision: decisionOf(request) ?? "none" }));
  assert.throws(() => app.get("/wrong", { config: { rule: { permission: "a", resource: "{" } } }, () => ""), TypeError);
  const address = (await app.listen({ host: "127.0.0.1", port: 0 })).slice("http://".length);
  try {
    await assertGuarded(address);
    assert.equal((await ask(address, "/plugin/health")).body, "ok");
    for (const path of ["/forgotten", "/before/forgotten", "/plugin/nested/forgotten", "/unknown"]) {
      const { status, reason } = await ask(address, path, ["x-api-key", readerKey]);
      assert.deepEqual([status, reason], [403, "METHOD_WITHOUT_RULE"], path);
    }
    assert.equal((await ask(address, "/health")).body, '{"decision":"none"}');
    assert.equal((await ask(address, post, [], "HEAD")).status, 401);
  } finally {
    await app.close();
  }
});

test("the guestbook shows its handlers who calls", { skip }, async () => {
  await withProgram(pathOf("../example/guestbook.js"), async (address) => {
    const guestbook = new grpc.Client(address, grpc.credentials.createInsecure());
    const call = (name: "read" | "update" | "ping" | "forgotten", key: string) => {
      const { path, requestSerialize, responseDeserialize } = definitionOf(Guestbook)[name]!;
      const metadata = new grpc.Metadata();
      if (key) metadata.set("x-api-key", key);
      const request: Message = create(PostRequestSchema, { org: "acme", post: { id: "p1" } });
      return new Promise<Seen>((resolve, reject) => {
        guestbook.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, (error, seen) =>
          error ? reject(IdentityError.from(error)) : resolve(seen as Seen),
        );
      });
    };
    try {
      assert.match((await call("read", readerKey)).username, /^r-/);
      assert.equal((await call("ping", "")).username, "");
      await assert.rejects(call("read", ""), { code: grpc.status.UNAUTHENTICATED, reason: "CREDENTIAL_REQUIRED" });
      await assert.rejects(call("update", readerKey), { code: grpc.status.PERMISSION_DENIED, reason: "NO_BINDING" });
      await assert.rejects(call("forgotten", readerKey), { reason: "METHOD_WITHOUT_RULE" });
    } finally {
      guestbook.close();
    }
  });
});

test("a session refreshes, and ends when it is revoked", { skip }, async () => {
  let aheadMs = 0;
  const revoked = await logIn(() => Date.now() + aheadMs);
  const first = await revoked.token();
  aheadMs = 3_600_000;
  const tokens = await Promise.all(Array.from({ length: 20 }, () => revoked.token()));
  assert.equal(new Set(tokens).size, 1);
  assert.notEqual(tokens[0], first);
  await client.identity.revoke({ target: { case: "accessToken", value: tokens[0]! } });
  const { id: sessionId } = revoked;
  await client.identity.revoke({ target: { case: "sessionId", value: sessionId } }, { credential: session });
  aheadMs = 7_200_000;
  await assert.rejects(revoked.token(), { code: grpc.status.UNAUTHENTICATED, reason: "REFRESH_TOKEN_INVALID" });
});

test("a call has the credential of the client, or its own", { skip }, async () => {
  await assert.rejects(client.admin.createRole({ role: { name: "x" } }), {
    code: grpc.status.PERMISSION_DENIED,
    reason: "PERMISSION_DENIED",
  });
  const roles = await client.admin.listRoles({}, { credential: session });
  assert.ok(roles.roles.some(({ builtIn }) => builtIn));
});
