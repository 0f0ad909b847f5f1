import { status } from "@grpc/grpc-js";
import type { Client } from "./client.js";
import type { TokenSource } from "./credential.js";
import { millisecondsOf } from "./duration.js";
import { IdentityError } from "./errors.js";
import type { TokenSet } from "./gen/identity/v1/types_pb.js";

const aheadMs = 60_000;
// Well below the 10 seconds in which a lost answer can be repeated.
const pauseMs = 1_000;

export interface SessionOptions {
  /** The time in milliseconds; tests replace it. */
  readonly now?: () => number;
}

/**
 * A login that stays valid: holds its tokens and refreshes them before they expire.
 *
 * At most one refresh runs at a time, because the first use of a refresh token spends it. For the same reason,
 * sessions, processes and machines must not share a refresh token.
 */
export class Session implements TokenSource {
  /** UUIDs. */
  readonly id: string;
  readonly principalId: string;

  readonly #client: Client;
  readonly #now: () => number;
  #accessToken = "";
  #refreshToken = "";
  #expireTime = 0;
  #nextRefresh = 0;
  #refreshing: Promise<void> | undefined;
  #error = new IdentityError(status.UNAUTHENTICATED, "the access token has expired");

  /** `tokens` are those of a login. */
  constructor(client: Client, tokens: TokenSet, { now = Date.now }: SessionOptions = {}) {
    if (!tokens.accessToken) {
      throw new TypeError("the tokens have no access token; a login that needs a second factor has none yet");
    }
    this.id = tokens.sessionId;
    this.principalId = tokens.principalId;
    this.#client = client;
    this.#now = now;
    this.#keep(tokens);
  }

  /**
   * An access token that has not expired. Waits for a refresh only when there is no such token. Errors are those of
   * Refresh. A bad refresh token ends the session, and every later call throws it, too: log in again.
   */
  async token(): Promise<string> {
    if (this.#now() >= this.#nextRefresh) {
      this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    }
    if (!this.#isValid()) await this.#refreshing;
    if (!this.#isValid()) throw this.#error;
    return this.#accessToken;
  }

  #isValid(): boolean {
    return this.#accessToken !== "" && this.#now() < this.#expireTime;
  }

  // Never fails: keeps the error.
  async #refresh(): Promise<void> {
    try {
      const { tokens } = await this.#client.identity.refresh({ refreshToken: this.#refreshToken });
      if (!tokens?.accessToken) throw new IdentityError(status.INTERNAL, "the answer has no tokens");
      this.#keep(tokens);
    } catch (error) {
      this.#fail(error as IdentityError);
    }
  }

  #keep(tokens: TokenSet): void {
    const lifetime = tokens.expiresIn ? millisecondsOf(tokens.expiresIn) : 0;
    this.#accessToken = tokens.accessToken;
    this.#refreshToken = tokens.refreshToken;
    this.#expireTime = this.#now() + lifetime;
    // The tokens of an API key have no refresh token.
    this.#nextRefresh = this.#refreshToken ? this.#now() + Math.max(lifetime - aheadMs, lifetime / 2) : Infinity;
  }

  #fail(error: IdentityError): void {
    this.#error = error;
    this.#nextRefresh = this.#now() + pauseMs;
    if (!error.reason.startsWith("REFRESH_TOKEN_")) return;
    this.#accessToken = "";
    this.#nextRefresh = Infinity;
  }
}
