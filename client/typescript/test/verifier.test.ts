import assert from "node:assert/strict";
import { KeyObject, sign as signBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { status } from "@grpc/grpc-js";
import { type GenerateKeyPairResult, type JWK, SignJWT, exportJWK, exportSPKI, generateKeyPair } from "jose";
import { TokenVerifier } from "../src/index.js";

const issuer = "https://identity.test";
const audience = "shop";
const start = Date.UTC(2025, 10, 1) / 1_000;
const claims = {
  iss: issuer,
  aud: audience,
  sub: "ada",
  client_id: "web",
  jti: "1",
  scope: "a b",
  iat: start,
  exp: start + 900,
};

type Keys = Record<"ed" | "ed2" | "ec" | "rsa", GenerateKeyPairResult>;
let keys: Keys;
let published: JWK[];
let cacheControl: string | undefined;
let body: string | undefined; // instead of `published`
let fetches = 0;
let isDown = false;

const server = createServer((request, response) => {
  fetches++;
  if (request.url === "/moved") response.writeHead(302, { location: "/" });
  else if (isDown) response.writeHead(503);
  else if (cacheControl) response.setHeader("cache-control", cacheControl);
  response.end(body ?? JSON.stringify({ keys: published }));
});

before(async () => {
  const [ed, ed2, ec, rsa] = await Promise.all(
    ["EdDSA", "EdDSA", "ES256", "RS256"].map((algorithm) => generateKeyPair(algorithm)),
  );
  keys = { ed: ed!, ed2: ed2!, ec: ec!, rsa: rsa! };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
after(() => server.close());

async function jwkOf(name: keyof Keys): Promise<JWK> {
  return { ...(await exportJWK(keys[name].publicKey)), kid: name };
}

async function bench(path = "/") {
  published = await Promise.all((["ed", "ec", "rsa"] as const).map(jwkOf));
  [cacheControl, body, fetches, isDown] = [undefined, undefined, 0, false];
  const clock = { seconds: start };
  const { port } = server.address() as AddressInfo;
  const jwks = `http://127.0.0.1:${port}${path}`;
  return { clock, verifier: new TokenVerifier({ jwks, issuer, audience, now: () => clock.seconds * 1_000 }) };
}

function sign(
  payload: object,
  header: object = {},
  key: GenerateKeyPairResult["privateKey"] | Uint8Array = keys.ed.privateKey,
) {
  return new SignJWT({ ...payload })
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: "ed", ...header })
    .sign(key);
}

const invalid = { code: status.UNAUTHENTICATED };

test("tokens of each algorithm are verified", async () => {
  const { verifier } = await bench();
  for (const [alg, kid] of [
    ["EdDSA", "ed"],
    ["ES256", "ec"],
    ["RS256", "rsa"],
  ] as const) {
    const token = await verifier.verify(await sign(claims, { alg, kid }, keys[kid].privateKey));
    assert.equal(token.subject, "ada");
    assert.equal(token.clientId, "web");
    assert.deepEqual(token.scopes, ["a", "b"]);
    assert.deepEqual(token.expireTime, new Date((start + 900) * 1_000));
    assert.equal(token.claims.jti, "1");
  }
  assert.equal(fetches, 1);
});

test("an audience may be a list", async () => {
  const { verifier } = await bench();
  await verifier.verify(await sign({ ...claims, aud: ["bank", audience] }));
});

for (const [name, changes] of [
  ["another issuer", { iss: "https://identity.test.example" }],
  ["another audience", { aud: "bank" }],
  ["a list without the audience", { aud: ["bank"] }],
  ["a subject that is no text", { sub: 7 }],
  ["an empty token id", { jti: "" }],
  ["an issue time in the future", { iat: start + 31 }],
  ["a start in the future", { nbf: start + 31 }],
  ...["iss", "aud", "exp", "iat", "sub", "client_id", "jti"].map(
    (claim) => [`no ${claim}`, { [claim]: undefined }] as const,
  ),
] as const) {
  test(`a token with ${name} is refused`, async () => {
    const { verifier } = await bench();
    await assert.rejects(verifier.verify(await sign({ ...claims, ...changes })), invalid);
  });
}

for (const [name, header] of [
  ["another type", { typ: "JWT" }],
  ["no type", { typ: undefined }],
  ["no key id", { kid: undefined }],
  ["an unknown critical header", { crit: ["x"], x: 1 }],
] as const) {
  test(`a token with ${name} is refused`, async () => {
    const { verifier } = await bench();
    const token = forge({ alg: "EdDSA", typ: "at+jwt", kid: "ed", ...header });
    await assert.rejects(verifier.verify(token), invalid);
  });
}

// A token with the header, and a signature that is right for it.
function forge(header: object): string {
  return forgeTexts(JSON.stringify(header), JSON.stringify(claims));
}

function forgeTexts(...parts: [header: string, payload: string]): string {
  const signed = parts.map((part) => Buffer.from(part).toString("base64url")).join(".");
  const key = keys.ed.privateKey;
  assert.ok(key instanceof KeyObject);
  return `${signed}.${signBytes(null, Buffer.from(signed), key).toString("base64url")}`;
}

test("two members of the same name are refused", async () => {
  const { clock, verifier } = await bench();
  const header = '{"alg": "EdDSA", "typ": "at+jwt", "kid": "ed"}';
  const payload = JSON.stringify({ ...claims, odd: { sub: ["a\"", ": 1", "\\"], "a\":": 1, ["__proto__"]: 1 } });
  await verifier.verify(forgeTexts(header, payload));
  for (const [doubleHeader, doublePayload] of [
    [header.replace("}", ', "kid" : "ed"}'), payload],
    [header, payload.replace("}", ', "s\\u0075b": 1, "sub": 1}')],
    [header, `{"sub": "eve", ${payload.slice(1)}`],
  ] as const) {
    await assert.rejects(verifier.verify(forgeTexts(doubleHeader, doublePayload)), {
      ...invalid,
      message: /it is malformed/,
    });
  }
  clock.seconds += 300;
  body = JSON.stringify({ keys: published }).replace('"kid"', '"kid":"ed","kid"');
  await assert.rejects(verifier.verify(forgeTexts(header, payload)), { code: status.UNAVAILABLE });
});

test("a token of more than 8 KiB is refused before its keys are fetched", async () => {
  const { verifier } = await bench();
  await assert.rejects(verifier.verify(await sign({ ...claims, odd: "x".repeat(8_192) })), invalid);
  assert.equal(fetches, 0);
});

test("a token without a signature is refused", async () => {
  const { verifier } = await bench();
  const [, payload] = (await sign(claims)).split(".");
  const header = Buffer.from(JSON.stringify({ alg: "none", typ: "at+jwt", kid: "ed" })).toString("base64url");
  for (const token of [`${header}.${payload}.`, "", "a", "a.b.c"])
    await assert.rejects(verifier.verify(token), invalid);
});

test("an HMAC with the public key is refused", async () => {
  const { verifier } = await bench();
  const secret = Buffer.from(await exportSPKI(keys.rsa.publicKey as never));
  await assert.rejects(verifier.verify(await sign(claims, { alg: "HS256", kid: "rsa" }, secret)), invalid);
});

test("a token must have the algorithm of its key", async () => {
  const { verifier } = await bench();
  await assert.rejects(verifier.verify(await sign(claims, { kid: "ec" })), {
    ...invalid,
    message: /its key is unknown/,
  });
  const { verifier: other } = await bench();
  published[0]!.alg = "ES256"; // which the key cannot be for
  await assert.rejects(other.verify(await sign(claims)), { ...invalid, message: /its key is unknown/ });
});

test("a changed token is refused", async () => {
  const { verifier } = await bench();
  const [header, , signature] = (await sign(claims)).split(".");
  const payload = Buffer.from(JSON.stringify({ ...claims, sub: "eve" })).toString("base64url");
  await assert.rejects(verifier.verify(`${header}.${payload}.${signature}`), invalid);
});

test("clocks may differ by 30 seconds", async () => {
  const { clock, verifier } = await bench();
  const token = await sign({ ...claims, iat: start + 30, nbf: start + 30 });
  await verifier.verify(token);
  clock.seconds = start + 900 + 29;
  await verifier.verify(token);
  clock.seconds = start + 900 + 30;
  await assert.rejects(verifier.verify(token), invalid);
});

test("keys are kept for 5 minutes, or as long as the answer says", async () => {
  const { clock, verifier } = await bench();
  const token = await sign({ ...claims, exp: start + 9_000 });
  for (const [seconds, expected] of [
    [0, 1],
    [299, 1],
    [300, 2],
  ] as const) {
    clock.seconds = start + seconds;
    if (seconds === 300) cacheControl = "public, max-age=60";
    await verifier.verify(token);
    assert.equal(fetches, expected, `after ${seconds} s`);
  }
  clock.seconds = start + 359;
  await verifier.verify(token);
  assert.equal(fetches, 2);
  clock.seconds = start + 360;
  await verifier.verify(token);
  assert.equal(fetches, 3);
});

test("keys are kept for a day at most", async () => {
  const { clock, verifier } = await bench();
  const token = await sign({ ...claims, exp: start + 99_999 });
  cacheControl = "max-age=99999999999";
  for (const [seconds, expected] of [
    [0, 1],
    [86_399, 1],
    [86_400, 2],
  ] as const) {
    clock.seconds = start + seconds;
    await verifier.verify(token);
    assert.equal(fetches, expected, `after ${seconds} s`);
  }
});

test("an unknown key id fetches the keys again, at most once in 10 seconds", async () => {
  const { clock, verifier } = await bench();
  await verifier.verify(await sign(claims));
  const rotated = await sign(claims, { kid: "ed2" }, keys.ed2.privateKey);
  await assert.rejects(verifier.verify(rotated), invalid);
  assert.equal(fetches, 2); // the first fetch does not count
  published.push(await jwkOf("ed2"));
  clock.seconds = start + 9;
  await assert.rejects(verifier.verify(rotated), invalid);
  assert.equal(fetches, 2);
  clock.seconds = start + 10;
  await verifier.verify(rotated);
  assert.equal(fetches, 3);
});

test("a fetch for an unknown key id does not delay the next one that is due", async () => {
  const { clock, verifier } = await bench();
  cacheControl = "max-age=5";
  await verifier.verify(await sign(claims));
  await assert.rejects(verifier.verify(await sign(claims, { kid: "ed2" }, keys.ed2.privateKey)), invalid);
  clock.seconds = start + 5;
  await verifier.verify(await sign(claims));
  assert.equal(fetches, 3);
});

test("a failed fetch is repeated after 10 seconds", async () => {
  const { clock, verifier } = await bench();
  isDown = true;
  for (const seconds of [0, 9]) {
    clock.seconds = start + seconds;
    await assert.rejects(verifier.verify(await sign(claims)), { code: status.UNAVAILABLE });
  }
  isDown = false;
  assert.equal(fetches, 1);
  clock.seconds = start + 10;
  await verifier.verify(await sign(claims));
});

test("keys of more than 256 KiB are refused", async () => {
  const { verifier } = await bench();
  body = JSON.stringify({ keys: published }) + " ".repeat(256 * 1024);
  await assert.rejects(verifier.verify(await sign(claims)), { code: status.UNAVAILABLE });
});

test("callers at the same time share a fetch", async () => {
  const { verifier } = await bench();
  const token = await sign(claims);
  await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token)));
  assert.equal(fetches, 1);
});

test("keys that cannot be had are another error", async () => {
  const { verifier } = await bench();
  isDown = true;
  await assert.rejects(verifier.verify(await sign(claims)), { code: status.UNAVAILABLE });
  const moved = await bench("/moved");
  await assert.rejects(moved.verifier.verify(await sign(claims)), { code: status.UNAVAILABLE });
});

test("keys come over https, or from loopback", () => {
  const make = (jwks: string) => () => new TokenVerifier({ jwks, issuer, audience });
  for (const jwks of ["http://identity.test/jwks", "http://127.0.0.1.evil.test/", "ftp://127.0.0.1/", "file:///keys"]) {
    assert.throws(make(jwks), TypeError, jwks);
  }
  for (const jwks of ["https://identity.test/jwks", "http://localhost:80/", "http://[::1]:8080/"]) make(jwks)();
  assert.throws(() => new TokenVerifier({ jwks: "https://identity.test", issuer: "", audience }), TypeError);
});
