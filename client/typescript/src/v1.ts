// The messages and enums of the contract.
export * from "./gen/identity/v1/account_service_pb.js";
export * from "./gen/identity/v1/admin_service_pb.js";
export * from "./gen/identity/v1/errors_pb.js";
export * from "./gen/identity/v1/identity_service_pb.js";
export * from "./gen/identity/v1/types_pb.js";
