import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { IdentityError, v1 } from "../src/index.js";
import { mayRepeat, pauseMs, repeatOf } from "../src/retry.js";

const unavailable = new IdentityError(status.UNAVAILABLE, "");
const anyRequest = create(v1.GetUserRequestSchema);

test("reads, checks and revocations are always safe to repeat", () => {
  for (const rpc of ["GetUser", "ListRoles", "CheckPermission", "BatchCheckPermissions", "Revoke"]) {
    assert.equal(repeatOf(rpc, anyRequest), "always", rpc);
  }
});

test("other calls are never repeated", () => {
  for (const rpc of ["RevokeExternal", "DeleteRole", "ChangePassword", "Unknown"]) {
    assert.equal(repeatOf(rpc, anyRequest), "never", rpc);
  }
});

test("a request id makes a call safe to repeat", () => {
  const withId = create(v1.CreateRoleRequestSchema, { requestId: "0190b5a0-0000-7000-8000-000000000000" });
  assert.equal(repeatOf("CreateRole", withId), "always");
  assert.equal(repeatOf("CreateRole", create(v1.CreateRoleRequestSchema)), "never");
});

test("only the exchange of an API key is a login that may be repeated", () => {
  const login = (credential: "password" | "apiKey") =>
    create(v1.AuthenticateRequestSchema, { credential: { case: credential, value: {} } });
  assert.equal(repeatOf("Authenticate", login("apiKey")), "always");
  assert.equal(repeatOf("Authenticate", login("password")), "never");
});

test("a refresh is repeated after UNAVAILABLE only", () => {
  assert.equal(repeatOf("Refresh", create(v1.RefreshRequestSchema)), "whenUnavailable");
  assert.equal(mayRepeat(unavailable, "whenUnavailable", 1), true);
  assert.equal(mayRepeat(new IdentityError(status.ABORTED, "", { reason: "CONFLICT" }), "whenUnavailable", 1), false);
});

test("safe calls are repeated after the errors that pass", () => {
  for (const reason of ["CONFLICT", "OVERLOADED", "COMMIT_IN_DOUBT"]) {
    assert.equal(mayRepeat(new IdentityError(status.UNKNOWN, "", { reason }), "always", 1), true, reason);
  }
  assert.equal(mayRepeat(unavailable, "always", 1), true);
  const rateLimited = new IdentityError(status.RESOURCE_EXHAUSTED, "", { reason: "RATE_LIMITED" });
  assert.equal(mayRepeat(rateLimited, "always", 1), false);
});

test("unsafe calls are repeated only if no handler has seen them", () => {
  assert.equal(mayRepeat(unavailable, "never", 1), false);
  assert.equal(mayRepeat(new IdentityError(status.CANCELLED, "CANCELLED"), "never", 1), true);
  assert.equal(mayRepeat(new IdentityError(status.CANCELLED, "by the caller"), "never", 1), false);
});

test("the fifth call is the last", () => {
  assert.equal(mayRepeat(unavailable, "always", 4), true);
  assert.equal(mayRepeat(unavailable, "always", 5), false);
});

test("pauses double from 20 ms to a second", () => {
  assert.deepEqual(
    [1, 2, 3, 6, 7, 50].map((made) => pauseMs(unavailable, made, 0)),
    [20, 40, 80, 640, 1_000, 1_000],
  );
});

test("up to half of a pause is taken off", () => {
  assert.equal(pauseMs(unavailable, 1, 1), 10);
});

test("a pause is never shorter than the service asks", () => {
  const asking = new IdentityError(status.UNAVAILABLE, "", { retryDelayMs: 300 });
  assert.equal(pauseMs(asking, 1, 0), 300);
  assert.equal(pauseMs(asking, 1, 1), 320);
  assert.equal(pauseMs(asking, 6, 0), 640);
});
