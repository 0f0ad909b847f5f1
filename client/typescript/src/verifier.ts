import { status } from "@grpc/grpc-js";
import { type JWTHeaderParameters, type JWTPayload, errors, jwtVerify } from "jose";
import { IdentityError } from "./errors.js";
import { type PublishedKey, PublishedKeys } from "./jwks.js";
import { parseJson } from "./json.js";

const toleranceSeconds = 30;
const maxTokenLength = 8 * 1_024;

export interface TokenVerifierOptions {
  /** The address of the published keys: over https, or over http from loopback. */
  readonly jwks: string;
  /** The service's issuer. */
  readonly issuer: string;
  /** The name of this backend, for which clients request tokens. */
  readonly audience: string;
  /** The time in milliseconds; tests replace it. */
  readonly now?: () => number;
}

/** The claims of an access token that a TokenVerifier has verified. Nothing else makes one. */
class VerifiedToken {
  readonly #claims: JWTPayload;
  /** UUID of the principal. */
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly expireTime: Date;

  constructor(claims: JWTPayload) {
    this.#claims = claims;
    this.subject = textIn(claims, "sub");
    this.clientId = textIn(claims, "client_id");
    textIn(claims, "jti");
    this.scopes = typeof claims["scope"] === "string" ? claims["scope"].split(" ") : [];
    this.expireTime = new Date(claims.exp! * 1_000);
  }

  /** All claims, for example `roles` and `sid`. */
  get claims(): Readonly<JWTPayload> {
    return this.#claims;
  }
}
export type { VerifiedToken };

/**
 * Verifies access tokens by the published keys alone (RFC 9068).
 *
 * It knows no revocation, no disabled principal and no permission. Until it expires, a token of a thief passes. Ask the
 * service where that matters.
 */
export class TokenVerifier {
  readonly #keys: PublishedKeys;
  readonly #issuer: string;
  readonly #audience: string;
  readonly #now: () => number;

  constructor({ jwks, issuer, audience, now = Date.now }: TokenVerifierOptions) {
    if (!issuer || !audience) throw new TypeError("issuer and audience are required");
    this.#keys = new PublishedKeys(jwks, now);
    this.#issuer = issuer;
    this.#audience = audience;
    this.#now = now;
  }

  /** Throws an IdentityError: UNAUTHENTICATED for an invalid token, UNAVAILABLE if the keys cannot be had. */
  async verify(token: string): Promise<VerifiedToken> {
    if (token.length > maxTokenLength) throw invalid("it is too long");
    try {
      // jose reads both again. It would take the last of two members of the same name.
      for (const part of token.split(".", 2)) parseJson(Buffer.from(part, "base64url").toString());
      const { payload } = await jwtVerify(token, (header) => this.#keyFor(header), {
        algorithms: ["EdDSA", "ES256", "RS256"],
        typ: "at+jwt",
        issuer: this.#issuer,
        audience: this.#audience,
        requiredClaims: ["exp", "iat", "sub", "client_id", "jti"],
        clockTolerance: toleranceSeconds,
        currentDate: new Date(this.#now()),
      });
      if (payload.iat! * 1_000 > this.#now() + toleranceSeconds * 1_000) throw invalid("it is from the future");
      return new VerifiedToken(payload);
    } catch (error) {
      if (error instanceof IdentityError) throw error;
      // Not kept as the cause, because it has the claims.
      throw invalid(error instanceof errors.JOSEError ? error.message : "it is malformed");
    }
  }

  async #keyFor({ kid, alg }: JWTHeaderParameters): Promise<PublishedKey["key"]> {
    const found = kid === undefined ? undefined : await this.#find(kid);
    if (found?.algorithm !== alg || found === undefined) throw invalid("its key is unknown");
    return found.key;
  }

  async #find(keyId: string): Promise<PublishedKey | undefined> {
    try {
      return await this.#keys.find(keyId);
    } catch {
      throw new IdentityError(status.UNAVAILABLE, "the published keys cannot be had");
    }
  }
}

function textIn(claims: JWTPayload, name: string): string {
  const value = claims[name];
  if (typeof value !== "string" || value === "") throw invalid(`its claim ${name} is no text`);
  return value;
}

function invalid(why: string): IdentityError {
  return new IdentityError(status.UNAUTHENTICATED, `the access token is not valid: ${why}`);
}
