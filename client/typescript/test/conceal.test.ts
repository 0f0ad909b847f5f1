import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import {
  type DescField,
  type DescMessage,
  type Message,
  ScalarType,
  create,
  fromBinary,
  getOption,
  toBinary,
} from "@bufbuild/protobuf";
import { conceal } from "../src/conceal.js";
import { file_identity_v1_account_service } from "../src/gen/identity/v1/account_service_pb.js";
import { file_identity_v1_admin_service } from "../src/gen/identity/v1/admin_service_pb.js";
import { file_identity_v1_identity_service } from "../src/gen/identity/v1/identity_service_pb.js";
import { sensitive } from "../src/gen/identity/v1/options_pb.js";
import { file_identity_v1_types } from "../src/gen/identity/v1/types_pb.js";
import { v1 } from "../src/index.js";

const secret = "hidden-text";
const files = [
  file_identity_v1_account_service,
  file_identity_v1_admin_service,
  file_identity_v1_identity_service,
  file_identity_v1_types,
];

// The message with a secret in each sensitive field that can be set at the same time. `member` chooses among oneofs.
function filled(schema: DescMessage, member: number): Message {
  const fields: Record<string, unknown> = {};
  for (const part of schema.members) {
    const field = part.kind === "field" ? part : part.fields[member % part.fields.length]!;
    const value = valueFor(field, member);
    if (value === undefined) continue;
    fields[part.localName] = part.kind === "field" ? value : { case: field.localName, value };
  }
  return create(schema, fields);
}

function valueFor(field: DescField, member: number): unknown {
  const one = () => {
    if (field.message)
      return field.message.typeName.startsWith("identity.v1.") ? filled(field.message, member) : undefined;
    if (!getOption(field, sensitive)) return undefined;
    return field.scalar === ScalarType.BYTES ? Buffer.from(secret) : secret;
  };
  const value = one();
  return field.fieldKind === "list" && value !== undefined ? [value] : value;
}

function textsOf(message: Message): string[] {
  const bigintAsText = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
  return [inspect(message, { depth: null }), JSON.stringify(message, bigintAsText), `${message}`];
}

function shows(texts: string[]): boolean {
  const bytes = inspect(Buffer.from(secret)).slice(8, -1);
  return texts.some((text) => text.includes(secret) || text.includes(bytes));
}

test("no text of a message of the contract has a secret", () => {
  let withSecrets = 0;
  for (const schema of files.flatMap((file) => file.messages)) {
    for (let member = 0; member < 6; member++) {
      const message = filled(schema, member);
      if (shows(textsOf(message))) withSecrets++;
      assert.equal(shows(textsOf(conceal(schema, message))), false, schema.typeName);
    }
  }
  assert.ok(withSecrets > 50, "the messages had secrets before");
});

test("code can read a hidden secret, and messages with it keep their bytes", () => {
  const bytes = toBinary(v1.TokenSetSchema, create(v1.TokenSetSchema, { accessToken: secret, tokenType: "Bearer" }));
  const message = conceal(v1.TokenSetSchema, fromBinary(v1.TokenSetSchema, bytes));
  assert.equal(message.accessToken, secret);
  assert.deepEqual(toBinary(v1.TokenSetSchema, message), bytes);
});
