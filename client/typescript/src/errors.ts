import { type DescMessage, type MessageShape, fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { type ServiceError, status } from "@grpc/grpc-js";
import { millisecondsOf } from "./duration.js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { type Status, StatusSchema } from "./gen/google/rpc/status_pb.js";

/** The domain of the service's reasons. */
export const domain = "identity.v1";

/** The trailer that has a google.rpc.Status. */
export const detailsTrailer = "grpc-status-details-bin";

/** A field of a request that breaks a rule, and the rule. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** What an error of the service says besides its code and message. */
export interface ErrorFacts {
  readonly reason?: string;
  readonly retryDelayMs?: number | undefined;
  readonly violations?: readonly FieldViolation[];
}

/** Why a call failed. */
export class IdentityError extends Error {
  override readonly name = "IdentityError";
  /** An ErrorReason of the contract, such as "RATE_LIMITED". Empty if the error is not from the service. */
  readonly reason: string;
  /** The delay before a retry, if the service asks for one. */
  readonly retryDelayMs: number | undefined;
  /** The fields that the service refused. */
  readonly violations: readonly FieldViolation[];

  constructor(
    readonly code: status,
    message: string,
    { reason = "", retryDelayMs, violations = [] }: ErrorFacts = {},
  ) {
    super(message);
    this.reason = reason;
    this.retryDelayMs = retryDelayMs;
    this.violations = violations;
  }

  /** The gRPC error is not kept as the cause, because it has all metadata of the answer. */
  static from(error: ServiceError): IdentityError {
    return new IdentityError(error.code, error.details, factsOf(error));
  }
}

function factsOf(error: ServiceError): ErrorFacts {
  const [bytes] = error.metadata.get(detailsTrailer);
  if (!(bytes instanceof Buffer)) return {};
  try {
    return read(fromBinary(StatusSchema, bytes));
  } catch {
    return {}; // malformed details, for example of a proxy
  }
}

function read(details: Status): ErrorFacts {
  const info = detail(details, ErrorInfoSchema);
  const delay = detail(details, RetryInfoSchema)?.retryDelay;
  const violations = detail(details, BadRequestSchema)?.fieldViolations ?? [];
  return {
    reason: info?.domain === domain ? info.reason : "",
    retryDelayMs: delay && millisecondsOf(delay),
    violations: violations.map(({ field, description }) => ({ field, description })),
  };
}

function detail<Desc extends DescMessage>(details: Status, schema: Desc): MessageShape<Desc> | undefined {
  for (const any of details.details) {
    const message = anyUnpack(any, schema);
    if (message) return message;
  }
  return undefined;
}
