// The rules of all guards. express.ts, fastify.ts and grpc.ts connect them to servers.

import { timestampDate } from "@bufbuild/protobuf/wkt";
import { status } from "@grpc/grpc-js";
import type { Client } from "./client.js";
import { millisecondsOf } from "./duration.js";
import { IdentityError } from "./errors.js";
import {
  type CheckPermissionRequest,
  type CheckPermissionResponse,
  Decision as Verdict,
  Reason,
} from "./gen/identity/v1/identity_service_pb.js";
import type { Principal } from "./gen/identity/v1/types_pb.js";
import { checkTemplate, fillIn } from "./template.js";

/** What a method or a route needs. "public": the guard asks nothing. */
export type Rule =
  | "public"
  | {
      readonly permission: string;
      /** A template such as "orgs/{org}/posts/{id}". Braces name a field of the request, or of the route. */
      readonly resource: string;
    };

/** Who makes the request, and what the credential of the request is good for. */
export interface Decision {
  readonly principal: Principal;
  /** UUID; empty without a session. */
  readonly sessionId: string;
  /** Of the credential; `*` without one. */
  readonly scopes: readonly string[];
  /** The revision at which the decision is true. */
  readonly consistencyToken: string;
  /** When the credential or the granting binding expires. undefined: neither does. */
  readonly expireTime: Date | undefined;
}

/** Each value of the headers that have a credential. */
export interface CredentialHeaders {
  readonly authorization: readonly string[];
  readonly apiKey: readonly string[];
}

interface RefusalFacts {
  readonly retryDelayMs?: number;
  readonly challenge?: string;
}

/** The answer to a request that the guard does not let through. It tells no secrets of the backend. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly retryDelayMs: number | undefined;
  /** The parameters of `WWW-Authenticate: Bearer`. undefined: without that header. */
  readonly challenge: string | undefined;

  constructor(
    readonly code: status,
    readonly reason: string,
    message: string,
    { retryDelayMs, challenge }: RefusalFacts = {},
  ) {
    super(message);
    this.retryDelayMs = retryDelayMs;
    this.challenge = challenge;
  }
}

/** The decisions of requests that a guard has let through. */
export const decisions = new WeakMap<object, Decision>();

const permissionPattern = /^[a-z0-9_-]{1,64}(:[a-z0-9_-]{1,64}){0,7}$/;
const defaultRetryDelayMs = 1_000;
const invalidToken = 'error="invalid_token"';

/** Throws if the rule is none. */
export function checkRule(rule: Rule): void {
  if (rule === "public") return;
  if (typeof rule?.permission !== "string" || typeof rule.resource !== "string") {
    throw new TypeError('a rule is "public" or { permission, resource }');
  }
  if (!permissionPattern.test(rule.permission)) throw new TypeError(`"${rule.permission}" is no permission`);
  checkTemplate(rule.resource);
}

/**
 * Asks the service about a request. `fields` are those of the request or of the route. Returns undefined if the rule is
 * public. Throws a Refusal, and nothing else, if the request must not reach its handler.
 */
export async function decide(
  client: Client,
  rule: Rule | undefined,
  headers: CredentialHeaders,
  fields: unknown,
): Promise<Decision | undefined> {
  try {
    return await ask(client, rule, headers, fields);
  } catch (error) {
    throw error instanceof Refusal ? error : undecided(error);
  }
}

async function ask(
  client: Client,
  rule: Rule | undefined,
  headers: CredentialHeaders,
  fields: unknown,
): Promise<Decision | undefined> {
  if (rule === undefined) throw withoutRule();
  if (rule === "public") return undefined;
  const subject = subjectOf(headers);
  const resource = fillIn(rule.resource, fields);
  if (resource === undefined) {
    throw new Refusal(status.INVALID_ARGUMENT, "INVALID_FIELD", "a name in the request is malformed");
  }
  const response = await client.identity.checkPermission({ subject, permission: rule.permission, resource });
  if (response.decision === Verdict.ALLOWED && response.principal) return decisionOf(response, response.principal);
  throw refusalOf(response, rule.permission, subject.case !== "anonymous");
}

type Subject = CheckPermissionRequest["subject"];

function subjectOf({ authorization, apiKey }: CredentialHeaders): Subject {
  const texts = authorization.length > 0 ? authorization.map(bearerTokenOf) : apiKey;
  if (texts.length === 0) return { case: "anonymous", value: true };
  const [text = ""] = texts;
  // The characters of a token by RFC 6750, section 2.1. HTTP/2 in Node joins two values with a comma.
  if (texts.length > 1 || !/^[A-Za-z0-9._~+/-]+=*$/.test(text)) {
    throw new Refusal(status.UNAUTHENTICATED, "CREDENTIAL_INVALID", "the credential is malformed", {
      challenge: invalidToken,
    });
  }
  const isKey = authorization.length === 0 || text.startsWith("idk_");
  return { case: isKey ? "apiKey" : "accessToken", value: text };
}

// "" for another scheme.
function bearerTokenOf(authorization: string): string {
  return /^bearer +(.*)$/i.exec(authorization)?.[1] ?? "";
}

export function withoutRule(): Refusal {
  return new Refusal(status.PERMISSION_DENIED, "METHOD_WITHOUT_RULE", "no rule allows this request");
}

// Callers learn nothing of the cause, so the operator needs the log. Only the text of an IdentityError is sure to have
// no secret.
function undecided(error: unknown): Refusal {
  const known = error instanceof IdentityError ? error : undefined;
  warn(known ? `${status[known.code]} ${known.reason} ${known.message}` : error instanceof Error ? error.name : "");
  return new Refusal(status.UNAVAILABLE, "UNDECIDED", "the request could not be decided", {
    retryDelayMs: known?.retryDelayMs ?? defaultRetryDelayMs,
  });
}

function warn(cause: string): void {
  console.warn(`identity: no decision: ${cause}`);
}

function decisionOf(response: CheckPermissionResponse, principal: Principal): Decision {
  const { sessionId, scopes, consistencyToken, expireTime } = response;
  return { principal, sessionId, scopes, consistencyToken, expireTime: expireTime && timestampDate(expireTime) };
}

function refusalOf(response: CheckPermissionResponse, permission: string, hasCredential: boolean): Refusal {
  const { UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_EXHAUSTED } = status;
  const reason = response.decision === Verdict.DENIED ? response.reason : Reason.UNSPECIFIED;
  switch (reason) {
    case Reason.CREDENTIAL_INVALID:
    case Reason.CREDENTIAL_EXPIRED:
    case Reason.CREDENTIAL_REVOKED:
    case Reason.PRINCIPAL_DISABLED:
      return new Refusal(UNAUTHENTICATED, Reason[reason], "a valid access token or API key is needed", {
        challenge: invalidToken,
      });
    case Reason.STEP_UP_REQUIRED:
      return new Refusal(UNAUTHENTICATED, Reason[reason], "a more recent second factor is needed", {
        challenge: 'error="insufficient_user_authentication"', // RFC 9470, section 3
      });
    case Reason.NO_BINDING:
      if (hasCredential) return new Refusal(PERMISSION_DENIED, Reason[reason], "you may not do this");
      return new Refusal(UNAUTHENTICATED, "CREDENTIAL_REQUIRED", "an access token or API key is needed", {
        challenge: "",
      });
    case Reason.SCOPE_INSUFFICIENT:
      return new Refusal(PERMISSION_DENIED, Reason[reason], "the scopes of the credential do not allow this", {
        challenge: `error="insufficient_scope", scope="${permission}"`,
      });
    case Reason.QUOTA_EXCEEDED: {
      const reset = response.quota?.reset;
      return new Refusal(RESOURCE_EXHAUSTED, Reason[reason], "the API key has used up its requests", {
        retryDelayMs: reset ? millisecondsOf(reset) : defaultRetryDelayMs,
      });
    }
    default:
      warn(`the service answers with decision ${response.decision} and reason ${response.reason}`);
      return new Refusal(PERMISSION_DENIED, "UNDECIDED", "the request could not be decided");
  }
}
