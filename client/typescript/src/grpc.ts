import { create, toBinary } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import * as grpc from "@grpc/grpc-js";
import type { Client } from "./client.js";
import { durationOf } from "./duration.js";
import { detailsTrailer, domain } from "./errors.js";
import { ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "./gen/google/rpc/status_pb.js";
import {
  type CredentialHeaders,
  type Decision,
  type Refusal,
  type Rule,
  checkRule,
  decide,
  decisions,
} from "./guard.js";

/**
 * Guards all methods of a server: `new Server({ interceptors: [guard(client, rules)] })`. The rules have the names of
 * methods such as "/guestbook.v1.Guestbook/Read". A method without a rule is refused.
 *
 * Braces name members of the request as your stubs have them. A method with a stream of requests is decided before its
 * first message, so its rule has no braces.
 */
export function guard(client: Client, rules: Readonly<Record<string, Rule>>): grpc.ServerInterceptor {
  const table = new Map(Object.entries(rules));
  table.forEach(checkRule);
  return (method, call) => {
    const rule = table.get(method.path);
    let metadata: grpc.Metadata;
    const letPass = async (fields: unknown, pass: () => void) => {
      try {
        const decision = await decide(client, rule, credentialHeadersOf(metadata), fields);
        if (decision) decisions.set(metadata, decision);
      } catch (refusal) {
        return call.sendStatus(statusOf(refusal as Refusal));
      }
      pass();
    };
    const listener = new grpc.ServerListenerBuilder()
      .withOnReceiveMetadata((received, next) => {
        metadata = received;
        if (!method.requestStream) return next(received);
        void letPass({}, () => next(received));
      })
      .withOnReceiveMessage((message, next) => {
        if (method.requestStream) return next(message);
        void letPass(message, () => next(message));
      })
      .build();
    return new grpc.ServerInterceptingCall(call, { start: (next) => next(listener) });
  };
}

/** The decision of the guard. undefined if the rule of the method is public. */
export function decisionOf(call: { readonly metadata: grpc.Metadata }): Decision | undefined {
  return decisions.get(call.metadata);
}

function credentialHeadersOf(metadata: grpc.Metadata): CredentialHeaders {
  const valuesOf = (name: string) => metadata.get(name).map(String);
  return { authorization: valuesOf("authorization"), apiKey: valuesOf("x-api-key") };
}

function statusOf({ code, reason, message, retryDelayMs }: Refusal): grpc.StatusObject {
  const details: Any[] = [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain }))];
  if (retryDelayMs !== undefined) {
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationOf(retryDelayMs) })));
  }
  const status = create(StatusSchema, { code, message, details });
  const metadata = new grpc.Metadata();
  metadata.set(detailsTrailer, Buffer.from(toBinary(StatusSchema, status)));
  return { code, details: message, metadata };
}
