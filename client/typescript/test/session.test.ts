import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { type MessageInitShape, create } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { type Client, IdentityError, Session, v1 } from "../src/index.js";

// A session with a clock that the test moves, and refreshes that the test answers.
class Bench {
  nowMs = 0;
  readonly spent: string[] = [];
  readonly #answers: Array<(answer: Promise<v1.RefreshResponse>) => void> = [];
  readonly session: Session;

  constructor(lifetimeSeconds = 900, refreshToken = "idr_1") {
    const refresh = ({ refreshToken: token = "" }) => {
      this.spent.push(token);
      return new Promise((resolve) => this.#answers.push(resolve));
    };
    const client = { identity: { refresh } } as unknown as Client;
    this.session = new Session(client, tokens(1, lifetimeSeconds, refreshToken), { now: () => this.nowMs });
  }

  succeed(number: number): void {
    this.answer({ tokens: tokens(number) });
  }

  answer(fields: MessageInitShape<typeof v1.RefreshResponseSchema>): void {
    this.#answers.shift()!(Promise.resolve(create(v1.RefreshResponseSchema, fields)));
  }

  fail(code: status, reason = ""): void {
    this.#answers.shift()!(Promise.reject(new IdentityError(code, "failed", { reason })));
  }
}

function tokens(number: number, lifetimeSeconds = 900, refreshToken = `idr_${number}`): v1.TokenSet {
  return create(v1.TokenSetSchema, {
    accessToken: `access_${number}`,
    refreshToken,
    expiresIn: { seconds: BigInt(lifetimeSeconds) },
    sessionId: "session",
    principalId: "principal",
  });
}

test("a session refreshes a minute before its token expires, and nobody waits", async () => {
  const bench = new Bench();
  bench.nowMs = 839_999;
  assert.equal(await bench.session.token(), "access_1");
  assert.deepEqual(bench.spent, []);
  bench.nowMs = 840_000;
  assert.equal(await bench.session.token(), "access_1");
  assert.deepEqual(bench.spent, ["idr_1"]);
  bench.succeed(2);
  bench.nowMs = 900_000;
  assert.equal(await bench.session.token(), "access_2");
});

test("a token of less than two minutes is refreshed after half of its lifetime", async () => {
  const bench = new Bench(60);
  bench.nowMs = 29_999;
  await bench.session.token();
  assert.deepEqual(bench.spent, []);
  bench.nowMs = 30_000;
  await bench.session.token();
  assert.deepEqual(bench.spent, ["idr_1"]);
});

test("one refresh serves all callers of an expired token", async () => {
  const bench = new Bench();
  bench.nowMs = 900_000;
  const waiting = Promise.all(Array.from({ length: 50 }, () => bench.session.token()));
  bench.succeed(2);
  assert.deepEqual(new Set(await waiting), new Set(["access_2"]));
  assert.deepEqual(bench.spent, ["idr_1"]);
});

test("a failed refresh is tried again after a second", async () => {
  const bench = new Bench();
  bench.nowMs = 900_000;
  const waiting = bench.session.token();
  bench.fail(status.UNAVAILABLE);
  await assert.rejects(waiting, { code: status.UNAVAILABLE });
  bench.nowMs += 999;
  await assert.rejects(bench.session.token(), { code: status.UNAVAILABLE });
  assert.equal(bench.spent.length, 1);
  bench.nowMs += 1;
  const retried = bench.session.token();
  bench.succeed(2);
  assert.equal(await retried, "access_2");
});

test("a failed refresh leaves the token that has not expired", async () => {
  const bench = new Bench();
  bench.nowMs = 840_000;
  await bench.session.token();
  bench.fail(status.UNAVAILABLE);
  await Promise.resolve();
  assert.equal(await bench.session.token(), "access_1");
});

test("an answer without tokens is a failed refresh", async () => {
  for (const answer of [{}, { tokens: {} }]) {
    const bench = new Bench();
    bench.nowMs = 840_000;
    await bench.session.token();
    bench.answer(answer);
    await setImmediate();
    assert.equal(await bench.session.token(), "access_1");
    bench.nowMs = 900_000;
    const waiting = bench.session.token();
    bench.answer(answer);
    await assert.rejects(waiting, { code: status.INTERNAL, reason: "" });
    assert.deepEqual(bench.spent, ["idr_1", "idr_1"]);
  }
});

test("a bad refresh token ends the session", async () => {
  const bench = new Bench();
  bench.nowMs = 900_000;
  const waiting = bench.session.token();
  bench.fail(status.UNAUTHENTICATED, "REFRESH_TOKEN_REUSED");
  await assert.rejects(waiting, { code: status.UNAUTHENTICATED });
  bench.nowMs += 3_600_000;
  await assert.rejects(bench.session.token(), { code: status.UNAUTHENTICATED, message: "failed" });
  assert.equal(bench.spent.length, 1);
});

test("tokens without an access token make no session", () => {
  const none = create(v1.TokenSetSchema, { refreshToken: "idr_1" });
  assert.throws(() => new Session({} as Client, none), TypeError);
});

test("tokens without a refresh token expire", async () => {
  const bench = new Bench(900, "");
  bench.nowMs = 899_999;
  assert.equal(await bench.session.token(), "access_1");
  bench.nowMs = 900_000;
  await assert.rejects(bench.session.token(), { code: status.UNAUTHENTICATED });
  assert.deepEqual(bench.spent, []);
});
