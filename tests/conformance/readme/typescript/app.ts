import type { AddressInfo } from "node:net";
import express, { type RequestHandler } from "express";
import { decisionOf } from "@identity/client/express";

const settings = {
  address: process.env.IDENTITY_ADDRESS ?? "",
  plaintext: true,
  credential: process.env.IDENTITY_SERVICE_KEY,
};

const readPost: RequestHandler = (request, response) => {
  response.json({ reader: decisionOf(request)?.principal.username });
};

const app = express();
// @LINES@
const server = app.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as AddressInfo).port}`));
