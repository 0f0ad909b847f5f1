import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { status } from "@grpc/grpc-js";
import { bearerOf } from "../src/credential.js";
import { FileToken } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "identity-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

test("a file is read again after 10 seconds", () => {
  const path = join(folder, "rotated");
  let nowMs = 0;
  const file = new FileToken(path, () => nowMs);
  writeFileSync(path, "first\n");
  assert.equal(file.token(), "first");
  writeFileSync(path, "second\n");
  nowMs = 9_999;
  assert.equal(file.token(), "first");
  nowMs = 10_000;
  assert.equal(file.token(), "second");
});

test("the last token stays while the file is away", () => {
  const path = join(folder, "removed");
  let nowMs = 0;
  const file = new FileToken(path, () => nowMs);
  assert.throws(() => file.token(), { code: status.UNAUTHENTICATED });
  writeFileSync(path, "first");
  assert.equal(file.token(), "first");
  rmSync(path);
  nowMs = 10_000;
  assert.equal(file.token(), "first");
});

test("a credential with characters that no token has is refused, and not shown", async () => {
  for (const credential of ["", "idk_secret\n", "idk secret", "idk_sécret"]) {
    await assert.rejects(bearerOf(credential), (error: Error) => !error.message.includes("idk"));
  }
});
