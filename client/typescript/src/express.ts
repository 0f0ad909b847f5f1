import { type Request, type RequestHandler, type Response, Router } from "express";
import type { Client } from "./client.js";
import { type Decision, type Refusal, type Rule, checkRule, decide, decisions, withoutRule } from "./guard.js";
import { credentialHeadersOf, problemOf } from "./http.js";

type Method = "get" | "post" | "put" | "patch" | "delete" | "use";

/** Adds a route, or with `use` all below a path. Its rule is checked first; a route without one cannot be added. */
export type AddRoute = (path: string, rule: Rule, ...handlers: RequestHandler[]) => void;

/**
 * Middleware with routes. Braces in their rules name parameters of the path. Requests to other routes are refused, so
 * routers and apps that are added to the app later get none.
 */
export type GuardedRouter = RequestHandler & Readonly<Record<Method, AddRoute>>;

export function guardedRouter(client: Client): GuardedRouter {
  const router = Router();
  const addRoute =
    (method: Method): AddRoute =>
    (path, rule, ...handlers) => {
      checkRule(rule);
      router[method](path, guard(client, rule), ...handlers);
    };
  const handler: RequestHandler = (request, response, next) =>
    router(request, response, (error) => (error ? next(error) : refuse(response, withoutRule())));
  return Object.assign(handler, {
    get: addRoute("get"),
    post: addRoute("post"),
    put: addRoute("put"),
    patch: addRoute("patch"),
    delete: addRoute("delete"),
    use: addRoute("use"),
  });
}

/** The decision of the guard. undefined if the rule of the route is public. */
export function decisionOf(request: Request): Decision | undefined {
  return decisions.get(request);
}

function guard(client: Client, rule: Rule): RequestHandler {
  return (request, response, next) => {
    decide(client, rule, credentialHeadersOf(request.rawHeaders), request.params).then(
      (decision) => {
        if (decision) decisions.set(request, decision);
        next();
      },
      (refusal: Refusal) => refuse(response, refusal),
    );
  };
}

function refuse(response: Response, refusal: Refusal): void {
  const { status, headers, body } = problemOf(refusal);
  response.status(status).set(headers).send(body);
}
