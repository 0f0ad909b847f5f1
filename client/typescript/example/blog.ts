// A guarded Express service with posts. Everyone with posts:update on a post may change it.
//
//   IDENTITY_ADDRESS=localhost:50051 IDENTITY_API_KEY=idk_… PORT=8000 node dist/example/blog.js

import type { AddressInfo } from "node:net";
import { Client, type Rule } from "@identity/client";
import { decisionOf, guardedRouter } from "@identity/client/express";
import express, { type Request, type RequestHandler } from "express";

interface Post {
  text: string;
  author: string;
}

const posts = new Map<string, Post>();

// From the values of which the guard makes the resource. `request.path` could spell them in another way.
const keyOf = ({ params }: Request): string => `${params["org"]}/${params["id"]}`;

const readPost: RequestHandler = (request, response) => {
  const post = posts.get(keyOf(request));
  if (post) response.json(post);
  else response.sendStatus(404);
};

const writePost: RequestHandler = (request, response) => {
  const author = decisionOf(request)?.principal.username ?? "";
  const post = { text: String(request.body.text), author };
  posts.set(keyOf(request), post);
  response.json(post);
};

const client = new Client({
  address: process.env["IDENTITY_ADDRESS"] ?? "localhost:50051",
  plaintext: true, // only for a server on this machine
  credential: process.env["IDENTITY_API_KEY"],
});

const onPost = (permission: string): Rule => ({ permission, resource: "orgs/{org}/posts/{id}" });

const routes = guardedRouter(client);
routes.get("/orgs/:org/posts/:id", onPost("posts:read"), readPost);
routes.put("/orgs/:org/posts/:id", onPost("posts:update"), express.json(), writePost);
routes.get("/health", "public", (_, response) => void response.send("ok"));

const server = express()
  .use(routes)
  .listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
    console.log(`listening on 127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
