// Whether and when a call is repeated. Pure rules.

import type { Message } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import type { IdentityError } from "./errors.js";

const maxCalls = 5;
const firstPauseMs = 20;
const longestPauseMs = 1_000;

/**
 * When a call may be repeated. "never": a second call could have another effect, or be a second guess of a password.
 * "whenUnavailable": safe for the 10 seconds in which a spent refresh token still gives the same successor.
 */
export type Repeat = "never" | "whenUnavailable" | "always";

/** Decides by the name of the RPC and by its request. Unknown RPCs are never repeated. */
export function repeatOf(rpc: string, request: Message): Repeat {
  if (rpc === "Refresh") return "whenUnavailable";
  const isSafe = /^(Get|List|Check|BatchCheck)/.test(rpc) || rpc === "Revoke";
  return isSafe || hasRequestId(request) || exchangesApiKey(request) ? "always" : "never";
}

function hasRequestId(request: Message): boolean {
  return "requestId" in request && request.requestId !== "";
}

function exchangesApiKey(request: Message): boolean {
  if (request.$typeName !== "identity.v1.AuthenticateRequest") return false;
  const { credential } = request as Message & { credential?: { case?: string } };
  return credential?.case === "apiKey";
}

/** Decides whether the error justifies another call. `made`: the number of calls so far. */
export function mayRepeat(error: IdentityError, repeat: Repeat, made: number): boolean {
  if (made >= maxCalls) return false;
  if (refusedByShutdown(error)) return true;
  if (repeat === "never") return false;
  if (error.code === status.UNAVAILABLE) return true;
  return repeat === "always" && ["CONFLICT", "OVERLOADED", "COMMIT_IN_DOUBT"].includes(error.reason);
}

// A gRPC server answers so to a call that arrives while it shuts down. No handler has seen the call, and this library
// cancels none.
function refusedByShutdown(error: IdentityError): boolean {
  return error.code === status.CANCELLED && error.message === "CANCELLED";
}

/** The pause after `made` calls. `random` is from 0 to 1. */
export function pauseMs(error: IdentityError, made: number, random: number): number {
  const pause = Math.min(firstPauseMs * 2 ** (made - 1), longestPauseMs) * (1 - random / 2);
  const requested = error.retryDelayMs ?? 0;
  // The service asks all clients for the same delay, so a random part is added.
  return requested < pause ? pause : requested + firstPauseMs * random;
}
