import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Client } from "./client.js";
import { type Decision, type Refusal, type Rule, checkRule, decide, decisions } from "./guard.js";
import { credentialHeadersOf, problemOf } from "./http.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route needs. Braces name parameters of the path. */
    rule?: Rule;
  }
}

/**
 * Guards all routes that are added to `app` from now on. Each of them names its rule: `{ config: { rule: … } }`.
 * Requests to a route without a rule are refused.
 */
export function guard(app: FastifyInstance, client: Client): void {
  app.addHook("onRoute", ({ config }) => {
    if (config?.rule !== undefined) checkRule(config.rule);
  });
  // This hook must not be async. After an async hook, Fastify runs the handler if the caller disconnects while the
  // refusal is sent.
  app.addHook("onRequest", (request, reply, done) => {
    const { rule } = request.routeOptions.config;
    decide(client, rule, credentialHeadersOf(request.raw.rawHeaders), request.params).then(
      (decision) => {
        if (decision) decisions.set(request, decision);
        done();
      },
      (refusal: Refusal) => {
        const { status, headers, body } = problemOf(refusal);
        void reply.code(status).headers(headers).send(body);
      },
    );
  });
}

/** The decision of the guard. undefined if the rule of the route is public. */
export function decisionOf(request: FastifyRequest): Decision | undefined {
  return decisions.get(request);
}
