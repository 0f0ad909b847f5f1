import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { create } from "@bufbuild/protobuf";
import { Metadata, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";
import { Client, type ClientOptions, FileToken, IdentityError, Session, v1 } from "../src/index.js";
import { type Handler, type StandIn, serviceError, standIn } from "./stand_in.js";

const question = { subject: { case: "anonymous", value: true }, permission: "posts:read" } as const;
const allow: Handler = () => create(v1.CheckPermissionResponseSchema, { decision: v1.Decision.ALLOWED });

// Runs the test with a client of a server that has these handlers.
async function withClient(
  handlers: Record<string, Handler>,
  run: (client: Client, server: StandIn) => Promise<void>,
  options: Partial<ClientOptions> = {},
): Promise<void> {
  const server = await standIn(handlers);
  const client = new Client({ address: server.address, plaintext: true, ...options });
  try {
    await run(client, server);
  } finally {
    client.close();
    server.stop();
  }
}

// A handler that throws the errors one after the other, then answers.
function failing(errors: ServiceError[], handler: Handler): Handler {
  return (call) => {
    const error = errors.shift();
    if (error) throw error;
    return handler(call);
  };
}

function authorizationOf({ calls }: StandIn): string[] {
  return calls.map((call) => call.metadata.get("authorization").join());
}

test("a credential is sent as a bearer token", async () => {
  await withClient(
    { checkPermission: allow },
    async (client, server) => {
      await client.identity.checkPermission(question);
      await client.identity.checkPermission(question, { credential: { token: async () => "idk_other" } });
      assert.deepEqual(authorizationOf(server), ["Bearer idk_client", "Bearer idk_other"]);
    },
    { credential: "idk_client" },
  );
});

test("without a credential none is sent", async () => {
  await withClient({ checkPermission: allow }, async (client, server) => {
    await client.identity.checkPermission(question);
    assert.deepEqual(authorizationOf(server), [""]);
  });
});

test("an error has what the service says", async () => {
  const error = serviceError(status.INVALID_ARGUMENT, "INVALID_FIELD", { retryMs: 20, field: "permission" });
  await withClient({ checkPermission: failing([error], allow) }, async (client) => {
    await assert.rejects(client.identity.checkPermission(question), (thrown) => {
      assert.ok(thrown instanceof IdentityError);
      assert.deepEqual(
        [thrown.code, thrown.reason, thrown.retryDelayMs],
        [status.INVALID_ARGUMENT, "INVALID_FIELD", 20],
      );
      assert.deepEqual(thrown.violations, [{ field: "permission", description: "is required" }]);
      return true;
    });
  });
});

test("an error of something else has no reason", async () => {
  const malformed = serviceError(status.INTERNAL, "");
  malformed.metadata = new Metadata();
  malformed.metadata.set("grpc-status-details-bin", Buffer.from("malformed"));
  const errors = [serviceError(status.INTERNAL, "CONFLICT", { domain: "proxy.test" }), malformed];
  await withClient({ checkPermission: failing(errors, allow) }, async (client) => {
    for (let made = 0; made < 2; made++) {
      await assert.rejects(client.identity.checkPermission(question), { code: status.INTERNAL, reason: "" });
    }
  });
});

test("a safe call is repeated until it succeeds", async () => {
  const errors = [
    serviceError(status.UNAVAILABLE, "STORAGE_UNAVAILABLE"),
    serviceError(status.ABORTED, "CONFLICT"),
    serviceError(status.RESOURCE_EXHAUSTED, "OVERLOADED", { retryMs: 1 }),
  ];
  await withClient({ checkPermission: failing(errors, allow) }, async (client, server) => {
    const { decision } = await client.identity.checkPermission(question);
    assert.equal(decision, v1.Decision.ALLOWED);
    assert.equal(server.calls.length, 4);
  });
});

test("a password is sent once", async () => {
  const handler = failing([serviceError(status.UNAVAILABLE, "STORAGE_UNAVAILABLE")], allow);
  await withClient({ authenticate: handler }, async (client, server) => {
    const credential = { case: "password", value: { login: "ada", password: "secret" } } as const;
    await assert.rejects(client.identity.authenticate({ credential }), { reason: "STORAGE_UNAVAILABLE" });
    assert.equal(server.calls.length, 1);
  });
});

test("a call whose pause would end after the deadline fails at once with its error", async () => {
  const handler = failing([serviceError(status.UNAVAILABLE, "STORAGE_UNAVAILABLE", { retryMs: 999 })], allow);
  await withClient({ checkPermission: handler }, async (client, server) => {
    await assert.rejects(client.identity.checkPermission(question, { deadlineMs: 900 }), {
      reason: "STORAGE_UNAVAILABLE",
      retryDelayMs: 999,
    });
    assert.equal(server.calls.length, 1);
  });
});

test("a server that never answers meets the deadline", async () => {
  const silent = createServer((socket) => socket.unref()).listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.once("listening", resolve));
  const { port } = silent.address() as AddressInfo;
  const client = new Client({ address: `127.0.0.1:${port}`, plaintext: true, deadlineMs: 50 });
  await assert.rejects(client.identity.checkPermission(question), { code: status.DEADLINE_EXCEEDED, reason: "" });
  client.close();
  silent.close();
});

test("calls go to all addresses in turn, and not to one that is lost", async () => {
  const [first, second] = await Promise.all([standIn({ checkPermission: allow }), standIn({ checkPermission: allow })]);
  const client = new Client({ address: `${first.address}, ${second.address}`, plaintext: true });
  const check = () => client.identity.checkPermission(question);
  for (let made = 0; first.calls.length === 0 || second.calls.length === 0; made++) {
    assert.ok(made < 1_000, "one address gets no calls");
    await check();
  }
  const before = [first.calls.length, second.calls.length];
  for (let made = 0; made < 10; made++) await check();
  assert.deepEqual([first.calls.length - before[0]!, second.calls.length - before[1]!], [5, 5]);
  first.stop();
  for (let made = 0; made < 10; made++) await check();
  client.close();
  second.stop();
});

test("TLS expects a certificate of the roots, and shows the client's own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "identity-"));
  const [keyFile, rootsFile] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile];
  execFileSync("openssl", ["req", "-x509", ...kind, "-out", rootsFile, ...names], { stdio: "pipe" });
  const pair = { private_key: readFileSync(keyFile), cert_chain: readFileSync(rootsFile) };
  const credentials = ServerCredentials.createSsl(readFileSync(rootsFile), [pair], true);
  const server = await standIn({ checkPermission: allow }, credentials);
  const address = server.address.replace("127.0.0.1", "localhost");
  const check = async (options: Partial<ClientOptions>) => {
    const client = new Client({ address, ...options });
    await client.identity.checkPermission(question).finally(() => client.close());
  };
  const own = { keyFile, certificateFile: rootsFile };
  await check({ rootsFile, ...own });
  for (const wrong of [own, { rootsFile }, { rootsFile, ...own, address: server.address }, { plaintext: true }]) {
    await assert.rejects(check(wrong), { code: status.UNAVAILABLE });
  }
  assert.throws(() => new Client({ address, keyFile }));
  server.stop();
  rmSync(folder, { recursive: true });
});

test("wrong settings are found when the client is made", () => {
  for (const address of [undefined, "", "a:1,,b:2", "http://a:1", "https://a:1"]) {
    const message = "address: HOST:PORT is required, such as localhost:50051";
    assert.throws(() => new Client({ address } as ClientOptions), { name: "TypeError", message });
  }
  for (const credential of [undefined, null, ""]) {
    const options = { address: "a:1", credential } as ClientOptions;
    assert.throws(() => new Client(options), { name: "TypeError", message: "credential is empty or undefined" });
  }
  assert.throws(() => new Client({ address: "a:1", rootsFile: "/missing" }), { code: "ENOENT" });
  for (const plaintext of ["false", 0, null]) {
    assert.throws(() => new Client({ address: "a:1", plaintext } as unknown as ClientOptions), TypeError);
  }
  const file = import.meta.url.slice("file://".length);
  for (const files of [{ rootsFile: file }, { certificateFile: file, keyFile: file }]) {
    assert.throws(() => new Client({ address: "a:1", plaintext: true, ...files }), TypeError);
  }
});

test("no text of an object has a secret", async () => {
  const secret = "idk_hidden";
  const tokens = create(v1.TokenSetSchema, { accessToken: secret, refreshToken: secret, expiresIn: { seconds: 900n } });
  const login: Handler = () => create(v1.AuthenticateResponseSchema, { result: { case: "tokens", value: tokens } });
  const failed = failing([serviceError(status.UNAUTHENTICATED, "CALLER_INVALID")], allow);
  const textsOf = (value: unknown) => [
    inspect(value, { depth: null }),
    JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part)),
    `${value}`,
  ];
  await withClient(
    { authenticate: login, checkPermission: failed },
    async (client) => {
      const response = await client.identity.authenticate({ credential: { case: "apiKey", value: { key: secret } } });
      assert.ok(response.result.case === "tokens");
      assert.equal(response.result.value.accessToken, secret);
      const session = new Session(client, response.result.value);
      const file = new FileToken(import.meta.url.slice("file://".length));
      file.token();
      const error = await client.identity.checkPermission(question).catch((thrown: unknown) => thrown);
      for (const value of [client, response, session, file, error]) {
        for (const text of textsOf(value)) assert.ok(!text.includes(secret), text);
      }
    },
    { credential: secret },
  );
});
