import assert from "node:assert/strict";
import { test } from "node:test";
import { type MessageInitShape, create } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { type CredentialHeaders, type Refusal, type Rule, checkRule, decide } from "../src/guard.js";
import { problemOf } from "../src/http.js";
import { type Client, IdentityError, v1 } from "../src/index.js";

type Question = MessageInitShape<typeof v1.CheckPermissionRequestSchema>;
type Answer = MessageInitShape<typeof v1.CheckPermissionResponseSchema>;

const rule: Rule = { permission: "posts:update", resource: "orgs/{org}" };
const bearer: CredentialHeaders = { authorization: ["Bearer abc"], apiKey: [] };
const nothing: CredentialHeaders = { authorization: [], apiKey: [] };
const { ALLOWED, DENIED } = v1.Decision;
const allowed: Answer = { decision: ALLOWED, reason: v1.Reason.GRANTED, principal: { id: "1", username: "ada" } };

// A client whose service gives one answer and keeps the questions.
function clientWith(answer: Answer | Error, questions: Question[] = []): Client {
  const checkPermission = async (question: Question) => {
    questions.push(question);
    if (answer instanceof Error) throw answer;
    return create(v1.CheckPermissionResponseSchema, answer);
  };
  return { identity: { checkPermission } } as unknown as Client;
}

async function refusalOf(answer: Answer | Error, headers = bearer, org: unknown = "acme"): Promise<Refusal> {
  try {
    await decide(clientWith(answer), rule, headers, { org });
  } catch (refusal) {
    return refusal as Refusal;
  }
  return assert.fail("let through");
}

const challenge = (parameters: string) => `Bearer realm="identity"${parameters}`;

for (const [name, answer, headers, code, httpStatus, reason, wwwAuthenticate, retryAfter] of [
  ...(["CREDENTIAL_INVALID", "CREDENTIAL_EXPIRED", "CREDENTIAL_REVOKED", "PRINCIPAL_DISABLED"] as const).map(
    (reason) =>
      [
        reason,
        { decision: DENIED, reason: v1.Reason[reason] },
        bearer,
        status.UNAUTHENTICATED,
        401,
        reason,
        challenge(', error="invalid_token"'),
      ] as const,
  ),
  [
    "no binding without a credential",
    { decision: DENIED, reason: v1.Reason.NO_BINDING },
    nothing,
    status.UNAUTHENTICATED,
    401,
    "CREDENTIAL_REQUIRED",
    challenge(""),
  ],
  [
    "step-up",
    { decision: DENIED, reason: v1.Reason.STEP_UP_REQUIRED },
    bearer,
    status.UNAUTHENTICATED,
    401,
    "STEP_UP_REQUIRED",
    challenge(', error="insufficient_user_authentication"'),
  ],
  [
    "no binding",
    { decision: DENIED, reason: v1.Reason.NO_BINDING },
    bearer,
    status.PERMISSION_DENIED,
    403,
    "NO_BINDING",
  ],
  [
    "scope",
    { decision: DENIED, reason: v1.Reason.SCOPE_INSUFFICIENT },
    bearer,
    status.PERMISSION_DENIED,
    403,
    "SCOPE_INSUFFICIENT",
    challenge(', error="insufficient_scope", scope="posts:update"'),
  ],
  [
    "quota",
    { decision: DENIED, reason: v1.Reason.QUOTA_EXCEEDED, quota: { reset: { seconds: 41n, nanos: 1 } } },
    bearer,
    status.RESOURCE_EXHAUSTED,
    429,
    "QUOTA_EXCEEDED",
    undefined,
    "42",
  ],
  [
    "an unknown reason",
    { decision: DENIED, reason: 99 as v1.Reason },
    bearer,
    status.PERMISSION_DENIED,
    403,
    "UNDECIDED",
  ],
  [
    "an unknown decision",
    { ...allowed, decision: 99 as v1.Decision },
    bearer,
    status.PERMISSION_DENIED,
    403,
    "UNDECIDED",
  ],
  ["no decision", { reason: v1.Reason.NO_BINDING }, bearer, status.PERMISSION_DENIED, 403, "UNDECIDED"],
  [
    "an error",
    new IdentityError(status.UNAUTHENTICATED, "the backend's key", { reason: "CALLER_INVALID" }),
    bearer,
    status.UNAVAILABLE,
    503,
    "UNDECIDED",
    undefined,
    "1",
  ],
  [
    "an error with a delay",
    new IdentityError(status.UNAVAILABLE, "", { retryDelayMs: 2_500 }),
    bearer,
    status.UNAVAILABLE,
    503,
    "UNDECIDED",
    undefined,
    "3",
  ],
  ["a fault of the client", new TypeError("fault"), bearer, status.UNAVAILABLE, 503, "UNDECIDED", undefined, "1"],
] as Array<[string, Answer | Error, CredentialHeaders, status, number, string, string?, string?]>) {
  test(`${name} is refused with ${httpStatus}`, async () => {
    const refusal = await refusalOf(answer, headers);
    assert.deepEqual([refusal.code, refusal.reason], [code, reason]);
    const problem = problemOf(refusal);
    assert.equal(problem.status, httpStatus);
    assert.equal(problem.headers["WWW-Authenticate"], wwwAuthenticate);
    assert.equal(problem.headers["Retry-After"], retryAfter);
    const { detail, ...body } = JSON.parse(problem.body);
    assert.deepEqual(Object.keys(body), ["type", "title", "status", "reason"]);
    assert.equal(body.reason, reason);
    assert.ok(!detail.includes("backend"));
  });
}

test("the decision reaches the handler", async () => {
  const expireTime = { seconds: 1_764_230_400n };
  const answer = { ...allowed, sessionId: "s", scopes: ["posts:*"], consistencyToken: "t", expireTime };
  const decision = await decide(clientWith(answer), rule, bearer, { org: "acme" });
  assert.equal(decision?.principal.username, "ada");
  assert.deepEqual([decision?.sessionId, decision?.scopes, decision?.consistencyToken], ["s", ["posts:*"], "t"]);
  assert.deepEqual(decision?.expireTime, new Date("2025-11-27T08:00:00Z"));
});

for (const [name, headers, subject] of [
  [
    "a bearer token",
    { authorization: ["bEaReR abc.d-e_f~g+h/i=="], apiKey: [] },
    { case: "accessToken", value: "abc.d-e_f~g+h/i==" },
  ],
  ["a bearer API key", { authorization: ["Bearer idk_1"], apiKey: [] }, { case: "apiKey", value: "idk_1" }],
  ["x-api-key", { authorization: [], apiKey: ["idk_1"] }, { case: "apiKey", value: "idk_1" }],
  ["a token in x-api-key", { authorization: [], apiKey: ["a"] }, { case: "apiKey", value: "a" }],
  [
    "authorization before x-api-key",
    { authorization: ["Bearer a"], apiKey: ["idk_1"] },
    { case: "accessToken", value: "a" },
  ],
  ["no credential", nothing, { case: "anonymous", value: true }],
] as Array<[string, CredentialHeaders, Question["subject"]]>) {
  test(`${name} is the subject`, async () => {
    const questions: Question[] = [];
    await decide(clientWith(allowed, questions), rule, headers, { org: "acme" });
    assert.deepEqual(questions, [{ subject, permission: "posts:update", resource: "orgs/acme" }]);
  });
}

for (const [name, headers] of [
  ["another scheme", { authorization: ["Basic YTpi"], apiKey: [] }],
  ["two values", { authorization: ["Bearer a", "Bearer a"], apiKey: [] }],
  ["two API keys", { authorization: [], apiKey: ["idk_1", "idk_1"] }],
  ["two joined API keys", { authorization: [], apiKey: ["idk_1, idk_1"] }],
  ["an empty token", { authorization: ["Bearer "], apiKey: ["idk_1"] }],
  ["an empty API key", { authorization: [], apiKey: [""] }],
  ["a token with a space", { authorization: ["Bearer a b"], apiKey: [] }],
] as Array<[string, CredentialHeaders]>) {
  test(`${name} is refused without a call`, async () => {
    const questions: Question[] = [];
    await assert.rejects(decide(clientWith(allowed, questions), rule, headers, { org: "acme" }), {
      code: status.UNAUTHENTICATED,
      reason: "CREDENTIAL_INVALID",
    });
    assert.deepEqual(questions, []);
  });
}

test("a value that is no segment is refused without a call", async () => {
  const questions: Question[] = [];
  await assert.rejects(decide(clientWith(allowed, questions), rule, bearer, { org: "a/b" }), {
    code: status.INVALID_ARGUMENT,
    reason: "INVALID_FIELD",
  });
  assert.deepEqual(questions, []);
});

test("a public rule asks nothing, and a missing rule refuses", async () => {
  const questions: Question[] = [];
  assert.equal(await decide(clientWith(allowed, questions), "public", bearer, {}), undefined);
  await assert.rejects(decide(clientWith(allowed, questions), undefined, bearer, {}), {
    code: status.PERMISSION_DENIED,
    reason: "METHOD_WITHOUT_RULE",
  });
  assert.deepEqual(questions, []);
});

test("what is no rule is found when the guard is made", () => {
  for (const wrong of [undefined, null, "open", {}, { permission: "a" }, { permission: "a", resource: "{" }]) {
    assert.throws(() => checkRule(wrong as Rule), TypeError);
  }
  for (const permission of ["", "posts:*", "Posts:read", "posts:", "posts read", "a:b:c:d:e:f:g:h:i", "posts\n"]) {
    assert.throws(() => checkRule({ permission, resource: "" }), TypeError, permission);
  }
  checkRule({ permission: "posts:update", resource: "" });
});

test("the operator learns why a request is undecided, without text that could have a secret", async (context) => {
  const { mock } = context.mock.method(console, "warn", () => {});
  await refusalOf(new IdentityError(status.UNAUTHENTICATED, "the key is unknown", { reason: "CALLER_INVALID" }));
  await refusalOf(new TypeError("Bearer idk_1"));
  await refusalOf({ ...allowed, decision: 99 as v1.Decision });
  await refusalOf({ decision: DENIED, reason: v1.Reason.NO_BINDING });
  assert.deepEqual(
    mock.calls.map((call) => call.arguments),
    [
      ["identity: no decision: UNAUTHENTICATED CALLER_INVALID the key is unknown"],
      ["identity: no decision: TypeError"],
      ["identity: no decision: the service answers with decision 99 and reason 1"],
    ],
  );
});
