import { type JWK, type KeyLike, importJWK } from "jose";

/** A key that verifies tokens of one algorithm. */
export interface PublishedKey {
  readonly algorithm: string;
  readonly key: KeyLike | Uint8Array;
}

const algorithms: Partial<Record<string, string>> = { Ed25519: "EdDSA", "P-256": "ES256", RSA: "RS256" };

const defaultAgeMs = 300_000;
const refetchMs = 10_000;
const timeoutMs = 2_000;

/** The keys at an address. Keeps them as long as the answer allows, and fetches them again for an unknown key id. */
export class PublishedKeys {
  readonly #address: URL;
  readonly #now: () => number;
  #keys: ReadonlyMap<string, PublishedKey> = new Map();
  #expireTime = -Infinity;
  #lastFetch = -Infinity;
  #fetching: Promise<void> | undefined;

  /** Throws if strangers could change what the address answers. */
  constructor(address: string, now: () => number) {
    this.#address = new URL(address);
    this.#now = now;
    if (this.#address.protocol !== "https:" && !isPlaintextLoopback(this.#address)) {
      throw new TypeError("jwks: must be an address over https, or over http from loopback");
    }
  }

  async find(keyId: string): Promise<PublishedKey | undefined> {
    const isUnknown = !this.#keys.has(keyId) && this.#now() >= this.#lastFetch + refetchMs;
    if (isUnknown || this.#now() >= this.#expireTime) {
      await (this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined)));
    }
    return this.#keys.get(keyId);
  }

  async #fetch(): Promise<void> {
    this.#lastFetch = this.#now();
    const response = await fetch(this.#address, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`the keys were answered with ${response.status}`);
    const { keys } = (await response.json()) as { keys: JWK[] };
    this.#keys = new Map(await Promise.all(keys.filter(algorithmOf).map(entryOf)));
    this.#expireTime = this.#lastFetch + ageMsOf(response);
  }
}

function isPlaintextLoopback({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function ageMsOf(response: Response): number {
  const seconds = /\bmax-age=(\d+)/.exec(response.headers.get("cache-control") ?? "")?.[1];
  return seconds === undefined ? defaultAgeMs : Number(seconds) * 1_000;
}

// undefined for a key without an id, or of another kind. So the algorithm that a token claims never decides how its
// signature is verified.
function algorithmOf({ kid, kty, crv, alg }: JWK): string | undefined {
  const algorithm = algorithms[crv ?? kty ?? ""];
  return kid !== undefined && (alg ?? algorithm) === algorithm ? algorithm : undefined;
}

async function entryOf(jwk: JWK): Promise<[string, PublishedKey]> {
  const algorithm = algorithmOf(jwk)!;
  return [jwk.kid!, { algorithm, key: await importJWK(jwk, algorithm) }];
}
