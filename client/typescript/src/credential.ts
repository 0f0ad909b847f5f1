import { readFileSync } from "node:fs";
import { status } from "@grpc/grpc-js";
import { IdentityError } from "./errors.js";

/** Gives the API key or access token for a call. */
export interface TokenSource {
  token(): string | Promise<string>;
}

const rereadMs = 10_000;

/**
 * A token in a file, such as that of a Kubernetes service account. Calls read the file again at most once in 10
 * seconds. If that fails, the last token stays.
 */
export class FileToken implements TokenSource {
  readonly #path: string;
  readonly #now: () => number;
  #text = "";
  #nextRead = -Infinity;

  constructor(path: string, now: () => number = Date.now) {
    this.#path = path;
    this.#now = now;
  }

  token(): string {
    if (this.#now() >= this.#nextRead) this.#read();
    if (this.#text === "") throw new IdentityError(status.UNAUTHENTICATED, `${this.#path} is missing or empty`);
    return this.#text;
  }

  #read(): void {
    const text = textOf(this.#path);
    if (text === "") return;
    this.#text = text;
    this.#nextRead = this.#now() + rereadMs;
  }
}

// Synchronous, so that no two callers read at the same time. The file is small and local.
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

/** The metadata's value. Checked here, because the error of gRPC would contain the credential. */
export async function bearerOf(source: string | TokenSource): Promise<string> {
  const token = typeof source === "string" ? source : await source.token();
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new IdentityError(status.UNAUTHENTICATED, "the credential is empty or has characters that no token has");
  }
  return `Bearer ${token}`;
}
