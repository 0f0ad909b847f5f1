export { Client, type Calls, type CallOptions, type ClientOptions } from "./client.js";
export { FileToken, type TokenSource } from "./credential.js";
export { IdentityError, type FieldViolation } from "./errors.js";
export type { Decision, Rule } from "./guard.js";
export { Session, type SessionOptions } from "./session.js";
export { TokenVerifier, type TokenVerifierOptions, type VerifiedToken } from "./verifier.js";
export * as v1 from "./v1.js";
