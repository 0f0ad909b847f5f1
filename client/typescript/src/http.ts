// What the guards of Express and Fastify have in common.

import { STATUS_CODES } from "node:http";
import { status } from "@grpc/grpc-js";
import type { CredentialHeaders, Refusal } from "./guard.js";

/** An answer by RFC 9457. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const statuses: Partial<Record<status, number>> = {
  [status.INVALID_ARGUMENT]: 400,
  [status.UNAUTHENTICATED]: 401,
  [status.PERMISSION_DENIED]: 403,
  [status.RESOURCE_EXHAUSTED]: 429,
};

export function problemOf({ code, reason, message, challenge, retryDelayMs }: Refusal): Problem {
  const httpStatus = statuses[code] ?? 503;
  const headers: Record<string, string> = { "Content-Type": "application/problem+json" };
  if (challenge !== undefined) {
    headers["WWW-Authenticate"] = ['Bearer realm="identity"', challenge].filter(Boolean).join(", ");
  }
  if (retryDelayMs !== undefined) headers["Retry-After"] = String(Math.max(1, Math.ceil(retryDelayMs / 1_000)));
  const body = { type: "about:blank", title: STATUS_CODES[httpStatus], status: httpStatus, detail: message, reason };
  return { status: httpStatus, headers, body: JSON.stringify(body) };
}

/** From the raw headers, since Node drops a second `authorization` from the others. */
export function credentialHeadersOf(rawHeaders: readonly string[]): CredentialHeaders {
  const valuesOf = (name: string) =>
    rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
  return { authorization: valuesOf("authorization"), apiKey: valuesOf("x-api-key") };
}
