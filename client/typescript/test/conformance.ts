// The driver of tests/conformance: does with the client what it reads from its standard input.
//
//   npm run build && node dist/test/conformance.js

import { createInterface } from "node:readline";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { Client, FileToken, IdentityError, Session, TokenVerifier, v1 } from "@identity/client";
import { serve } from "../example/guestbook.js";

type Answer = Record<string, unknown>;
type Subject = NonNullable<MessageInitShape<typeof v1.CheckPermissionRequestSchema>["subject"]>;

interface Command {
  do: string;
  address: string;
  plaintext: boolean;
  credential: { text: string } | { file: string } | null;
  deadline_ms?: number;
  subject:
    { access_token: string } | { api_key: string } | { principal_id: string } | { anonymous: true } | { self: true };
  permission: string;
  resource: string;
  times: number;
  name: string;
  request_id: string;
  login: string;
  password: string;
  seconds: number;
  parallel: number;
  jwks: string;
  issuer: string;
  audience: string;
  token: string;
}

let client = new Client({ address: "localhost:50051" });
let session: Session | undefined;
let clockAheadMs = 0;
const verifiers = new Map<string, TokenVerifier>();

const commands: Record<string, (command: Command) => Promise<Answer> | Answer> = {
  connect({ address, plaintext, credential, deadline_ms: deadlineMs }) {
    client.close();
    client = new Client({
      address,
      plaintext,
      ...(credential ? { credential: credentialOf(credential) } : {}),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
    return { ok: true };
  },

  async check(command) {
    const response = await check(command);
    return {
      decision: v1.Decision[response.decision],
      reason: v1.Reason[response.reason],
      username: response.principal?.username ?? "",
      ...(response.quota?.remaining === 0n ? { retry: true } : {}),
    };
  },

  async check_many(command) {
    const kinds: string[] = [];
    for (let made = 0; made < command.times; made++) kinds.push(await kindOf(check(command)));
    return countOf(kinds);
  },

  async create_role({ name, request_id: requestId = "" }) {
    await client.admin.createRole({ role: { name }, requestId });
    return { ok: true };
  },

  async log_in({ login, password }) {
    const { result } = await client.identity.authenticate({
      credential: { case: "password", value: { login, password } },
    });
    if (result.case !== "tokens") throw new Error("a second factor is required");
    session = new Session(client, result.value, { now: () => Date.now() + clockAheadMs });
    return { ok: true, principal_id: session.principalId, session_id: session.id };
  },

  advance_clock({ seconds }) {
    clockAheadMs += seconds * 1_000;
    return { ok: true };
  },

  async use_session({ parallel }) {
    const tokens = new Set<string>();
    const kinds = await Promise.all(Array.from({ length: parallel }, () => kindOf(checkWithSession(tokens))));
    return { answers: countOf(kinds), tokens: tokens.size };
  },

  async serve() {
    return { port: await serve(client) };
  },

  async verify({ jwks, issuer, audience, token }) {
    try {
      const id = JSON.stringify([jwks, issuer, audience]);
      const verifier = verifiers.get(id) ?? new TokenVerifier({ jwks, issuer, audience });
      verifiers.set(id, verifier);
      return { subject: (await verifier.verify(token)).subject };
    } catch {
      return { error: "INVALID" };
    }
  },
};

function credentialOf(credential: NonNullable<Command["credential"]>): string | FileToken {
  return "text" in credential ? credential.text : new FileToken(credential.file);
}

function check({ subject, permission, resource }: Command): Promise<v1.CheckPermissionResponse> {
  return client.identity.checkPermission({ subject: subjectOf(subject), permission, resource });
}

function subjectOf(subject: Command["subject"]): Subject {
  if ("access_token" in subject) return { case: "accessToken", value: subject.access_token };
  if ("api_key" in subject) return { case: "apiKey", value: subject.api_key };
  if ("principal_id" in subject) return { case: "principalId", value: subject.principal_id };
  return { case: "anonymous" in subject ? "anonymous" : "self", value: true };
}

async function checkWithSession(tokens: Set<string>): Promise<v1.CheckPermissionResponse> {
  const token = await session!.token();
  tokens.add(token);
  return client.identity.checkPermission({
    subject: { case: "accessToken", value: token },
    permission: "posts:read",
    resource: "orgs/acme/posts/p1",
  });
}

async function kindOf(answer: Promise<v1.CheckPermissionResponse>): Promise<string> {
  try {
    const { decision, reason } = await answer;
    return `${v1.Decision[decision]}/${v1.Reason[reason]}`;
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    return `${status[error.code]}/${error.reason}`;
  }
}

function countOf(kinds: string[]): Answer {
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

async function answerTo(line: string): Promise<Answer> {
  try {
    const command = JSON.parse(line) as Command;
    const run = commands[command.do];
    if (!run) throw new Error(`unknown command ${command.do}`);
    return await run(command);
  } catch (error) {
    if (!(error instanceof IdentityError)) return { fault: String(error) };
    const retry = error.retryDelayMs === undefined ? {} : { retry: true };
    return { error: status[error.code], reason: error.reason, ...retry };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answerTo(line))}\n`);
}
process.exit(); // the guarded servers listen
