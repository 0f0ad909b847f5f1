import { type JWK, type KeyLike, importJWK } from "jose";
import { parseJson } from "./json.js";

/** A key that verifies tokens of one algorithm. */
export interface PublishedKey {
  readonly algorithm: string;
  readonly key: KeyLike | Uint8Array;
}

type Keys = ReadonlyMap<string, PublishedKey>;

const algorithms: Partial<Record<string, string>> = { Ed25519: "EdDSA", "P-256": "ES256", RSA: "RS256" };

const defaultAgeMs = 300_000;
const longestAgeMs = 86_400_000;
const pauseMs = 10_000;
const timeoutMs = 10_000;
const maxBytes = 256 * 1024;

/** The keys at an address. Keeps them as long as the answer allows, and fetches them again for an unknown key id. */
export class PublishedKeys {
  readonly #address: URL;
  readonly #now: () => number;
  #keys: Keys = new Map();
  #expireTime = -Infinity;
  #nextFetch = -Infinity;
  #lastFetch: Promise<void> | undefined; // it may still run, and it may have failed

  /** Throws if strangers could change what the address answers. */
  constructor(address: string, now: () => number) {
    this.#address = new URL(address);
    this.#now = now;
    if (this.#address.protocol !== "https:" && !isPlaintextLoopback(this.#address)) {
      throw new TypeError("jwks: must be an address over https, or over http from loopback");
    }
  }

  /** Throws if the keys cannot be had. */
  async find(keyId: string): Promise<PublishedKey | undefined> {
    const now = this.#now();
    if (now >= this.#expireTime || !this.#keys.has(keyId)) {
      if (now >= this.#nextFetch) this.#lastFetch = this.#fetch(now);
      await this.#lastFetch;
    }
    return this.#keys.get(keyId);
  }

  async #fetch(now: number): Promise<void> {
    const isDue = now >= this.#expireTime;
    this.#nextFetch = now + pauseMs;
    const response = await fetch(this.#address, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`the keys were answered with ${response.status}`);
    this.#keys = await keysIn(await textOf(response));
    this.#expireTime = now + ageMsOf(response);
    // A fetch that was due does not count, and one for an unknown key does not delay the next one that is due.
    this.#nextFetch = isDue ? now : Math.min(this.#nextFetch, this.#expireTime);
  }
}

function isPlaintextLoopback({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the keys have more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function ageMsOf(response: Response): number {
  const seconds = /(?:^|[\s,])max-age=(\d+)/.exec(response.headers.get("cache-control") ?? "")?.[1];
  return seconds === undefined ? defaultAgeMs : Math.min(Number(seconds) * 1_000, longestAgeMs);
}

// The keys of a JWKS that may sign access tokens. The others are left out, so that none of them hides these.
async function keysIn(jwks: string): Promise<Keys> {
  const { keys } = parseJson(jwks) as { keys: JWK[] };
  const entries = await Promise.all(keys.map((jwk) => entryOf(jwk).catch(() => undefined)));
  return new Map(entries.filter((entry) => entry !== undefined));
}

// The kind of the key chooses the algorithm. So what a token claims never decides how its signature is verified.
async function entryOf(jwk: JWK): Promise<[string, PublishedKey]> {
  const algorithm = algorithms[jwk.crv ?? jwk.kty ?? ""];
  const isForTokens = (jwk.alg ?? algorithm) === algorithm && (jwk.use ?? "sig") === "sig";
  if (!algorithm || !isForTokens || typeof jwk.kid !== "string") throw new TypeError("no key for access tokens");
  return [jwk.kid, { algorithm, key: await importJWK(jwk, algorithm) }];
}
