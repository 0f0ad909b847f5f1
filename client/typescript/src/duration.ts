import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";

export function millisecondsOf(span: Duration): number {
  return Number(span.seconds) * 1_000 + span.nanos / 1_000_000;
}

export function durationOf(milliseconds: number): Duration {
  const seconds = Math.floor(milliseconds / 1_000);
  const nanos = Math.round((milliseconds - seconds * 1_000) * 1_000_000);
  return create(DurationSchema, { seconds: BigInt(seconds), nanos });
}
