import { type DescField, type DescMessage, type Message, getOption } from "@bufbuild/protobuf";
import { sensitive } from "./gen/identity/v1/options_pb.js";

type Fields = Record<string, unknown>;

/**
 * Hides the fields that the contract marks as sensitive: code can read them, but `util.inspect`, `JSON.stringify` and
 * spreading leave them out. Returns the message.
 */
export function conceal<M extends Message>(schema: DescMessage, message: M): M {
  for (const field of schema.fields) concealField(field, message as unknown as Fields);
  return message;
}

function concealField(field: DescField, message: Fields): void {
  const [owner, key] = slotOf(field, message);
  if (owner?.[key] === undefined) return;
  if (getOption(field, sensitive)) Object.defineProperty(owner, key, { enumerable: false });
  if (!field.message) return;
  for (const value of [owner[key]].flat()) conceal(field.message, value as Message);
}

// The object and the key where the value of the field is. A member of a oneof is in `{ case, value }`.
function slotOf(field: DescField, message: Fields): [owner: Fields | undefined, key: string] {
  if (!field.oneof) return [message, field.localName];
  const member = message[field.oneof.localName] as Fields;
  return [member["case"] === field.localName ? member : undefined, "value"];
}
