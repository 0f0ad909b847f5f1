package identity.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The service for operators and automation.
 * Each RPC names the permission that it needs and the resource where it needs it. "Everywhere" means a binding without
 * a resource. These rules also apply:
 * - A role or binding may carry a permission of the service itself (within `identity:`, or `*`). Its author must hold
 *   this permission there, within the scopes of the credential and for at least as long: PERMISSION_DENIED /
 *   GRANT_EXCEEDS_CALLER.
 * - Nobody changes their own bindings or disables themselves: PERMISSION_DENIED / OWN_ROLES.
 * - Only a super admin acts on a super admin: PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
 * RPCs that create an object accept a `request_id` (a UUID, optional). The server remembers it for 24 hours for each
 * caller. A repeat returns the same object without its secret. A repeat with other arguments is INVALID_ARGUMENT /
 * REQUEST_ID_REUSED.
 * Lists return pages of `page_size` (100 if 0, at most 1,000) with an opaque `next_page_token`, which is empty at the
 * end.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class AdminServiceGrpc {

  private AdminServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "identity.v1.AdminService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<identity.v1.CreateUserRequest,
      identity.v1.CreateUserResponse> getCreateUserMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateUser",
      requestType = identity.v1.CreateUserRequest.class,
      responseType = identity.v1.CreateUserResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.CreateUserRequest,
      identity.v1.CreateUserResponse> getCreateUserMethod() {
    io.grpc.MethodDescriptor<identity.v1.CreateUserRequest, identity.v1.CreateUserResponse> getCreateUserMethod;
    if ((getCreateUserMethod = AdminServiceGrpc.getCreateUserMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getCreateUserMethod = AdminServiceGrpc.getCreateUserMethod) == null) {
          AdminServiceGrpc.getCreateUserMethod = getCreateUserMethod =
              io.grpc.MethodDescriptor.<identity.v1.CreateUserRequest, identity.v1.CreateUserResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateUser"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CreateUserRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CreateUserResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("CreateUser"))
              .build();
        }
      }
    }
    return getCreateUserMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.GetUserRequest,
      identity.v1.GetUserResponse> getGetUserMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetUser",
      requestType = identity.v1.GetUserRequest.class,
      responseType = identity.v1.GetUserResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.GetUserRequest,
      identity.v1.GetUserResponse> getGetUserMethod() {
    io.grpc.MethodDescriptor<identity.v1.GetUserRequest, identity.v1.GetUserResponse> getGetUserMethod;
    if ((getGetUserMethod = AdminServiceGrpc.getGetUserMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getGetUserMethod = AdminServiceGrpc.getGetUserMethod) == null) {
          AdminServiceGrpc.getGetUserMethod = getGetUserMethod =
              io.grpc.MethodDescriptor.<identity.v1.GetUserRequest, identity.v1.GetUserResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetUser"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.GetUserRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.GetUserResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("GetUser"))
              .build();
        }
      }
    }
    return getGetUserMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListUsersRequest,
      identity.v1.ListUsersResponse> getListUsersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListUsers",
      requestType = identity.v1.ListUsersRequest.class,
      responseType = identity.v1.ListUsersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListUsersRequest,
      identity.v1.ListUsersResponse> getListUsersMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListUsersRequest, identity.v1.ListUsersResponse> getListUsersMethod;
    if ((getListUsersMethod = AdminServiceGrpc.getListUsersMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListUsersMethod = AdminServiceGrpc.getListUsersMethod) == null) {
          AdminServiceGrpc.getListUsersMethod = getListUsersMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListUsersRequest, identity.v1.ListUsersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListUsers"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListUsersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListUsersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListUsers"))
              .build();
        }
      }
    }
    return getListUsersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.UpdateUserRequest,
      identity.v1.UpdateUserResponse> getUpdateUserMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateUser",
      requestType = identity.v1.UpdateUserRequest.class,
      responseType = identity.v1.UpdateUserResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.UpdateUserRequest,
      identity.v1.UpdateUserResponse> getUpdateUserMethod() {
    io.grpc.MethodDescriptor<identity.v1.UpdateUserRequest, identity.v1.UpdateUserResponse> getUpdateUserMethod;
    if ((getUpdateUserMethod = AdminServiceGrpc.getUpdateUserMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getUpdateUserMethod = AdminServiceGrpc.getUpdateUserMethod) == null) {
          AdminServiceGrpc.getUpdateUserMethod = getUpdateUserMethod =
              io.grpc.MethodDescriptor.<identity.v1.UpdateUserRequest, identity.v1.UpdateUserResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateUser"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UpdateUserRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UpdateUserResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("UpdateUser"))
              .build();
        }
      }
    }
    return getUpdateUserMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.UnlockUserRequest,
      identity.v1.UnlockUserResponse> getUnlockUserMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UnlockUser",
      requestType = identity.v1.UnlockUserRequest.class,
      responseType = identity.v1.UnlockUserResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.UnlockUserRequest,
      identity.v1.UnlockUserResponse> getUnlockUserMethod() {
    io.grpc.MethodDescriptor<identity.v1.UnlockUserRequest, identity.v1.UnlockUserResponse> getUnlockUserMethod;
    if ((getUnlockUserMethod = AdminServiceGrpc.getUnlockUserMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getUnlockUserMethod = AdminServiceGrpc.getUnlockUserMethod) == null) {
          AdminServiceGrpc.getUnlockUserMethod = getUnlockUserMethod =
              io.grpc.MethodDescriptor.<identity.v1.UnlockUserRequest, identity.v1.UnlockUserResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UnlockUser"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UnlockUserRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UnlockUserResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("UnlockUser"))
              .build();
        }
      }
    }
    return getUnlockUserMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ResetCredentialsRequest,
      identity.v1.ResetCredentialsResponse> getResetCredentialsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ResetCredentials",
      requestType = identity.v1.ResetCredentialsRequest.class,
      responseType = identity.v1.ResetCredentialsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ResetCredentialsRequest,
      identity.v1.ResetCredentialsResponse> getResetCredentialsMethod() {
    io.grpc.MethodDescriptor<identity.v1.ResetCredentialsRequest, identity.v1.ResetCredentialsResponse> getResetCredentialsMethod;
    if ((getResetCredentialsMethod = AdminServiceGrpc.getResetCredentialsMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getResetCredentialsMethod = AdminServiceGrpc.getResetCredentialsMethod) == null) {
          AdminServiceGrpc.getResetCredentialsMethod = getResetCredentialsMethod =
              io.grpc.MethodDescriptor.<identity.v1.ResetCredentialsRequest, identity.v1.ResetCredentialsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ResetCredentials"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ResetCredentialsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ResetCredentialsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ResetCredentials"))
              .build();
        }
      }
    }
    return getResetCredentialsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.TrustSecondFactorRequest,
      identity.v1.TrustSecondFactorResponse> getTrustSecondFactorMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "TrustSecondFactor",
      requestType = identity.v1.TrustSecondFactorRequest.class,
      responseType = identity.v1.TrustSecondFactorResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.TrustSecondFactorRequest,
      identity.v1.TrustSecondFactorResponse> getTrustSecondFactorMethod() {
    io.grpc.MethodDescriptor<identity.v1.TrustSecondFactorRequest, identity.v1.TrustSecondFactorResponse> getTrustSecondFactorMethod;
    if ((getTrustSecondFactorMethod = AdminServiceGrpc.getTrustSecondFactorMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getTrustSecondFactorMethod = AdminServiceGrpc.getTrustSecondFactorMethod) == null) {
          AdminServiceGrpc.getTrustSecondFactorMethod = getTrustSecondFactorMethod =
              io.grpc.MethodDescriptor.<identity.v1.TrustSecondFactorRequest, identity.v1.TrustSecondFactorResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "TrustSecondFactor"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.TrustSecondFactorRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.TrustSecondFactorResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("TrustSecondFactor"))
              .build();
        }
      }
    }
    return getTrustSecondFactorMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.DeleteUserRequest,
      identity.v1.DeleteUserResponse> getDeleteUserMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteUser",
      requestType = identity.v1.DeleteUserRequest.class,
      responseType = identity.v1.DeleteUserResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.DeleteUserRequest,
      identity.v1.DeleteUserResponse> getDeleteUserMethod() {
    io.grpc.MethodDescriptor<identity.v1.DeleteUserRequest, identity.v1.DeleteUserResponse> getDeleteUserMethod;
    if ((getDeleteUserMethod = AdminServiceGrpc.getDeleteUserMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getDeleteUserMethod = AdminServiceGrpc.getDeleteUserMethod) == null) {
          AdminServiceGrpc.getDeleteUserMethod = getDeleteUserMethod =
              io.grpc.MethodDescriptor.<identity.v1.DeleteUserRequest, identity.v1.DeleteUserResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteUser"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeleteUserRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeleteUserResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("DeleteUser"))
              .build();
        }
      }
    }
    return getDeleteUserMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.DisablePrincipalRequest,
      identity.v1.DisablePrincipalResponse> getDisablePrincipalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DisablePrincipal",
      requestType = identity.v1.DisablePrincipalRequest.class,
      responseType = identity.v1.DisablePrincipalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.DisablePrincipalRequest,
      identity.v1.DisablePrincipalResponse> getDisablePrincipalMethod() {
    io.grpc.MethodDescriptor<identity.v1.DisablePrincipalRequest, identity.v1.DisablePrincipalResponse> getDisablePrincipalMethod;
    if ((getDisablePrincipalMethod = AdminServiceGrpc.getDisablePrincipalMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getDisablePrincipalMethod = AdminServiceGrpc.getDisablePrincipalMethod) == null) {
          AdminServiceGrpc.getDisablePrincipalMethod = getDisablePrincipalMethod =
              io.grpc.MethodDescriptor.<identity.v1.DisablePrincipalRequest, identity.v1.DisablePrincipalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DisablePrincipal"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DisablePrincipalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DisablePrincipalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("DisablePrincipal"))
              .build();
        }
      }
    }
    return getDisablePrincipalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.EnablePrincipalRequest,
      identity.v1.EnablePrincipalResponse> getEnablePrincipalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EnablePrincipal",
      requestType = identity.v1.EnablePrincipalRequest.class,
      responseType = identity.v1.EnablePrincipalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.EnablePrincipalRequest,
      identity.v1.EnablePrincipalResponse> getEnablePrincipalMethod() {
    io.grpc.MethodDescriptor<identity.v1.EnablePrincipalRequest, identity.v1.EnablePrincipalResponse> getEnablePrincipalMethod;
    if ((getEnablePrincipalMethod = AdminServiceGrpc.getEnablePrincipalMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getEnablePrincipalMethod = AdminServiceGrpc.getEnablePrincipalMethod) == null) {
          AdminServiceGrpc.getEnablePrincipalMethod = getEnablePrincipalMethod =
              io.grpc.MethodDescriptor.<identity.v1.EnablePrincipalRequest, identity.v1.EnablePrincipalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EnablePrincipal"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.EnablePrincipalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.EnablePrincipalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("EnablePrincipal"))
              .build();
        }
      }
    }
    return getEnablePrincipalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.CreateServiceAccountRequest,
      identity.v1.CreateServiceAccountResponse> getCreateServiceAccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateServiceAccount",
      requestType = identity.v1.CreateServiceAccountRequest.class,
      responseType = identity.v1.CreateServiceAccountResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.CreateServiceAccountRequest,
      identity.v1.CreateServiceAccountResponse> getCreateServiceAccountMethod() {
    io.grpc.MethodDescriptor<identity.v1.CreateServiceAccountRequest, identity.v1.CreateServiceAccountResponse> getCreateServiceAccountMethod;
    if ((getCreateServiceAccountMethod = AdminServiceGrpc.getCreateServiceAccountMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getCreateServiceAccountMethod = AdminServiceGrpc.getCreateServiceAccountMethod) == null) {
          AdminServiceGrpc.getCreateServiceAccountMethod = getCreateServiceAccountMethod =
              io.grpc.MethodDescriptor.<identity.v1.CreateServiceAccountRequest, identity.v1.CreateServiceAccountResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateServiceAccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CreateServiceAccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CreateServiceAccountResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("CreateServiceAccount"))
              .build();
        }
      }
    }
    return getCreateServiceAccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListServiceAccountsRequest,
      identity.v1.ListServiceAccountsResponse> getListServiceAccountsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListServiceAccounts",
      requestType = identity.v1.ListServiceAccountsRequest.class,
      responseType = identity.v1.ListServiceAccountsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListServiceAccountsRequest,
      identity.v1.ListServiceAccountsResponse> getListServiceAccountsMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListServiceAccountsRequest, identity.v1.ListServiceAccountsResponse> getListServiceAccountsMethod;
    if ((getListServiceAccountsMethod = AdminServiceGrpc.getListServiceAccountsMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListServiceAccountsMethod = AdminServiceGrpc.getListServiceAccountsMethod) == null) {
          AdminServiceGrpc.getListServiceAccountsMethod = getListServiceAccountsMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListServiceAccountsRequest, identity.v1.ListServiceAccountsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListServiceAccounts"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListServiceAccountsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListServiceAccountsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListServiceAccounts"))
              .build();
        }
      }
    }
    return getListServiceAccountsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.UpdateServiceAccountRequest,
      identity.v1.UpdateServiceAccountResponse> getUpdateServiceAccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateServiceAccount",
      requestType = identity.v1.UpdateServiceAccountRequest.class,
      responseType = identity.v1.UpdateServiceAccountResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.UpdateServiceAccountRequest,
      identity.v1.UpdateServiceAccountResponse> getUpdateServiceAccountMethod() {
    io.grpc.MethodDescriptor<identity.v1.UpdateServiceAccountRequest, identity.v1.UpdateServiceAccountResponse> getUpdateServiceAccountMethod;
    if ((getUpdateServiceAccountMethod = AdminServiceGrpc.getUpdateServiceAccountMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getUpdateServiceAccountMethod = AdminServiceGrpc.getUpdateServiceAccountMethod) == null) {
          AdminServiceGrpc.getUpdateServiceAccountMethod = getUpdateServiceAccountMethod =
              io.grpc.MethodDescriptor.<identity.v1.UpdateServiceAccountRequest, identity.v1.UpdateServiceAccountResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateServiceAccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UpdateServiceAccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UpdateServiceAccountResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("UpdateServiceAccount"))
              .build();
        }
      }
    }
    return getUpdateServiceAccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.DeleteServiceAccountRequest,
      identity.v1.DeleteServiceAccountResponse> getDeleteServiceAccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteServiceAccount",
      requestType = identity.v1.DeleteServiceAccountRequest.class,
      responseType = identity.v1.DeleteServiceAccountResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.DeleteServiceAccountRequest,
      identity.v1.DeleteServiceAccountResponse> getDeleteServiceAccountMethod() {
    io.grpc.MethodDescriptor<identity.v1.DeleteServiceAccountRequest, identity.v1.DeleteServiceAccountResponse> getDeleteServiceAccountMethod;
    if ((getDeleteServiceAccountMethod = AdminServiceGrpc.getDeleteServiceAccountMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getDeleteServiceAccountMethod = AdminServiceGrpc.getDeleteServiceAccountMethod) == null) {
          AdminServiceGrpc.getDeleteServiceAccountMethod = getDeleteServiceAccountMethod =
              io.grpc.MethodDescriptor.<identity.v1.DeleteServiceAccountRequest, identity.v1.DeleteServiceAccountResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteServiceAccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeleteServiceAccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeleteServiceAccountResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("DeleteServiceAccount"))
              .build();
        }
      }
    }
    return getDeleteServiceAccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.CreateRoleRequest,
      identity.v1.CreateRoleResponse> getCreateRoleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateRole",
      requestType = identity.v1.CreateRoleRequest.class,
      responseType = identity.v1.CreateRoleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.CreateRoleRequest,
      identity.v1.CreateRoleResponse> getCreateRoleMethod() {
    io.grpc.MethodDescriptor<identity.v1.CreateRoleRequest, identity.v1.CreateRoleResponse> getCreateRoleMethod;
    if ((getCreateRoleMethod = AdminServiceGrpc.getCreateRoleMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getCreateRoleMethod = AdminServiceGrpc.getCreateRoleMethod) == null) {
          AdminServiceGrpc.getCreateRoleMethod = getCreateRoleMethod =
              io.grpc.MethodDescriptor.<identity.v1.CreateRoleRequest, identity.v1.CreateRoleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateRole"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CreateRoleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CreateRoleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("CreateRole"))
              .build();
        }
      }
    }
    return getCreateRoleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.UpdateRoleRequest,
      identity.v1.UpdateRoleResponse> getUpdateRoleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateRole",
      requestType = identity.v1.UpdateRoleRequest.class,
      responseType = identity.v1.UpdateRoleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.UpdateRoleRequest,
      identity.v1.UpdateRoleResponse> getUpdateRoleMethod() {
    io.grpc.MethodDescriptor<identity.v1.UpdateRoleRequest, identity.v1.UpdateRoleResponse> getUpdateRoleMethod;
    if ((getUpdateRoleMethod = AdminServiceGrpc.getUpdateRoleMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getUpdateRoleMethod = AdminServiceGrpc.getUpdateRoleMethod) == null) {
          AdminServiceGrpc.getUpdateRoleMethod = getUpdateRoleMethod =
              io.grpc.MethodDescriptor.<identity.v1.UpdateRoleRequest, identity.v1.UpdateRoleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateRole"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UpdateRoleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UpdateRoleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("UpdateRole"))
              .build();
        }
      }
    }
    return getUpdateRoleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.DeleteRoleRequest,
      identity.v1.DeleteRoleResponse> getDeleteRoleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteRole",
      requestType = identity.v1.DeleteRoleRequest.class,
      responseType = identity.v1.DeleteRoleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.DeleteRoleRequest,
      identity.v1.DeleteRoleResponse> getDeleteRoleMethod() {
    io.grpc.MethodDescriptor<identity.v1.DeleteRoleRequest, identity.v1.DeleteRoleResponse> getDeleteRoleMethod;
    if ((getDeleteRoleMethod = AdminServiceGrpc.getDeleteRoleMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getDeleteRoleMethod = AdminServiceGrpc.getDeleteRoleMethod) == null) {
          AdminServiceGrpc.getDeleteRoleMethod = getDeleteRoleMethod =
              io.grpc.MethodDescriptor.<identity.v1.DeleteRoleRequest, identity.v1.DeleteRoleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteRole"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeleteRoleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeleteRoleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("DeleteRole"))
              .build();
        }
      }
    }
    return getDeleteRoleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.GetRoleRequest,
      identity.v1.GetRoleResponse> getGetRoleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRole",
      requestType = identity.v1.GetRoleRequest.class,
      responseType = identity.v1.GetRoleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.GetRoleRequest,
      identity.v1.GetRoleResponse> getGetRoleMethod() {
    io.grpc.MethodDescriptor<identity.v1.GetRoleRequest, identity.v1.GetRoleResponse> getGetRoleMethod;
    if ((getGetRoleMethod = AdminServiceGrpc.getGetRoleMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getGetRoleMethod = AdminServiceGrpc.getGetRoleMethod) == null) {
          AdminServiceGrpc.getGetRoleMethod = getGetRoleMethod =
              io.grpc.MethodDescriptor.<identity.v1.GetRoleRequest, identity.v1.GetRoleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRole"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.GetRoleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.GetRoleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("GetRole"))
              .build();
        }
      }
    }
    return getGetRoleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListRolesRequest,
      identity.v1.ListRolesResponse> getListRolesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRoles",
      requestType = identity.v1.ListRolesRequest.class,
      responseType = identity.v1.ListRolesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListRolesRequest,
      identity.v1.ListRolesResponse> getListRolesMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListRolesRequest, identity.v1.ListRolesResponse> getListRolesMethod;
    if ((getListRolesMethod = AdminServiceGrpc.getListRolesMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListRolesMethod = AdminServiceGrpc.getListRolesMethod) == null) {
          AdminServiceGrpc.getListRolesMethod = getListRolesMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListRolesRequest, identity.v1.ListRolesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRoles"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListRolesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListRolesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListRoles"))
              .build();
        }
      }
    }
    return getListRolesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.CreateBindingRequest,
      identity.v1.CreateBindingResponse> getCreateBindingMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateBinding",
      requestType = identity.v1.CreateBindingRequest.class,
      responseType = identity.v1.CreateBindingResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.CreateBindingRequest,
      identity.v1.CreateBindingResponse> getCreateBindingMethod() {
    io.grpc.MethodDescriptor<identity.v1.CreateBindingRequest, identity.v1.CreateBindingResponse> getCreateBindingMethod;
    if ((getCreateBindingMethod = AdminServiceGrpc.getCreateBindingMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getCreateBindingMethod = AdminServiceGrpc.getCreateBindingMethod) == null) {
          AdminServiceGrpc.getCreateBindingMethod = getCreateBindingMethod =
              io.grpc.MethodDescriptor.<identity.v1.CreateBindingRequest, identity.v1.CreateBindingResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateBinding"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CreateBindingRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CreateBindingResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("CreateBinding"))
              .build();
        }
      }
    }
    return getCreateBindingMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.DeleteBindingRequest,
      identity.v1.DeleteBindingResponse> getDeleteBindingMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteBinding",
      requestType = identity.v1.DeleteBindingRequest.class,
      responseType = identity.v1.DeleteBindingResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.DeleteBindingRequest,
      identity.v1.DeleteBindingResponse> getDeleteBindingMethod() {
    io.grpc.MethodDescriptor<identity.v1.DeleteBindingRequest, identity.v1.DeleteBindingResponse> getDeleteBindingMethod;
    if ((getDeleteBindingMethod = AdminServiceGrpc.getDeleteBindingMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getDeleteBindingMethod = AdminServiceGrpc.getDeleteBindingMethod) == null) {
          AdminServiceGrpc.getDeleteBindingMethod = getDeleteBindingMethod =
              io.grpc.MethodDescriptor.<identity.v1.DeleteBindingRequest, identity.v1.DeleteBindingResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteBinding"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeleteBindingRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeleteBindingResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("DeleteBinding"))
              .build();
        }
      }
    }
    return getDeleteBindingMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListBindingsRequest,
      identity.v1.ListBindingsResponse> getListBindingsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListBindings",
      requestType = identity.v1.ListBindingsRequest.class,
      responseType = identity.v1.ListBindingsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListBindingsRequest,
      identity.v1.ListBindingsResponse> getListBindingsMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListBindingsRequest, identity.v1.ListBindingsResponse> getListBindingsMethod;
    if ((getListBindingsMethod = AdminServiceGrpc.getListBindingsMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListBindingsMethod = AdminServiceGrpc.getListBindingsMethod) == null) {
          AdminServiceGrpc.getListBindingsMethod = getListBindingsMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListBindingsRequest, identity.v1.ListBindingsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListBindings"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListBindingsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListBindingsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListBindings"))
              .build();
        }
      }
    }
    return getListBindingsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListEffectivePermissionsRequest,
      identity.v1.ListEffectivePermissionsResponse> getListEffectivePermissionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListEffectivePermissions",
      requestType = identity.v1.ListEffectivePermissionsRequest.class,
      responseType = identity.v1.ListEffectivePermissionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListEffectivePermissionsRequest,
      identity.v1.ListEffectivePermissionsResponse> getListEffectivePermissionsMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListEffectivePermissionsRequest, identity.v1.ListEffectivePermissionsResponse> getListEffectivePermissionsMethod;
    if ((getListEffectivePermissionsMethod = AdminServiceGrpc.getListEffectivePermissionsMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListEffectivePermissionsMethod = AdminServiceGrpc.getListEffectivePermissionsMethod) == null) {
          AdminServiceGrpc.getListEffectivePermissionsMethod = getListEffectivePermissionsMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListEffectivePermissionsRequest, identity.v1.ListEffectivePermissionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListEffectivePermissions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListEffectivePermissionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListEffectivePermissionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListEffectivePermissions"))
              .build();
        }
      }
    }
    return getListEffectivePermissionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListSubjectsRequest,
      identity.v1.ListSubjectsResponse> getListSubjectsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSubjects",
      requestType = identity.v1.ListSubjectsRequest.class,
      responseType = identity.v1.ListSubjectsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListSubjectsRequest,
      identity.v1.ListSubjectsResponse> getListSubjectsMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListSubjectsRequest, identity.v1.ListSubjectsResponse> getListSubjectsMethod;
    if ((getListSubjectsMethod = AdminServiceGrpc.getListSubjectsMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListSubjectsMethod = AdminServiceGrpc.getListSubjectsMethod) == null) {
          AdminServiceGrpc.getListSubjectsMethod = getListSubjectsMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListSubjectsRequest, identity.v1.ListSubjectsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSubjects"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListSubjectsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListSubjectsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListSubjects"))
              .build();
        }
      }
    }
    return getListSubjectsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListResourcesRequest,
      identity.v1.ListResourcesResponse> getListResourcesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListResources",
      requestType = identity.v1.ListResourcesRequest.class,
      responseType = identity.v1.ListResourcesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListResourcesRequest,
      identity.v1.ListResourcesResponse> getListResourcesMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListResourcesRequest, identity.v1.ListResourcesResponse> getListResourcesMethod;
    if ((getListResourcesMethod = AdminServiceGrpc.getListResourcesMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListResourcesMethod = AdminServiceGrpc.getListResourcesMethod) == null) {
          AdminServiceGrpc.getListResourcesMethod = getListResourcesMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListResourcesRequest, identity.v1.ListResourcesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListResources"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListResourcesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListResourcesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListResources"))
              .build();
        }
      }
    }
    return getListResourcesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListPrincipalSessionsRequest,
      identity.v1.ListPrincipalSessionsResponse> getListPrincipalSessionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListPrincipalSessions",
      requestType = identity.v1.ListPrincipalSessionsRequest.class,
      responseType = identity.v1.ListPrincipalSessionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListPrincipalSessionsRequest,
      identity.v1.ListPrincipalSessionsResponse> getListPrincipalSessionsMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListPrincipalSessionsRequest, identity.v1.ListPrincipalSessionsResponse> getListPrincipalSessionsMethod;
    if ((getListPrincipalSessionsMethod = AdminServiceGrpc.getListPrincipalSessionsMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListPrincipalSessionsMethod = AdminServiceGrpc.getListPrincipalSessionsMethod) == null) {
          AdminServiceGrpc.getListPrincipalSessionsMethod = getListPrincipalSessionsMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListPrincipalSessionsRequest, identity.v1.ListPrincipalSessionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListPrincipalSessions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListPrincipalSessionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListPrincipalSessionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListPrincipalSessions"))
              .build();
        }
      }
    }
    return getListPrincipalSessionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListPrincipalApiKeysRequest,
      identity.v1.ListPrincipalApiKeysResponse> getListPrincipalApiKeysMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListPrincipalApiKeys",
      requestType = identity.v1.ListPrincipalApiKeysRequest.class,
      responseType = identity.v1.ListPrincipalApiKeysResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListPrincipalApiKeysRequest,
      identity.v1.ListPrincipalApiKeysResponse> getListPrincipalApiKeysMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListPrincipalApiKeysRequest, identity.v1.ListPrincipalApiKeysResponse> getListPrincipalApiKeysMethod;
    if ((getListPrincipalApiKeysMethod = AdminServiceGrpc.getListPrincipalApiKeysMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListPrincipalApiKeysMethod = AdminServiceGrpc.getListPrincipalApiKeysMethod) == null) {
          AdminServiceGrpc.getListPrincipalApiKeysMethod = getListPrincipalApiKeysMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListPrincipalApiKeysRequest, identity.v1.ListPrincipalApiKeysResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListPrincipalApiKeys"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListPrincipalApiKeysRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListPrincipalApiKeysResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListPrincipalApiKeys"))
              .build();
        }
      }
    }
    return getListPrincipalApiKeysMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.GetStatisticsRequest,
      identity.v1.GetStatisticsResponse> getGetStatisticsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetStatistics",
      requestType = identity.v1.GetStatisticsRequest.class,
      responseType = identity.v1.GetStatisticsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.GetStatisticsRequest,
      identity.v1.GetStatisticsResponse> getGetStatisticsMethod() {
    io.grpc.MethodDescriptor<identity.v1.GetStatisticsRequest, identity.v1.GetStatisticsResponse> getGetStatisticsMethod;
    if ((getGetStatisticsMethod = AdminServiceGrpc.getGetStatisticsMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getGetStatisticsMethod = AdminServiceGrpc.getGetStatisticsMethod) == null) {
          AdminServiceGrpc.getGetStatisticsMethod = getGetStatisticsMethod =
              io.grpc.MethodDescriptor.<identity.v1.GetStatisticsRequest, identity.v1.GetStatisticsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetStatistics"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.GetStatisticsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.GetStatisticsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("GetStatistics"))
              .build();
        }
      }
    }
    return getGetStatisticsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListAuditEventsRequest,
      identity.v1.ListAuditEventsResponse> getListAuditEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListAuditEvents",
      requestType = identity.v1.ListAuditEventsRequest.class,
      responseType = identity.v1.ListAuditEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListAuditEventsRequest,
      identity.v1.ListAuditEventsResponse> getListAuditEventsMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListAuditEventsRequest, identity.v1.ListAuditEventsResponse> getListAuditEventsMethod;
    if ((getListAuditEventsMethod = AdminServiceGrpc.getListAuditEventsMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListAuditEventsMethod = AdminServiceGrpc.getListAuditEventsMethod) == null) {
          AdminServiceGrpc.getListAuditEventsMethod = getListAuditEventsMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListAuditEventsRequest, identity.v1.ListAuditEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListAuditEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListAuditEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListAuditEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListAuditEvents"))
              .build();
        }
      }
    }
    return getListAuditEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListSigningKeysRequest,
      identity.v1.ListSigningKeysResponse> getListSigningKeysMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSigningKeys",
      requestType = identity.v1.ListSigningKeysRequest.class,
      responseType = identity.v1.ListSigningKeysResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListSigningKeysRequest,
      identity.v1.ListSigningKeysResponse> getListSigningKeysMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListSigningKeysRequest, identity.v1.ListSigningKeysResponse> getListSigningKeysMethod;
    if ((getListSigningKeysMethod = AdminServiceGrpc.getListSigningKeysMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListSigningKeysMethod = AdminServiceGrpc.getListSigningKeysMethod) == null) {
          AdminServiceGrpc.getListSigningKeysMethod = getListSigningKeysMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListSigningKeysRequest, identity.v1.ListSigningKeysResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSigningKeys"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListSigningKeysRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListSigningKeysResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListSigningKeys"))
              .build();
        }
      }
    }
    return getListSigningKeysMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.RotateSigningKeyRequest,
      identity.v1.RotateSigningKeyResponse> getRotateSigningKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RotateSigningKey",
      requestType = identity.v1.RotateSigningKeyRequest.class,
      responseType = identity.v1.RotateSigningKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.RotateSigningKeyRequest,
      identity.v1.RotateSigningKeyResponse> getRotateSigningKeyMethod() {
    io.grpc.MethodDescriptor<identity.v1.RotateSigningKeyRequest, identity.v1.RotateSigningKeyResponse> getRotateSigningKeyMethod;
    if ((getRotateSigningKeyMethod = AdminServiceGrpc.getRotateSigningKeyMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getRotateSigningKeyMethod = AdminServiceGrpc.getRotateSigningKeyMethod) == null) {
          AdminServiceGrpc.getRotateSigningKeyMethod = getRotateSigningKeyMethod =
              io.grpc.MethodDescriptor.<identity.v1.RotateSigningKeyRequest, identity.v1.RotateSigningKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RotateSigningKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RotateSigningKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RotateSigningKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("RotateSigningKey"))
              .build();
        }
      }
    }
    return getRotateSigningKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.RemoveSigningKeyRequest,
      identity.v1.RemoveSigningKeyResponse> getRemoveSigningKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RemoveSigningKey",
      requestType = identity.v1.RemoveSigningKeyRequest.class,
      responseType = identity.v1.RemoveSigningKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.RemoveSigningKeyRequest,
      identity.v1.RemoveSigningKeyResponse> getRemoveSigningKeyMethod() {
    io.grpc.MethodDescriptor<identity.v1.RemoveSigningKeyRequest, identity.v1.RemoveSigningKeyResponse> getRemoveSigningKeyMethod;
    if ((getRemoveSigningKeyMethod = AdminServiceGrpc.getRemoveSigningKeyMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getRemoveSigningKeyMethod = AdminServiceGrpc.getRemoveSigningKeyMethod) == null) {
          AdminServiceGrpc.getRemoveSigningKeyMethod = getRemoveSigningKeyMethod =
              io.grpc.MethodDescriptor.<identity.v1.RemoveSigningKeyRequest, identity.v1.RemoveSigningKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RemoveSigningKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RemoveSigningKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RemoveSigningKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("RemoveSigningKey"))
              .build();
        }
      }
    }
    return getRemoveSigningKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.RevokeExternalRequest,
      identity.v1.RevokeExternalResponse> getRevokeExternalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RevokeExternal",
      requestType = identity.v1.RevokeExternalRequest.class,
      responseType = identity.v1.RevokeExternalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.RevokeExternalRequest,
      identity.v1.RevokeExternalResponse> getRevokeExternalMethod() {
    io.grpc.MethodDescriptor<identity.v1.RevokeExternalRequest, identity.v1.RevokeExternalResponse> getRevokeExternalMethod;
    if ((getRevokeExternalMethod = AdminServiceGrpc.getRevokeExternalMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getRevokeExternalMethod = AdminServiceGrpc.getRevokeExternalMethod) == null) {
          AdminServiceGrpc.getRevokeExternalMethod = getRevokeExternalMethod =
              io.grpc.MethodDescriptor.<identity.v1.RevokeExternalRequest, identity.v1.RevokeExternalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RevokeExternal"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RevokeExternalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RevokeExternalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("RevokeExternal"))
              .build();
        }
      }
    }
    return getRevokeExternalMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.CreateIdentityProviderRequest,
      identity.v1.CreateIdentityProviderResponse> getCreateIdentityProviderMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateIdentityProvider",
      requestType = identity.v1.CreateIdentityProviderRequest.class,
      responseType = identity.v1.CreateIdentityProviderResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.CreateIdentityProviderRequest,
      identity.v1.CreateIdentityProviderResponse> getCreateIdentityProviderMethod() {
    io.grpc.MethodDescriptor<identity.v1.CreateIdentityProviderRequest, identity.v1.CreateIdentityProviderResponse> getCreateIdentityProviderMethod;
    if ((getCreateIdentityProviderMethod = AdminServiceGrpc.getCreateIdentityProviderMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getCreateIdentityProviderMethod = AdminServiceGrpc.getCreateIdentityProviderMethod) == null) {
          AdminServiceGrpc.getCreateIdentityProviderMethod = getCreateIdentityProviderMethod =
              io.grpc.MethodDescriptor.<identity.v1.CreateIdentityProviderRequest, identity.v1.CreateIdentityProviderResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateIdentityProvider"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CreateIdentityProviderRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CreateIdentityProviderResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("CreateIdentityProvider"))
              .build();
        }
      }
    }
    return getCreateIdentityProviderMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.GetIdentityProviderRequest,
      identity.v1.GetIdentityProviderResponse> getGetIdentityProviderMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetIdentityProvider",
      requestType = identity.v1.GetIdentityProviderRequest.class,
      responseType = identity.v1.GetIdentityProviderResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.GetIdentityProviderRequest,
      identity.v1.GetIdentityProviderResponse> getGetIdentityProviderMethod() {
    io.grpc.MethodDescriptor<identity.v1.GetIdentityProviderRequest, identity.v1.GetIdentityProviderResponse> getGetIdentityProviderMethod;
    if ((getGetIdentityProviderMethod = AdminServiceGrpc.getGetIdentityProviderMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getGetIdentityProviderMethod = AdminServiceGrpc.getGetIdentityProviderMethod) == null) {
          AdminServiceGrpc.getGetIdentityProviderMethod = getGetIdentityProviderMethod =
              io.grpc.MethodDescriptor.<identity.v1.GetIdentityProviderRequest, identity.v1.GetIdentityProviderResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetIdentityProvider"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.GetIdentityProviderRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.GetIdentityProviderResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("GetIdentityProvider"))
              .build();
        }
      }
    }
    return getGetIdentityProviderMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListIdentityProvidersRequest,
      identity.v1.ListIdentityProvidersResponse> getListIdentityProvidersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListIdentityProviders",
      requestType = identity.v1.ListIdentityProvidersRequest.class,
      responseType = identity.v1.ListIdentityProvidersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListIdentityProvidersRequest,
      identity.v1.ListIdentityProvidersResponse> getListIdentityProvidersMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListIdentityProvidersRequest, identity.v1.ListIdentityProvidersResponse> getListIdentityProvidersMethod;
    if ((getListIdentityProvidersMethod = AdminServiceGrpc.getListIdentityProvidersMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getListIdentityProvidersMethod = AdminServiceGrpc.getListIdentityProvidersMethod) == null) {
          AdminServiceGrpc.getListIdentityProvidersMethod = getListIdentityProvidersMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListIdentityProvidersRequest, identity.v1.ListIdentityProvidersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListIdentityProviders"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListIdentityProvidersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListIdentityProvidersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("ListIdentityProviders"))
              .build();
        }
      }
    }
    return getListIdentityProvidersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.UpdateIdentityProviderRequest,
      identity.v1.UpdateIdentityProviderResponse> getUpdateIdentityProviderMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateIdentityProvider",
      requestType = identity.v1.UpdateIdentityProviderRequest.class,
      responseType = identity.v1.UpdateIdentityProviderResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.UpdateIdentityProviderRequest,
      identity.v1.UpdateIdentityProviderResponse> getUpdateIdentityProviderMethod() {
    io.grpc.MethodDescriptor<identity.v1.UpdateIdentityProviderRequest, identity.v1.UpdateIdentityProviderResponse> getUpdateIdentityProviderMethod;
    if ((getUpdateIdentityProviderMethod = AdminServiceGrpc.getUpdateIdentityProviderMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getUpdateIdentityProviderMethod = AdminServiceGrpc.getUpdateIdentityProviderMethod) == null) {
          AdminServiceGrpc.getUpdateIdentityProviderMethod = getUpdateIdentityProviderMethod =
              io.grpc.MethodDescriptor.<identity.v1.UpdateIdentityProviderRequest, identity.v1.UpdateIdentityProviderResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateIdentityProvider"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UpdateIdentityProviderRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UpdateIdentityProviderResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("UpdateIdentityProvider"))
              .build();
        }
      }
    }
    return getUpdateIdentityProviderMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.DeleteIdentityProviderRequest,
      identity.v1.DeleteIdentityProviderResponse> getDeleteIdentityProviderMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteIdentityProvider",
      requestType = identity.v1.DeleteIdentityProviderRequest.class,
      responseType = identity.v1.DeleteIdentityProviderResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.DeleteIdentityProviderRequest,
      identity.v1.DeleteIdentityProviderResponse> getDeleteIdentityProviderMethod() {
    io.grpc.MethodDescriptor<identity.v1.DeleteIdentityProviderRequest, identity.v1.DeleteIdentityProviderResponse> getDeleteIdentityProviderMethod;
    if ((getDeleteIdentityProviderMethod = AdminServiceGrpc.getDeleteIdentityProviderMethod) == null) {
      synchronized (AdminServiceGrpc.class) {
        if ((getDeleteIdentityProviderMethod = AdminServiceGrpc.getDeleteIdentityProviderMethod) == null) {
          AdminServiceGrpc.getDeleteIdentityProviderMethod = getDeleteIdentityProviderMethod =
              io.grpc.MethodDescriptor.<identity.v1.DeleteIdentityProviderRequest, identity.v1.DeleteIdentityProviderResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteIdentityProvider"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeleteIdentityProviderRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeleteIdentityProviderResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AdminServiceMethodDescriptorSupplier("DeleteIdentityProvider"))
              .build();
        }
      }
    }
    return getDeleteIdentityProviderMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static AdminServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceStub>() {
        @java.lang.Override
        public AdminServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceStub(channel, callOptions);
        }
      };
    return AdminServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static AdminServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingV2Stub>() {
        @java.lang.Override
        public AdminServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return AdminServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static AdminServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceBlockingStub>() {
        @java.lang.Override
        public AdminServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceBlockingStub(channel, callOptions);
        }
      };
    return AdminServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static AdminServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AdminServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AdminServiceFutureStub>() {
        @java.lang.Override
        public AdminServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AdminServiceFutureStub(channel, callOptions);
        }
      };
    return AdminServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The service for operators and automation.
   * Each RPC names the permission that it needs and the resource where it needs it. "Everywhere" means a binding without
   * a resource. These rules also apply:
   * - A role or binding may carry a permission of the service itself (within `identity:`, or `*`). Its author must hold
   *   this permission there, within the scopes of the credential and for at least as long: PERMISSION_DENIED /
   *   GRANT_EXCEEDS_CALLER.
   * - Nobody changes their own bindings or disables themselves: PERMISSION_DENIED / OWN_ROLES.
   * - Only a super admin acts on a super admin: PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
   * RPCs that create an object accept a `request_id` (a UUID, optional). The server remembers it for 24 hours for each
   * caller. A repeat returns the same object without its secret. A repeat with other arguments is INVALID_ARGUMENT /
   * REQUEST_ID_REUSED.
   * Lists return pages of `page_size` (100 if 0, at most 1,000) with an opaque `next_page_token`, which is empty at the
   * end.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Makes a user with a password hash, or with a one-time secret. `identity:users:write` everywhere.
     * Errors: ALREADY_EXISTS / ALREADY_EXISTS for a taken username or e-mail address; RESOURCE_EXHAUSTED / OVERLOADED.
     * </pre>
     */
    default void createUser(identity.v1.CreateUserRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CreateUserResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateUserMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a user. `identity:users:read` on `users/&lt;id&gt;`. Errors: NOT_FOUND.
     * </pre>
     */
    default void getUser(identity.v1.GetUserRequest request,
        io.grpc.stub.StreamObserver<identity.v1.GetUserResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetUserMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists users in the order of their creation. `identity:users:read` everywhere.
     * </pre>
     */
    default void listUsers(identity.v1.ListUsersRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListUsersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListUsersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a user's full name or e-mail address. `identity:users:write` on `users/&lt;id&gt;`.
     * The new address is verified only if `email_verified` is set. Earlier mailed tokens stop working, and a mail informs
     * the old address.
     * An administrator who sets an address could then request a password reset to that address. So for a new address, the
     * caller must be able to grant everything that the user holds. For permissions of the service itself, the caller must
     * hold them. For others, the caller needs `identity:bindings:write` on their resources. Nobody changes their own
     * address here: UpdateAccount requires the password or a second factor.
     * Errors: NOT_FOUND; ALREADY_EXISTS; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, GRANT_EXCEEDS_CALLER, OWN_ROLES.
     * </pre>
     */
    default void updateUser(identity.v1.UpdateUserRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UpdateUserResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateUserMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends a lock after wrong passwords and a block after wrong codes. `identity:users:write` on `users/&lt;id&gt;`. Errors:
     * NOT_FOUND.
     * </pre>
     */
    default void unlockUser(identity.v1.UnlockUserRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UnlockUserResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUnlockUserMethod(), responseObserver);
    }

    /**
     * <pre>
     * Replaces a forgotten password by a one-time secret, which is valid only for changing it. Ends all sessions, revokes
     * all API keys of the user and unlinks all external identities. A second factor stays. The server mails the owner.
     * `identity:users:write` on `users/&lt;id&gt;`, and the caller must be able to grant everything that the user holds, as for
     * a new address.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, GRANT_EXCEEDS_CALLER, OWN_ROLES; RESOURCE_EXHAUSTED /
     * OVERLOADED.
     * </pre>
     */
    default void resetCredentials(identity.v1.ResetCredentialsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ResetCredentialsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResetCredentialsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lets the confirmed second factor of a user count for roles with `mfa_max_age` immediately, instead of 24 hours
     * after its confirmation: the administrator knows that the user has confirmed it. The server mails the owner.
     * `identity:users:write` on `users/&lt;id&gt;`, and the caller must be able to grant everything that the user holds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / MFA_NOT_ENROLLED; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED,
     * GRANT_EXCEEDS_CALLER, OWN_ROLES.
     * </pre>
     */
    default void trustSecondFactor(identity.v1.TrustSecondFactorRequest request,
        io.grpc.stub.StreamObserver<identity.v1.TrustSecondFactorResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getTrustSecondFactorMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a user for good: the account, its credentials, sessions, keys and bindings. The audit stays. Nobody can get
     * the username within 30 days. `identity:users:write` on `users/&lt;id&gt;`.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, OWN_ROLES; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    default void deleteUser(identity.v1.DeleteUserRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeleteUserResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteUserMethod(), responseObserver);
    }

    /**
     * <pre>
     * Refuses every login and refresh of a principal immediately. Its keys and tokens stop as fast as after Revoke.
     * `identity:principals:write` on `users/&lt;id&gt;`. Disabling a disabled principal succeeds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / BUILT_IN for `anonymous`.
     * </pre>
     */
    default void disablePrincipal(identity.v1.DisablePrincipalRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DisablePrincipalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDisablePrincipalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Enables a disabled principal. Its API keys work again, and its earlier sessions stay ended.
     * `identity:principals:write` on `users/&lt;id&gt;`.
     * Errors: as for DisablePrincipal.
     * </pre>
     */
    default void enablePrincipal(identity.v1.EnablePrincipalRequest request,
        io.grpc.stub.StreamObserver<identity.v1.EnablePrincipalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEnablePrincipalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a principal for a program. `identity:service_accounts:write` everywhere.
     * </pre>
     */
    default void createServiceAccount(identity.v1.CreateServiceAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CreateServiceAccountResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateServiceAccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists service accounts in the order of their creation. `identity:service_accounts:read` everywhere.
     * </pre>
     */
    default void listServiceAccounts(identity.v1.ListServiceAccountsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListServiceAccountsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListServiceAccountsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the description, and says which workloads are this service account. A workload acts as the account, so the
     * rules of IssueApiKey for others hold for its scopes. `identity:service_accounts:write` on `users/&lt;id&gt;`.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; NOT_FOUND; ALREADY_EXISTS for a workload that another service account lists;
     * PERMISSION_DENIED / GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED, and OWN_ROLES for the identities of the caller
     * itself.
     * </pre>
     */
    default void updateServiceAccount(identity.v1.UpdateServiceAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UpdateServiceAccountResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateServiceAccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a service account for good, with its keys and bindings. The audit stays. Nobody can get the name within 30
     * days. `identity:service_accounts:write` on `users/&lt;id&gt;`.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, OWN_ROLES; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    default void deleteServiceAccount(identity.v1.DeleteServiceAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeleteServiceAccountResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteServiceAccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a role. `identity:roles:write` everywhere.
     * Errors:
     * - ALREADY_EXISTS.
     * - NOT_FOUND for an inherited role.
     * - FAILED_PRECONDITION / ROLE_CYCLE; BUILT_IN if `anonymous` holds the role and the role has a permission of the
     *   service itself.
     * - FAILED_PRECONDITION / LIMIT_REACHED beyond 10,000 roles, or if a role includes more than 1,000 roles or 10,000
     *   patterns by inheritance.
     * </pre>
     */
    default void createRole(identity.v1.CreateRoleRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CreateRoleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateRoleMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a role. `identity:roles:write` everywhere. A caller who holds the role cannot change it, except a super
     * admin.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / ROLE_CYCLE, BUILT_IN, LIMIT_REACHED, and ROLE_IN_USE for a permission of
     * the service itself, if an identity provider maps claims to the role.
     * </pre>
     */
    default void updateRole(identity.v1.UpdateRoleRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UpdateRoleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateRoleMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a role. `identity:roles:write` everywhere. Errors: NOT_FOUND; FAILED_PRECONDITION / ROLE_IN_USE, BUILT_IN.
     * </pre>
     */
    default void deleteRole(identity.v1.DeleteRoleRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeleteRoleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteRoleMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a role. `identity:roles:read` everywhere. Errors: NOT_FOUND.
     * </pre>
     */
    default void getRole(identity.v1.GetRoleRequest request,
        io.grpc.stub.StreamObserver<identity.v1.GetRoleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRoleMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists roles by name. `identity:roles:read` everywhere.
     * </pre>
     */
    default void listRoles(identity.v1.ListRolesRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListRolesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRolesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gives a principal a role. `identity:bindings:write` on the binding's resource.
     * Errors:
     * - NOT_FOUND for the role or principal.
     * - ALREADY_EXISTS for the same principal, role and resource.
     * - FAILED_PRECONDITION / LIMIT_REACHED beyond 1,000 bindings of a principal.
     * - FAILED_PRECONDITION / BUILT_IN for permissions of the service itself to `anonymous`.
     * </pre>
     */
    default void createBinding(identity.v1.CreateBindingRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CreateBindingResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateBindingMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a role from a principal. `identity:bindings:write` on the binding's resource. Errors: NOT_FOUND.
     * </pre>
     */
    default void deleteBinding(identity.v1.DeleteBindingRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeleteBindingResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteBindingMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists bindings in the order of their creation. `identity:bindings:read` on the requested resource, or everywhere.
     * </pre>
     */
    default void listBindings(identity.v1.ListBindingsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListBindingsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListBindingsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists what a principal may do on a resource, and why. `identity:bindings:read` on that resource, or everywhere.
     * Errors: NOT_FOUND.
     * </pre>
     */
    default void listEffectivePermissions(identity.v1.ListEffectivePermissionsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListEffectivePermissionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListEffectivePermissionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists who has a permission on a resource, through roles and parent resources too, in the order of their ids:
     * `anonymous` too, and no disabled principals. `identity:bindings:read` everywhere, since administrators of parent
     * resources are in the answer.
     * All pages together are the complete answer at one revision. Errors: ABORTED / CONFLICT for a later page, after any
     * role, binding or principal has changed since the first one, after 12 hours, and after a failover. Begin again then,
     * with pages of 1,000.
     * </pre>
     */
    default void listSubjects(identity.v1.ListSubjectsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListSubjectsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSubjectsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the resources on which bindings give a principal a permission, sorted. The permission holds there and on
     * every resource below. `identity:bindings:read` everywhere.
     * Errors: NOT_FOUND; ABORTED / CONFLICT as in ListSubjects.
     * </pre>
     */
    default void listResources(identity.v1.ListResourcesRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListResourcesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListResourcesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the sessions that have not ended, newest first. `identity:sessions:read` on `users/&lt;id&gt;`.
     * </pre>
     */
    default void listPrincipalSessions(identity.v1.ListPrincipalSessionsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListPrincipalSessionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListPrincipalSessionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists API keys, including revoked and expired ones, newest first. `identity:api_keys:read` on `users/&lt;id&gt;`.
     * </pre>
     */
    default void listPrincipalApiKeys(identity.v1.ListPrincipalApiKeysRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListPrincipalApiKeysResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListPrincipalApiKeysMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns numbers for a dashboard. The cost does not depend on the number of accounts. `identity:statistics:read`
     * everywhere.
     * </pre>
     */
    default void getStatistics(identity.v1.GetStatisticsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.GetStatisticsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetStatisticsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists audit events, newest first. `identity:audit:read` everywhere.
     * </pre>
     */
    default void listAuditEvents(identity.v1.ListAuditEventsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListAuditEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListAuditEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the keys that sign access tokens, public parts only. `identity:signing_keys:read` everywhere.
     * </pre>
     */
    default void listSigningKeys(identity.v1.ListSigningKeysRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListSigningKeysResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSigningKeysMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes the next key of an algorithm active, retires its active key, and makes a new next key.
     * `identity:signing_keys:write` everywhere.
     * A next key may sign 6 minutes after it was made. Backends may keep the published keys for 5 minutes, so all of them
     * know it then.
     * Errors:
     * - NOT_FOUND if the algorithm has no keys, because no server was started with it.
     * - FAILED_PRECONDITION / SIGNING_KEY_TOO_NEW, with RetryInfo, if the next key may not sign yet.
     * - FAILED_PRECONDITION / LIMIT_REACHED if 10 keys of the algorithm are still retiring.
     * </pre>
     */
    default void rotateSigningKey(identity.v1.RotateSigningKeyRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RotateSigningKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRotateSigningKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a key that was stolen, in any state. Every access token that it signed is invalid from then on, also the
     * caller's own. Sessions stay: a refresh returns a token of the active key. If the removed key was active, the next
     * key of its algorithm becomes active, however new it is. A removed next key is replaced.
     * `identity:signing_keys:write` everywhere.
     * Backends that verify tokens themselves accept such tokens until they read the published keys again. If the next key
     * is new, they may also refuse its tokens until then. Both ends after 5 minutes.
     * Errors: NOT_FOUND.
     * </pre>
     */
    default void removeSigningKey(identity.v1.RemoveSigningKeyRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RemoveSigningKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRemoveSigningKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Refuses a person or a workload of another issuer from now on: no login, no call, no check. It need not be anybody
     * here. The sessions of a person stay: Revoke ends them. `undo` ends the refusal. `identity:sessions:write`
     * everywhere.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION /
     * LIMIT_REACHED beyond 100,000 refusals.
     * </pre>
     */
    default void revokeExternal(identity.v1.RevokeExternalRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RevokeExternalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeExternalMethod(), responseObserver);
    }

    /**
     * <pre>
     * Enters an OpenID provider, whose ID tokens log people in from now on (Authenticate with `id_token`). Its keys are
     * fetched when a login or a workload needs them first. `identity:identity_providers:write` everywhere. A provider can
     * log in as others, so this call, its update and its deletion need a super admin.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; ALREADY_EXISTS for the name or the issuer; PERMISSION_DENIED /
     * SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION / LIMIT_REACHED beyond 100 providers.
     * </pre>
     */
    default void createIdentityProvider(identity.v1.CreateIdentityProviderRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CreateIdentityProviderResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateIdentityProviderMethod(), responseObserver);
    }

    /**
     * <pre>
     * `identity:identity_providers:read` everywhere. Errors: NOT_FOUND.
     * </pre>
     */
    default void getIdentityProvider(identity.v1.GetIdentityProviderRequest request,
        io.grpc.stub.StreamObserver<identity.v1.GetIdentityProviderResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetIdentityProviderMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the providers, in the order of their names. `identity:identity_providers:read` everywhere.
     * </pre>
     */
    default void listIdentityProviders(identity.v1.ListIdentityProvidersRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListIdentityProvidersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListIdentityProvidersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a provider. Every later login follows it, on every replica. `identity:identity_providers:write` everywhere.
     * Errors: NOT_FOUND; INVALID_ARGUMENT / INVALID_FIELD; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
     * </pre>
     */
    default void updateIdentityProvider(identity.v1.UpdateIdentityProviderRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UpdateIdentityProviderResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateIdentityProviderMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a provider. Its ID tokens log nobody in any more. The links of its identities stay: they count again if the
     * issuer is entered again. Sessions stay, too. The roles that its claims gave end.
     * `identity:identity_providers:write` everywhere.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
     * </pre>
     */
    default void deleteIdentityProvider(identity.v1.DeleteIdentityProviderRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeleteIdentityProviderResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteIdentityProviderMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service AdminService.
   * <pre>
   * The service for operators and automation.
   * Each RPC names the permission that it needs and the resource where it needs it. "Everywhere" means a binding without
   * a resource. These rules also apply:
   * - A role or binding may carry a permission of the service itself (within `identity:`, or `*`). Its author must hold
   *   this permission there, within the scopes of the credential and for at least as long: PERMISSION_DENIED /
   *   GRANT_EXCEEDS_CALLER.
   * - Nobody changes their own bindings or disables themselves: PERMISSION_DENIED / OWN_ROLES.
   * - Only a super admin acts on a super admin: PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
   * RPCs that create an object accept a `request_id` (a UUID, optional). The server remembers it for 24 hours for each
   * caller. A repeat returns the same object without its secret. A repeat with other arguments is INVALID_ARGUMENT /
   * REQUEST_ID_REUSED.
   * Lists return pages of `page_size` (100 if 0, at most 1,000) with an opaque `next_page_token`, which is empty at the
   * end.
   * </pre>
   */
  public static abstract class AdminServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return AdminServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service AdminService.
   * <pre>
   * The service for operators and automation.
   * Each RPC names the permission that it needs and the resource where it needs it. "Everywhere" means a binding without
   * a resource. These rules also apply:
   * - A role or binding may carry a permission of the service itself (within `identity:`, or `*`). Its author must hold
   *   this permission there, within the scopes of the credential and for at least as long: PERMISSION_DENIED /
   *   GRANT_EXCEEDS_CALLER.
   * - Nobody changes their own bindings or disables themselves: PERMISSION_DENIED / OWN_ROLES.
   * - Only a super admin acts on a super admin: PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
   * RPCs that create an object accept a `request_id` (a UUID, optional). The server remembers it for 24 hours for each
   * caller. A repeat returns the same object without its secret. A repeat with other arguments is INVALID_ARGUMENT /
   * REQUEST_ID_REUSED.
   * Lists return pages of `page_size` (100 if 0, at most 1,000) with an opaque `next_page_token`, which is empty at the
   * end.
   * </pre>
   */
  public static final class AdminServiceStub
      extends io.grpc.stub.AbstractAsyncStub<AdminServiceStub> {
    private AdminServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a user with a password hash, or with a one-time secret. `identity:users:write` everywhere.
     * Errors: ALREADY_EXISTS / ALREADY_EXISTS for a taken username or e-mail address; RESOURCE_EXHAUSTED / OVERLOADED.
     * </pre>
     */
    public void createUser(identity.v1.CreateUserRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CreateUserResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateUserMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a user. `identity:users:read` on `users/&lt;id&gt;`. Errors: NOT_FOUND.
     * </pre>
     */
    public void getUser(identity.v1.GetUserRequest request,
        io.grpc.stub.StreamObserver<identity.v1.GetUserResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetUserMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists users in the order of their creation. `identity:users:read` everywhere.
     * </pre>
     */
    public void listUsers(identity.v1.ListUsersRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListUsersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListUsersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a user's full name or e-mail address. `identity:users:write` on `users/&lt;id&gt;`.
     * The new address is verified only if `email_verified` is set. Earlier mailed tokens stop working, and a mail informs
     * the old address.
     * An administrator who sets an address could then request a password reset to that address. So for a new address, the
     * caller must be able to grant everything that the user holds. For permissions of the service itself, the caller must
     * hold them. For others, the caller needs `identity:bindings:write` on their resources. Nobody changes their own
     * address here: UpdateAccount requires the password or a second factor.
     * Errors: NOT_FOUND; ALREADY_EXISTS; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, GRANT_EXCEEDS_CALLER, OWN_ROLES.
     * </pre>
     */
    public void updateUser(identity.v1.UpdateUserRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UpdateUserResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateUserMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ends a lock after wrong passwords and a block after wrong codes. `identity:users:write` on `users/&lt;id&gt;`. Errors:
     * NOT_FOUND.
     * </pre>
     */
    public void unlockUser(identity.v1.UnlockUserRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UnlockUserResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUnlockUserMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Replaces a forgotten password by a one-time secret, which is valid only for changing it. Ends all sessions, revokes
     * all API keys of the user and unlinks all external identities. A second factor stays. The server mails the owner.
     * `identity:users:write` on `users/&lt;id&gt;`, and the caller must be able to grant everything that the user holds, as for
     * a new address.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, GRANT_EXCEEDS_CALLER, OWN_ROLES; RESOURCE_EXHAUSTED /
     * OVERLOADED.
     * </pre>
     */
    public void resetCredentials(identity.v1.ResetCredentialsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ResetCredentialsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResetCredentialsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lets the confirmed second factor of a user count for roles with `mfa_max_age` immediately, instead of 24 hours
     * after its confirmation: the administrator knows that the user has confirmed it. The server mails the owner.
     * `identity:users:write` on `users/&lt;id&gt;`, and the caller must be able to grant everything that the user holds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / MFA_NOT_ENROLLED; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED,
     * GRANT_EXCEEDS_CALLER, OWN_ROLES.
     * </pre>
     */
    public void trustSecondFactor(identity.v1.TrustSecondFactorRequest request,
        io.grpc.stub.StreamObserver<identity.v1.TrustSecondFactorResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getTrustSecondFactorMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a user for good: the account, its credentials, sessions, keys and bindings. The audit stays. Nobody can get
     * the username within 30 days. `identity:users:write` on `users/&lt;id&gt;`.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, OWN_ROLES; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public void deleteUser(identity.v1.DeleteUserRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeleteUserResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteUserMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Refuses every login and refresh of a principal immediately. Its keys and tokens stop as fast as after Revoke.
     * `identity:principals:write` on `users/&lt;id&gt;`. Disabling a disabled principal succeeds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / BUILT_IN for `anonymous`.
     * </pre>
     */
    public void disablePrincipal(identity.v1.DisablePrincipalRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DisablePrincipalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDisablePrincipalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Enables a disabled principal. Its API keys work again, and its earlier sessions stay ended.
     * `identity:principals:write` on `users/&lt;id&gt;`.
     * Errors: as for DisablePrincipal.
     * </pre>
     */
    public void enablePrincipal(identity.v1.EnablePrincipalRequest request,
        io.grpc.stub.StreamObserver<identity.v1.EnablePrincipalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEnablePrincipalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a principal for a program. `identity:service_accounts:write` everywhere.
     * </pre>
     */
    public void createServiceAccount(identity.v1.CreateServiceAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CreateServiceAccountResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateServiceAccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists service accounts in the order of their creation. `identity:service_accounts:read` everywhere.
     * </pre>
     */
    public void listServiceAccounts(identity.v1.ListServiceAccountsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListServiceAccountsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListServiceAccountsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the description, and says which workloads are this service account. A workload acts as the account, so the
     * rules of IssueApiKey for others hold for its scopes. `identity:service_accounts:write` on `users/&lt;id&gt;`.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; NOT_FOUND; ALREADY_EXISTS for a workload that another service account lists;
     * PERMISSION_DENIED / GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED, and OWN_ROLES for the identities of the caller
     * itself.
     * </pre>
     */
    public void updateServiceAccount(identity.v1.UpdateServiceAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UpdateServiceAccountResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateServiceAccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a service account for good, with its keys and bindings. The audit stays. Nobody can get the name within 30
     * days. `identity:service_accounts:write` on `users/&lt;id&gt;`.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, OWN_ROLES; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public void deleteServiceAccount(identity.v1.DeleteServiceAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeleteServiceAccountResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteServiceAccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a role. `identity:roles:write` everywhere.
     * Errors:
     * - ALREADY_EXISTS.
     * - NOT_FOUND for an inherited role.
     * - FAILED_PRECONDITION / ROLE_CYCLE; BUILT_IN if `anonymous` holds the role and the role has a permission of the
     *   service itself.
     * - FAILED_PRECONDITION / LIMIT_REACHED beyond 10,000 roles, or if a role includes more than 1,000 roles or 10,000
     *   patterns by inheritance.
     * </pre>
     */
    public void createRole(identity.v1.CreateRoleRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CreateRoleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateRoleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a role. `identity:roles:write` everywhere. A caller who holds the role cannot change it, except a super
     * admin.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / ROLE_CYCLE, BUILT_IN, LIMIT_REACHED, and ROLE_IN_USE for a permission of
     * the service itself, if an identity provider maps claims to the role.
     * </pre>
     */
    public void updateRole(identity.v1.UpdateRoleRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UpdateRoleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateRoleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a role. `identity:roles:write` everywhere. Errors: NOT_FOUND; FAILED_PRECONDITION / ROLE_IN_USE, BUILT_IN.
     * </pre>
     */
    public void deleteRole(identity.v1.DeleteRoleRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeleteRoleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteRoleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a role. `identity:roles:read` everywhere. Errors: NOT_FOUND.
     * </pre>
     */
    public void getRole(identity.v1.GetRoleRequest request,
        io.grpc.stub.StreamObserver<identity.v1.GetRoleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRoleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists roles by name. `identity:roles:read` everywhere.
     * </pre>
     */
    public void listRoles(identity.v1.ListRolesRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListRolesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRolesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gives a principal a role. `identity:bindings:write` on the binding's resource.
     * Errors:
     * - NOT_FOUND for the role or principal.
     * - ALREADY_EXISTS for the same principal, role and resource.
     * - FAILED_PRECONDITION / LIMIT_REACHED beyond 1,000 bindings of a principal.
     * - FAILED_PRECONDITION / BUILT_IN for permissions of the service itself to `anonymous`.
     * </pre>
     */
    public void createBinding(identity.v1.CreateBindingRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CreateBindingResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateBindingMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a role from a principal. `identity:bindings:write` on the binding's resource. Errors: NOT_FOUND.
     * </pre>
     */
    public void deleteBinding(identity.v1.DeleteBindingRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeleteBindingResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteBindingMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists bindings in the order of their creation. `identity:bindings:read` on the requested resource, or everywhere.
     * </pre>
     */
    public void listBindings(identity.v1.ListBindingsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListBindingsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListBindingsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists what a principal may do on a resource, and why. `identity:bindings:read` on that resource, or everywhere.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public void listEffectivePermissions(identity.v1.ListEffectivePermissionsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListEffectivePermissionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListEffectivePermissionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists who has a permission on a resource, through roles and parent resources too, in the order of their ids:
     * `anonymous` too, and no disabled principals. `identity:bindings:read` everywhere, since administrators of parent
     * resources are in the answer.
     * All pages together are the complete answer at one revision. Errors: ABORTED / CONFLICT for a later page, after any
     * role, binding or principal has changed since the first one, after 12 hours, and after a failover. Begin again then,
     * with pages of 1,000.
     * </pre>
     */
    public void listSubjects(identity.v1.ListSubjectsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListSubjectsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSubjectsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the resources on which bindings give a principal a permission, sorted. The permission holds there and on
     * every resource below. `identity:bindings:read` everywhere.
     * Errors: NOT_FOUND; ABORTED / CONFLICT as in ListSubjects.
     * </pre>
     */
    public void listResources(identity.v1.ListResourcesRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListResourcesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListResourcesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the sessions that have not ended, newest first. `identity:sessions:read` on `users/&lt;id&gt;`.
     * </pre>
     */
    public void listPrincipalSessions(identity.v1.ListPrincipalSessionsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListPrincipalSessionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListPrincipalSessionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists API keys, including revoked and expired ones, newest first. `identity:api_keys:read` on `users/&lt;id&gt;`.
     * </pre>
     */
    public void listPrincipalApiKeys(identity.v1.ListPrincipalApiKeysRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListPrincipalApiKeysResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListPrincipalApiKeysMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns numbers for a dashboard. The cost does not depend on the number of accounts. `identity:statistics:read`
     * everywhere.
     * </pre>
     */
    public void getStatistics(identity.v1.GetStatisticsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.GetStatisticsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetStatisticsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists audit events, newest first. `identity:audit:read` everywhere.
     * </pre>
     */
    public void listAuditEvents(identity.v1.ListAuditEventsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListAuditEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListAuditEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the keys that sign access tokens, public parts only. `identity:signing_keys:read` everywhere.
     * </pre>
     */
    public void listSigningKeys(identity.v1.ListSigningKeysRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListSigningKeysResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSigningKeysMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes the next key of an algorithm active, retires its active key, and makes a new next key.
     * `identity:signing_keys:write` everywhere.
     * A next key may sign 6 minutes after it was made. Backends may keep the published keys for 5 minutes, so all of them
     * know it then.
     * Errors:
     * - NOT_FOUND if the algorithm has no keys, because no server was started with it.
     * - FAILED_PRECONDITION / SIGNING_KEY_TOO_NEW, with RetryInfo, if the next key may not sign yet.
     * - FAILED_PRECONDITION / LIMIT_REACHED if 10 keys of the algorithm are still retiring.
     * </pre>
     */
    public void rotateSigningKey(identity.v1.RotateSigningKeyRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RotateSigningKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRotateSigningKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a key that was stolen, in any state. Every access token that it signed is invalid from then on, also the
     * caller's own. Sessions stay: a refresh returns a token of the active key. If the removed key was active, the next
     * key of its algorithm becomes active, however new it is. A removed next key is replaced.
     * `identity:signing_keys:write` everywhere.
     * Backends that verify tokens themselves accept such tokens until they read the published keys again. If the next key
     * is new, they may also refuse its tokens until then. Both ends after 5 minutes.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public void removeSigningKey(identity.v1.RemoveSigningKeyRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RemoveSigningKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRemoveSigningKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Refuses a person or a workload of another issuer from now on: no login, no call, no check. It need not be anybody
     * here. The sessions of a person stay: Revoke ends them. `undo` ends the refusal. `identity:sessions:write`
     * everywhere.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION /
     * LIMIT_REACHED beyond 100,000 refusals.
     * </pre>
     */
    public void revokeExternal(identity.v1.RevokeExternalRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RevokeExternalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeExternalMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Enters an OpenID provider, whose ID tokens log people in from now on (Authenticate with `id_token`). Its keys are
     * fetched when a login or a workload needs them first. `identity:identity_providers:write` everywhere. A provider can
     * log in as others, so this call, its update and its deletion need a super admin.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; ALREADY_EXISTS for the name or the issuer; PERMISSION_DENIED /
     * SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION / LIMIT_REACHED beyond 100 providers.
     * </pre>
     */
    public void createIdentityProvider(identity.v1.CreateIdentityProviderRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CreateIdentityProviderResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateIdentityProviderMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * `identity:identity_providers:read` everywhere. Errors: NOT_FOUND.
     * </pre>
     */
    public void getIdentityProvider(identity.v1.GetIdentityProviderRequest request,
        io.grpc.stub.StreamObserver<identity.v1.GetIdentityProviderResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetIdentityProviderMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the providers, in the order of their names. `identity:identity_providers:read` everywhere.
     * </pre>
     */
    public void listIdentityProviders(identity.v1.ListIdentityProvidersRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListIdentityProvidersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListIdentityProvidersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a provider. Every later login follows it, on every replica. `identity:identity_providers:write` everywhere.
     * Errors: NOT_FOUND; INVALID_ARGUMENT / INVALID_FIELD; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
     * </pre>
     */
    public void updateIdentityProvider(identity.v1.UpdateIdentityProviderRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UpdateIdentityProviderResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateIdentityProviderMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a provider. Its ID tokens log nobody in any more. The links of its identities stay: they count again if the
     * issuer is entered again. Sessions stay, too. The roles that its claims gave end.
     * `identity:identity_providers:write` everywhere.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
     * </pre>
     */
    public void deleteIdentityProvider(identity.v1.DeleteIdentityProviderRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeleteIdentityProviderResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteIdentityProviderMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service AdminService.
   * <pre>
   * The service for operators and automation.
   * Each RPC names the permission that it needs and the resource where it needs it. "Everywhere" means a binding without
   * a resource. These rules also apply:
   * - A role or binding may carry a permission of the service itself (within `identity:`, or `*`). Its author must hold
   *   this permission there, within the scopes of the credential and for at least as long: PERMISSION_DENIED /
   *   GRANT_EXCEEDS_CALLER.
   * - Nobody changes their own bindings or disables themselves: PERMISSION_DENIED / OWN_ROLES.
   * - Only a super admin acts on a super admin: PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
   * RPCs that create an object accept a `request_id` (a UUID, optional). The server remembers it for 24 hours for each
   * caller. A repeat returns the same object without its secret. A repeat with other arguments is INVALID_ARGUMENT /
   * REQUEST_ID_REUSED.
   * Lists return pages of `page_size` (100 if 0, at most 1,000) with an opaque `next_page_token`, which is empty at the
   * end.
   * </pre>
   */
  public static final class AdminServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<AdminServiceBlockingV2Stub> {
    private AdminServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a user with a password hash, or with a one-time secret. `identity:users:write` everywhere.
     * Errors: ALREADY_EXISTS / ALREADY_EXISTS for a taken username or e-mail address; RESOURCE_EXHAUSTED / OVERLOADED.
     * </pre>
     */
    public identity.v1.CreateUserResponse createUser(identity.v1.CreateUserRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a user. `identity:users:read` on `users/&lt;id&gt;`. Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.GetUserResponse getUser(identity.v1.GetUserRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists users in the order of their creation. `identity:users:read` everywhere.
     * </pre>
     */
    public identity.v1.ListUsersResponse listUsers(identity.v1.ListUsersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListUsersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a user's full name or e-mail address. `identity:users:write` on `users/&lt;id&gt;`.
     * The new address is verified only if `email_verified` is set. Earlier mailed tokens stop working, and a mail informs
     * the old address.
     * An administrator who sets an address could then request a password reset to that address. So for a new address, the
     * caller must be able to grant everything that the user holds. For permissions of the service itself, the caller must
     * hold them. For others, the caller needs `identity:bindings:write` on their resources. Nobody changes their own
     * address here: UpdateAccount requires the password or a second factor.
     * Errors: NOT_FOUND; ALREADY_EXISTS; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, GRANT_EXCEEDS_CALLER, OWN_ROLES.
     * </pre>
     */
    public identity.v1.UpdateUserResponse updateUser(identity.v1.UpdateUserRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a lock after wrong passwords and a block after wrong codes. `identity:users:write` on `users/&lt;id&gt;`. Errors:
     * NOT_FOUND.
     * </pre>
     */
    public identity.v1.UnlockUserResponse unlockUser(identity.v1.UnlockUserRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUnlockUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces a forgotten password by a one-time secret, which is valid only for changing it. Ends all sessions, revokes
     * all API keys of the user and unlinks all external identities. A second factor stays. The server mails the owner.
     * `identity:users:write` on `users/&lt;id&gt;`, and the caller must be able to grant everything that the user holds, as for
     * a new address.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, GRANT_EXCEEDS_CALLER, OWN_ROLES; RESOURCE_EXHAUSTED /
     * OVERLOADED.
     * </pre>
     */
    public identity.v1.ResetCredentialsResponse resetCredentials(identity.v1.ResetCredentialsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResetCredentialsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lets the confirmed second factor of a user count for roles with `mfa_max_age` immediately, instead of 24 hours
     * after its confirmation: the administrator knows that the user has confirmed it. The server mails the owner.
     * `identity:users:write` on `users/&lt;id&gt;`, and the caller must be able to grant everything that the user holds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / MFA_NOT_ENROLLED; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED,
     * GRANT_EXCEEDS_CALLER, OWN_ROLES.
     * </pre>
     */
    public identity.v1.TrustSecondFactorResponse trustSecondFactor(identity.v1.TrustSecondFactorRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getTrustSecondFactorMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a user for good: the account, its credentials, sessions, keys and bindings. The audit stays. Nobody can get
     * the username within 30 days. `identity:users:write` on `users/&lt;id&gt;`.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, OWN_ROLES; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public identity.v1.DeleteUserResponse deleteUser(identity.v1.DeleteUserRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Refuses every login and refresh of a principal immediately. Its keys and tokens stop as fast as after Revoke.
     * `identity:principals:write` on `users/&lt;id&gt;`. Disabling a disabled principal succeeds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / BUILT_IN for `anonymous`.
     * </pre>
     */
    public identity.v1.DisablePrincipalResponse disablePrincipal(identity.v1.DisablePrincipalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDisablePrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Enables a disabled principal. Its API keys work again, and its earlier sessions stay ended.
     * `identity:principals:write` on `users/&lt;id&gt;`.
     * Errors: as for DisablePrincipal.
     * </pre>
     */
    public identity.v1.EnablePrincipalResponse enablePrincipal(identity.v1.EnablePrincipalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEnablePrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a principal for a program. `identity:service_accounts:write` everywhere.
     * </pre>
     */
    public identity.v1.CreateServiceAccountResponse createServiceAccount(identity.v1.CreateServiceAccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists service accounts in the order of their creation. `identity:service_accounts:read` everywhere.
     * </pre>
     */
    public identity.v1.ListServiceAccountsResponse listServiceAccounts(identity.v1.ListServiceAccountsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListServiceAccountsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the description, and says which workloads are this service account. A workload acts as the account, so the
     * rules of IssueApiKey for others hold for its scopes. `identity:service_accounts:write` on `users/&lt;id&gt;`.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; NOT_FOUND; ALREADY_EXISTS for a workload that another service account lists;
     * PERMISSION_DENIED / GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED, and OWN_ROLES for the identities of the caller
     * itself.
     * </pre>
     */
    public identity.v1.UpdateServiceAccountResponse updateServiceAccount(identity.v1.UpdateServiceAccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a service account for good, with its keys and bindings. The audit stays. Nobody can get the name within 30
     * days. `identity:service_accounts:write` on `users/&lt;id&gt;`.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, OWN_ROLES; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public identity.v1.DeleteServiceAccountResponse deleteServiceAccount(identity.v1.DeleteServiceAccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a role. `identity:roles:write` everywhere.
     * Errors:
     * - ALREADY_EXISTS.
     * - NOT_FOUND for an inherited role.
     * - FAILED_PRECONDITION / ROLE_CYCLE; BUILT_IN if `anonymous` holds the role and the role has a permission of the
     *   service itself.
     * - FAILED_PRECONDITION / LIMIT_REACHED beyond 10,000 roles, or if a role includes more than 1,000 roles or 10,000
     *   patterns by inheritance.
     * </pre>
     */
    public identity.v1.CreateRoleResponse createRole(identity.v1.CreateRoleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a role. `identity:roles:write` everywhere. A caller who holds the role cannot change it, except a super
     * admin.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / ROLE_CYCLE, BUILT_IN, LIMIT_REACHED, and ROLE_IN_USE for a permission of
     * the service itself, if an identity provider maps claims to the role.
     * </pre>
     */
    public identity.v1.UpdateRoleResponse updateRole(identity.v1.UpdateRoleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a role. `identity:roles:write` everywhere. Errors: NOT_FOUND; FAILED_PRECONDITION / ROLE_IN_USE, BUILT_IN.
     * </pre>
     */
    public identity.v1.DeleteRoleResponse deleteRole(identity.v1.DeleteRoleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a role. `identity:roles:read` everywhere. Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.GetRoleResponse getRole(identity.v1.GetRoleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists roles by name. `identity:roles:read` everywhere.
     * </pre>
     */
    public identity.v1.ListRolesResponse listRoles(identity.v1.ListRolesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRolesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gives a principal a role. `identity:bindings:write` on the binding's resource.
     * Errors:
     * - NOT_FOUND for the role or principal.
     * - ALREADY_EXISTS for the same principal, role and resource.
     * - FAILED_PRECONDITION / LIMIT_REACHED beyond 1,000 bindings of a principal.
     * - FAILED_PRECONDITION / BUILT_IN for permissions of the service itself to `anonymous`.
     * </pre>
     */
    public identity.v1.CreateBindingResponse createBinding(identity.v1.CreateBindingRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateBindingMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a role from a principal. `identity:bindings:write` on the binding's resource. Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.DeleteBindingResponse deleteBinding(identity.v1.DeleteBindingRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteBindingMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists bindings in the order of their creation. `identity:bindings:read` on the requested resource, or everywhere.
     * </pre>
     */
    public identity.v1.ListBindingsResponse listBindings(identity.v1.ListBindingsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListBindingsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists what a principal may do on a resource, and why. `identity:bindings:read` on that resource, or everywhere.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.ListEffectivePermissionsResponse listEffectivePermissions(identity.v1.ListEffectivePermissionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListEffectivePermissionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists who has a permission on a resource, through roles and parent resources too, in the order of their ids:
     * `anonymous` too, and no disabled principals. `identity:bindings:read` everywhere, since administrators of parent
     * resources are in the answer.
     * All pages together are the complete answer at one revision. Errors: ABORTED / CONFLICT for a later page, after any
     * role, binding or principal has changed since the first one, after 12 hours, and after a failover. Begin again then,
     * with pages of 1,000.
     * </pre>
     */
    public identity.v1.ListSubjectsResponse listSubjects(identity.v1.ListSubjectsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSubjectsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the resources on which bindings give a principal a permission, sorted. The permission holds there and on
     * every resource below. `identity:bindings:read` everywhere.
     * Errors: NOT_FOUND; ABORTED / CONFLICT as in ListSubjects.
     * </pre>
     */
    public identity.v1.ListResourcesResponse listResources(identity.v1.ListResourcesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListResourcesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the sessions that have not ended, newest first. `identity:sessions:read` on `users/&lt;id&gt;`.
     * </pre>
     */
    public identity.v1.ListPrincipalSessionsResponse listPrincipalSessions(identity.v1.ListPrincipalSessionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListPrincipalSessionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists API keys, including revoked and expired ones, newest first. `identity:api_keys:read` on `users/&lt;id&gt;`.
     * </pre>
     */
    public identity.v1.ListPrincipalApiKeysResponse listPrincipalApiKeys(identity.v1.ListPrincipalApiKeysRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListPrincipalApiKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns numbers for a dashboard. The cost does not depend on the number of accounts. `identity:statistics:read`
     * everywhere.
     * </pre>
     */
    public identity.v1.GetStatisticsResponse getStatistics(identity.v1.GetStatisticsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetStatisticsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists audit events, newest first. `identity:audit:read` everywhere.
     * </pre>
     */
    public identity.v1.ListAuditEventsResponse listAuditEvents(identity.v1.ListAuditEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListAuditEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the keys that sign access tokens, public parts only. `identity:signing_keys:read` everywhere.
     * </pre>
     */
    public identity.v1.ListSigningKeysResponse listSigningKeys(identity.v1.ListSigningKeysRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSigningKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes the next key of an algorithm active, retires its active key, and makes a new next key.
     * `identity:signing_keys:write` everywhere.
     * A next key may sign 6 minutes after it was made. Backends may keep the published keys for 5 minutes, so all of them
     * know it then.
     * Errors:
     * - NOT_FOUND if the algorithm has no keys, because no server was started with it.
     * - FAILED_PRECONDITION / SIGNING_KEY_TOO_NEW, with RetryInfo, if the next key may not sign yet.
     * - FAILED_PRECONDITION / LIMIT_REACHED if 10 keys of the algorithm are still retiring.
     * </pre>
     */
    public identity.v1.RotateSigningKeyResponse rotateSigningKey(identity.v1.RotateSigningKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRotateSigningKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a key that was stolen, in any state. Every access token that it signed is invalid from then on, also the
     * caller's own. Sessions stay: a refresh returns a token of the active key. If the removed key was active, the next
     * key of its algorithm becomes active, however new it is. A removed next key is replaced.
     * `identity:signing_keys:write` everywhere.
     * Backends that verify tokens themselves accept such tokens until they read the published keys again. If the next key
     * is new, they may also refuse its tokens until then. Both ends after 5 minutes.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.RemoveSigningKeyResponse removeSigningKey(identity.v1.RemoveSigningKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRemoveSigningKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Refuses a person or a workload of another issuer from now on: no login, no call, no check. It need not be anybody
     * here. The sessions of a person stay: Revoke ends them. `undo` ends the refusal. `identity:sessions:write`
     * everywhere.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION /
     * LIMIT_REACHED beyond 100,000 refusals.
     * </pre>
     */
    public identity.v1.RevokeExternalResponse revokeExternal(identity.v1.RevokeExternalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeExternalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Enters an OpenID provider, whose ID tokens log people in from now on (Authenticate with `id_token`). Its keys are
     * fetched when a login or a workload needs them first. `identity:identity_providers:write` everywhere. A provider can
     * log in as others, so this call, its update and its deletion need a super admin.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; ALREADY_EXISTS for the name or the issuer; PERMISSION_DENIED /
     * SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION / LIMIT_REACHED beyond 100 providers.
     * </pre>
     */
    public identity.v1.CreateIdentityProviderResponse createIdentityProvider(identity.v1.CreateIdentityProviderRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateIdentityProviderMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * `identity:identity_providers:read` everywhere. Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.GetIdentityProviderResponse getIdentityProvider(identity.v1.GetIdentityProviderRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetIdentityProviderMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the providers, in the order of their names. `identity:identity_providers:read` everywhere.
     * </pre>
     */
    public identity.v1.ListIdentityProvidersResponse listIdentityProviders(identity.v1.ListIdentityProvidersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListIdentityProvidersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a provider. Every later login follows it, on every replica. `identity:identity_providers:write` everywhere.
     * Errors: NOT_FOUND; INVALID_ARGUMENT / INVALID_FIELD; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
     * </pre>
     */
    public identity.v1.UpdateIdentityProviderResponse updateIdentityProvider(identity.v1.UpdateIdentityProviderRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateIdentityProviderMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a provider. Its ID tokens log nobody in any more. The links of its identities stay: they count again if the
     * issuer is entered again. Sessions stay, too. The roles that its claims gave end.
     * `identity:identity_providers:write` everywhere.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
     * </pre>
     */
    public identity.v1.DeleteIdentityProviderResponse deleteIdentityProvider(identity.v1.DeleteIdentityProviderRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteIdentityProviderMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service AdminService.
   * <pre>
   * The service for operators and automation.
   * Each RPC names the permission that it needs and the resource where it needs it. "Everywhere" means a binding without
   * a resource. These rules also apply:
   * - A role or binding may carry a permission of the service itself (within `identity:`, or `*`). Its author must hold
   *   this permission there, within the scopes of the credential and for at least as long: PERMISSION_DENIED /
   *   GRANT_EXCEEDS_CALLER.
   * - Nobody changes their own bindings or disables themselves: PERMISSION_DENIED / OWN_ROLES.
   * - Only a super admin acts on a super admin: PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
   * RPCs that create an object accept a `request_id` (a UUID, optional). The server remembers it for 24 hours for each
   * caller. A repeat returns the same object without its secret. A repeat with other arguments is INVALID_ARGUMENT /
   * REQUEST_ID_REUSED.
   * Lists return pages of `page_size` (100 if 0, at most 1,000) with an opaque `next_page_token`, which is empty at the
   * end.
   * </pre>
   */
  public static final class AdminServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<AdminServiceBlockingStub> {
    private AdminServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a user with a password hash, or with a one-time secret. `identity:users:write` everywhere.
     * Errors: ALREADY_EXISTS / ALREADY_EXISTS for a taken username or e-mail address; RESOURCE_EXHAUSTED / OVERLOADED.
     * </pre>
     */
    public identity.v1.CreateUserResponse createUser(identity.v1.CreateUserRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a user. `identity:users:read` on `users/&lt;id&gt;`. Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.GetUserResponse getUser(identity.v1.GetUserRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists users in the order of their creation. `identity:users:read` everywhere.
     * </pre>
     */
    public identity.v1.ListUsersResponse listUsers(identity.v1.ListUsersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListUsersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a user's full name or e-mail address. `identity:users:write` on `users/&lt;id&gt;`.
     * The new address is verified only if `email_verified` is set. Earlier mailed tokens stop working, and a mail informs
     * the old address.
     * An administrator who sets an address could then request a password reset to that address. So for a new address, the
     * caller must be able to grant everything that the user holds. For permissions of the service itself, the caller must
     * hold them. For others, the caller needs `identity:bindings:write` on their resources. Nobody changes their own
     * address here: UpdateAccount requires the password or a second factor.
     * Errors: NOT_FOUND; ALREADY_EXISTS; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, GRANT_EXCEEDS_CALLER, OWN_ROLES.
     * </pre>
     */
    public identity.v1.UpdateUserResponse updateUser(identity.v1.UpdateUserRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a lock after wrong passwords and a block after wrong codes. `identity:users:write` on `users/&lt;id&gt;`. Errors:
     * NOT_FOUND.
     * </pre>
     */
    public identity.v1.UnlockUserResponse unlockUser(identity.v1.UnlockUserRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUnlockUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces a forgotten password by a one-time secret, which is valid only for changing it. Ends all sessions, revokes
     * all API keys of the user and unlinks all external identities. A second factor stays. The server mails the owner.
     * `identity:users:write` on `users/&lt;id&gt;`, and the caller must be able to grant everything that the user holds, as for
     * a new address.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, GRANT_EXCEEDS_CALLER, OWN_ROLES; RESOURCE_EXHAUSTED /
     * OVERLOADED.
     * </pre>
     */
    public identity.v1.ResetCredentialsResponse resetCredentials(identity.v1.ResetCredentialsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResetCredentialsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lets the confirmed second factor of a user count for roles with `mfa_max_age` immediately, instead of 24 hours
     * after its confirmation: the administrator knows that the user has confirmed it. The server mails the owner.
     * `identity:users:write` on `users/&lt;id&gt;`, and the caller must be able to grant everything that the user holds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / MFA_NOT_ENROLLED; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED,
     * GRANT_EXCEEDS_CALLER, OWN_ROLES.
     * </pre>
     */
    public identity.v1.TrustSecondFactorResponse trustSecondFactor(identity.v1.TrustSecondFactorRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getTrustSecondFactorMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a user for good: the account, its credentials, sessions, keys and bindings. The audit stays. Nobody can get
     * the username within 30 days. `identity:users:write` on `users/&lt;id&gt;`.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, OWN_ROLES; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public identity.v1.DeleteUserResponse deleteUser(identity.v1.DeleteUserRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteUserMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Refuses every login and refresh of a principal immediately. Its keys and tokens stop as fast as after Revoke.
     * `identity:principals:write` on `users/&lt;id&gt;`. Disabling a disabled principal succeeds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / BUILT_IN for `anonymous`.
     * </pre>
     */
    public identity.v1.DisablePrincipalResponse disablePrincipal(identity.v1.DisablePrincipalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDisablePrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Enables a disabled principal. Its API keys work again, and its earlier sessions stay ended.
     * `identity:principals:write` on `users/&lt;id&gt;`.
     * Errors: as for DisablePrincipal.
     * </pre>
     */
    public identity.v1.EnablePrincipalResponse enablePrincipal(identity.v1.EnablePrincipalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEnablePrincipalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a principal for a program. `identity:service_accounts:write` everywhere.
     * </pre>
     */
    public identity.v1.CreateServiceAccountResponse createServiceAccount(identity.v1.CreateServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists service accounts in the order of their creation. `identity:service_accounts:read` everywhere.
     * </pre>
     */
    public identity.v1.ListServiceAccountsResponse listServiceAccounts(identity.v1.ListServiceAccountsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListServiceAccountsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the description, and says which workloads are this service account. A workload acts as the account, so the
     * rules of IssueApiKey for others hold for its scopes. `identity:service_accounts:write` on `users/&lt;id&gt;`.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; NOT_FOUND; ALREADY_EXISTS for a workload that another service account lists;
     * PERMISSION_DENIED / GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED, and OWN_ROLES for the identities of the caller
     * itself.
     * </pre>
     */
    public identity.v1.UpdateServiceAccountResponse updateServiceAccount(identity.v1.UpdateServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a service account for good, with its keys and bindings. The audit stays. Nobody can get the name within 30
     * days. `identity:service_accounts:write` on `users/&lt;id&gt;`.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, OWN_ROLES; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public identity.v1.DeleteServiceAccountResponse deleteServiceAccount(identity.v1.DeleteServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a role. `identity:roles:write` everywhere.
     * Errors:
     * - ALREADY_EXISTS.
     * - NOT_FOUND for an inherited role.
     * - FAILED_PRECONDITION / ROLE_CYCLE; BUILT_IN if `anonymous` holds the role and the role has a permission of the
     *   service itself.
     * - FAILED_PRECONDITION / LIMIT_REACHED beyond 10,000 roles, or if a role includes more than 1,000 roles or 10,000
     *   patterns by inheritance.
     * </pre>
     */
    public identity.v1.CreateRoleResponse createRole(identity.v1.CreateRoleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a role. `identity:roles:write` everywhere. A caller who holds the role cannot change it, except a super
     * admin.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / ROLE_CYCLE, BUILT_IN, LIMIT_REACHED, and ROLE_IN_USE for a permission of
     * the service itself, if an identity provider maps claims to the role.
     * </pre>
     */
    public identity.v1.UpdateRoleResponse updateRole(identity.v1.UpdateRoleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a role. `identity:roles:write` everywhere. Errors: NOT_FOUND; FAILED_PRECONDITION / ROLE_IN_USE, BUILT_IN.
     * </pre>
     */
    public identity.v1.DeleteRoleResponse deleteRole(identity.v1.DeleteRoleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a role. `identity:roles:read` everywhere. Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.GetRoleResponse getRole(identity.v1.GetRoleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists roles by name. `identity:roles:read` everywhere.
     * </pre>
     */
    public identity.v1.ListRolesResponse listRoles(identity.v1.ListRolesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRolesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gives a principal a role. `identity:bindings:write` on the binding's resource.
     * Errors:
     * - NOT_FOUND for the role or principal.
     * - ALREADY_EXISTS for the same principal, role and resource.
     * - FAILED_PRECONDITION / LIMIT_REACHED beyond 1,000 bindings of a principal.
     * - FAILED_PRECONDITION / BUILT_IN for permissions of the service itself to `anonymous`.
     * </pre>
     */
    public identity.v1.CreateBindingResponse createBinding(identity.v1.CreateBindingRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateBindingMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a role from a principal. `identity:bindings:write` on the binding's resource. Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.DeleteBindingResponse deleteBinding(identity.v1.DeleteBindingRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteBindingMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists bindings in the order of their creation. `identity:bindings:read` on the requested resource, or everywhere.
     * </pre>
     */
    public identity.v1.ListBindingsResponse listBindings(identity.v1.ListBindingsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListBindingsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists what a principal may do on a resource, and why. `identity:bindings:read` on that resource, or everywhere.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.ListEffectivePermissionsResponse listEffectivePermissions(identity.v1.ListEffectivePermissionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListEffectivePermissionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists who has a permission on a resource, through roles and parent resources too, in the order of their ids:
     * `anonymous` too, and no disabled principals. `identity:bindings:read` everywhere, since administrators of parent
     * resources are in the answer.
     * All pages together are the complete answer at one revision. Errors: ABORTED / CONFLICT for a later page, after any
     * role, binding or principal has changed since the first one, after 12 hours, and after a failover. Begin again then,
     * with pages of 1,000.
     * </pre>
     */
    public identity.v1.ListSubjectsResponse listSubjects(identity.v1.ListSubjectsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSubjectsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the resources on which bindings give a principal a permission, sorted. The permission holds there and on
     * every resource below. `identity:bindings:read` everywhere.
     * Errors: NOT_FOUND; ABORTED / CONFLICT as in ListSubjects.
     * </pre>
     */
    public identity.v1.ListResourcesResponse listResources(identity.v1.ListResourcesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListResourcesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the sessions that have not ended, newest first. `identity:sessions:read` on `users/&lt;id&gt;`.
     * </pre>
     */
    public identity.v1.ListPrincipalSessionsResponse listPrincipalSessions(identity.v1.ListPrincipalSessionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListPrincipalSessionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists API keys, including revoked and expired ones, newest first. `identity:api_keys:read` on `users/&lt;id&gt;`.
     * </pre>
     */
    public identity.v1.ListPrincipalApiKeysResponse listPrincipalApiKeys(identity.v1.ListPrincipalApiKeysRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListPrincipalApiKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns numbers for a dashboard. The cost does not depend on the number of accounts. `identity:statistics:read`
     * everywhere.
     * </pre>
     */
    public identity.v1.GetStatisticsResponse getStatistics(identity.v1.GetStatisticsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetStatisticsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists audit events, newest first. `identity:audit:read` everywhere.
     * </pre>
     */
    public identity.v1.ListAuditEventsResponse listAuditEvents(identity.v1.ListAuditEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListAuditEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the keys that sign access tokens, public parts only. `identity:signing_keys:read` everywhere.
     * </pre>
     */
    public identity.v1.ListSigningKeysResponse listSigningKeys(identity.v1.ListSigningKeysRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSigningKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes the next key of an algorithm active, retires its active key, and makes a new next key.
     * `identity:signing_keys:write` everywhere.
     * A next key may sign 6 minutes after it was made. Backends may keep the published keys for 5 minutes, so all of them
     * know it then.
     * Errors:
     * - NOT_FOUND if the algorithm has no keys, because no server was started with it.
     * - FAILED_PRECONDITION / SIGNING_KEY_TOO_NEW, with RetryInfo, if the next key may not sign yet.
     * - FAILED_PRECONDITION / LIMIT_REACHED if 10 keys of the algorithm are still retiring.
     * </pre>
     */
    public identity.v1.RotateSigningKeyResponse rotateSigningKey(identity.v1.RotateSigningKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRotateSigningKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a key that was stolen, in any state. Every access token that it signed is invalid from then on, also the
     * caller's own. Sessions stay: a refresh returns a token of the active key. If the removed key was active, the next
     * key of its algorithm becomes active, however new it is. A removed next key is replaced.
     * `identity:signing_keys:write` everywhere.
     * Backends that verify tokens themselves accept such tokens until they read the published keys again. If the next key
     * is new, they may also refuse its tokens until then. Both ends after 5 minutes.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.RemoveSigningKeyResponse removeSigningKey(identity.v1.RemoveSigningKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRemoveSigningKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Refuses a person or a workload of another issuer from now on: no login, no call, no check. It need not be anybody
     * here. The sessions of a person stay: Revoke ends them. `undo` ends the refusal. `identity:sessions:write`
     * everywhere.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION /
     * LIMIT_REACHED beyond 100,000 refusals.
     * </pre>
     */
    public identity.v1.RevokeExternalResponse revokeExternal(identity.v1.RevokeExternalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeExternalMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Enters an OpenID provider, whose ID tokens log people in from now on (Authenticate with `id_token`). Its keys are
     * fetched when a login or a workload needs them first. `identity:identity_providers:write` everywhere. A provider can
     * log in as others, so this call, its update and its deletion need a super admin.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; ALREADY_EXISTS for the name or the issuer; PERMISSION_DENIED /
     * SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION / LIMIT_REACHED beyond 100 providers.
     * </pre>
     */
    public identity.v1.CreateIdentityProviderResponse createIdentityProvider(identity.v1.CreateIdentityProviderRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateIdentityProviderMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * `identity:identity_providers:read` everywhere. Errors: NOT_FOUND.
     * </pre>
     */
    public identity.v1.GetIdentityProviderResponse getIdentityProvider(identity.v1.GetIdentityProviderRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetIdentityProviderMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the providers, in the order of their names. `identity:identity_providers:read` everywhere.
     * </pre>
     */
    public identity.v1.ListIdentityProvidersResponse listIdentityProviders(identity.v1.ListIdentityProvidersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListIdentityProvidersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a provider. Every later login follows it, on every replica. `identity:identity_providers:write` everywhere.
     * Errors: NOT_FOUND; INVALID_ARGUMENT / INVALID_FIELD; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
     * </pre>
     */
    public identity.v1.UpdateIdentityProviderResponse updateIdentityProvider(identity.v1.UpdateIdentityProviderRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateIdentityProviderMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a provider. Its ID tokens log nobody in any more. The links of its identities stay: they count again if the
     * issuer is entered again. Sessions stay, too. The roles that its claims gave end.
     * `identity:identity_providers:write` everywhere.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
     * </pre>
     */
    public identity.v1.DeleteIdentityProviderResponse deleteIdentityProvider(identity.v1.DeleteIdentityProviderRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteIdentityProviderMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service AdminService.
   * <pre>
   * The service for operators and automation.
   * Each RPC names the permission that it needs and the resource where it needs it. "Everywhere" means a binding without
   * a resource. These rules also apply:
   * - A role or binding may carry a permission of the service itself (within `identity:`, or `*`). Its author must hold
   *   this permission there, within the scopes of the credential and for at least as long: PERMISSION_DENIED /
   *   GRANT_EXCEEDS_CALLER.
   * - Nobody changes their own bindings or disables themselves: PERMISSION_DENIED / OWN_ROLES.
   * - Only a super admin acts on a super admin: PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
   * RPCs that create an object accept a `request_id` (a UUID, optional). The server remembers it for 24 hours for each
   * caller. A repeat returns the same object without its secret. A repeat with other arguments is INVALID_ARGUMENT /
   * REQUEST_ID_REUSED.
   * Lists return pages of `page_size` (100 if 0, at most 1,000) with an opaque `next_page_token`, which is empty at the
   * end.
   * </pre>
   */
  public static final class AdminServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<AdminServiceFutureStub> {
    private AdminServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AdminServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AdminServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes a user with a password hash, or with a one-time secret. `identity:users:write` everywhere.
     * Errors: ALREADY_EXISTS / ALREADY_EXISTS for a taken username or e-mail address; RESOURCE_EXHAUSTED / OVERLOADED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.CreateUserResponse> createUser(
        identity.v1.CreateUserRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateUserMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a user. `identity:users:read` on `users/&lt;id&gt;`. Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.GetUserResponse> getUser(
        identity.v1.GetUserRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetUserMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists users in the order of their creation. `identity:users:read` everywhere.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListUsersResponse> listUsers(
        identity.v1.ListUsersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListUsersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a user's full name or e-mail address. `identity:users:write` on `users/&lt;id&gt;`.
     * The new address is verified only if `email_verified` is set. Earlier mailed tokens stop working, and a mail informs
     * the old address.
     * An administrator who sets an address could then request a password reset to that address. So for a new address, the
     * caller must be able to grant everything that the user holds. For permissions of the service itself, the caller must
     * hold them. For others, the caller needs `identity:bindings:write` on their resources. Nobody changes their own
     * address here: UpdateAccount requires the password or a second factor.
     * Errors: NOT_FOUND; ALREADY_EXISTS; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, GRANT_EXCEEDS_CALLER, OWN_ROLES.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.UpdateUserResponse> updateUser(
        identity.v1.UpdateUserRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateUserMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends a lock after wrong passwords and a block after wrong codes. `identity:users:write` on `users/&lt;id&gt;`. Errors:
     * NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.UnlockUserResponse> unlockUser(
        identity.v1.UnlockUserRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUnlockUserMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Replaces a forgotten password by a one-time secret, which is valid only for changing it. Ends all sessions, revokes
     * all API keys of the user and unlinks all external identities. A second factor stays. The server mails the owner.
     * `identity:users:write` on `users/&lt;id&gt;`, and the caller must be able to grant everything that the user holds, as for
     * a new address.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, GRANT_EXCEEDS_CALLER, OWN_ROLES; RESOURCE_EXHAUSTED /
     * OVERLOADED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ResetCredentialsResponse> resetCredentials(
        identity.v1.ResetCredentialsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResetCredentialsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lets the confirmed second factor of a user count for roles with `mfa_max_age` immediately, instead of 24 hours
     * after its confirmation: the administrator knows that the user has confirmed it. The server mails the owner.
     * `identity:users:write` on `users/&lt;id&gt;`, and the caller must be able to grant everything that the user holds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / MFA_NOT_ENROLLED; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED,
     * GRANT_EXCEEDS_CALLER, OWN_ROLES.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.TrustSecondFactorResponse> trustSecondFactor(
        identity.v1.TrustSecondFactorRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getTrustSecondFactorMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a user for good: the account, its credentials, sessions, keys and bindings. The audit stays. Nobody can get
     * the username within 30 days. `identity:users:write` on `users/&lt;id&gt;`.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, OWN_ROLES; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.DeleteUserResponse> deleteUser(
        identity.v1.DeleteUserRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteUserMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Refuses every login and refresh of a principal immediately. Its keys and tokens stop as fast as after Revoke.
     * `identity:principals:write` on `users/&lt;id&gt;`. Disabling a disabled principal succeeds.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / BUILT_IN for `anonymous`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.DisablePrincipalResponse> disablePrincipal(
        identity.v1.DisablePrincipalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDisablePrincipalMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Enables a disabled principal. Its API keys work again, and its earlier sessions stay ended.
     * `identity:principals:write` on `users/&lt;id&gt;`.
     * Errors: as for DisablePrincipal.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.EnablePrincipalResponse> enablePrincipal(
        identity.v1.EnablePrincipalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEnablePrincipalMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a principal for a program. `identity:service_accounts:write` everywhere.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.CreateServiceAccountResponse> createServiceAccount(
        identity.v1.CreateServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateServiceAccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists service accounts in the order of their creation. `identity:service_accounts:read` everywhere.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListServiceAccountsResponse> listServiceAccounts(
        identity.v1.ListServiceAccountsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListServiceAccountsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the description, and says which workloads are this service account. A workload acts as the account, so the
     * rules of IssueApiKey for others hold for its scopes. `identity:service_accounts:write` on `users/&lt;id&gt;`.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; NOT_FOUND; ALREADY_EXISTS for a workload that another service account lists;
     * PERMISSION_DENIED / GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED, and OWN_ROLES for the identities of the caller
     * itself.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.UpdateServiceAccountResponse> updateServiceAccount(
        identity.v1.UpdateServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateServiceAccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a service account for good, with its keys and bindings. The audit stays. Nobody can get the name within 30
     * days. `identity:service_accounts:write` on `users/&lt;id&gt;`.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, OWN_ROLES; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.DeleteServiceAccountResponse> deleteServiceAccount(
        identity.v1.DeleteServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteServiceAccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a role. `identity:roles:write` everywhere.
     * Errors:
     * - ALREADY_EXISTS.
     * - NOT_FOUND for an inherited role.
     * - FAILED_PRECONDITION / ROLE_CYCLE; BUILT_IN if `anonymous` holds the role and the role has a permission of the
     *   service itself.
     * - FAILED_PRECONDITION / LIMIT_REACHED beyond 10,000 roles, or if a role includes more than 1,000 roles or 10,000
     *   patterns by inheritance.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.CreateRoleResponse> createRole(
        identity.v1.CreateRoleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateRoleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a role. `identity:roles:write` everywhere. A caller who holds the role cannot change it, except a super
     * admin.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / ROLE_CYCLE, BUILT_IN, LIMIT_REACHED, and ROLE_IN_USE for a permission of
     * the service itself, if an identity provider maps claims to the role.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.UpdateRoleResponse> updateRole(
        identity.v1.UpdateRoleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateRoleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a role. `identity:roles:write` everywhere. Errors: NOT_FOUND; FAILED_PRECONDITION / ROLE_IN_USE, BUILT_IN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.DeleteRoleResponse> deleteRole(
        identity.v1.DeleteRoleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteRoleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a role. `identity:roles:read` everywhere. Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.GetRoleResponse> getRole(
        identity.v1.GetRoleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRoleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists roles by name. `identity:roles:read` everywhere.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListRolesResponse> listRoles(
        identity.v1.ListRolesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRolesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gives a principal a role. `identity:bindings:write` on the binding's resource.
     * Errors:
     * - NOT_FOUND for the role or principal.
     * - ALREADY_EXISTS for the same principal, role and resource.
     * - FAILED_PRECONDITION / LIMIT_REACHED beyond 1,000 bindings of a principal.
     * - FAILED_PRECONDITION / BUILT_IN for permissions of the service itself to `anonymous`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.CreateBindingResponse> createBinding(
        identity.v1.CreateBindingRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateBindingMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a role from a principal. `identity:bindings:write` on the binding's resource. Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.DeleteBindingResponse> deleteBinding(
        identity.v1.DeleteBindingRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteBindingMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists bindings in the order of their creation. `identity:bindings:read` on the requested resource, or everywhere.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListBindingsResponse> listBindings(
        identity.v1.ListBindingsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListBindingsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists what a principal may do on a resource, and why. `identity:bindings:read` on that resource, or everywhere.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListEffectivePermissionsResponse> listEffectivePermissions(
        identity.v1.ListEffectivePermissionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListEffectivePermissionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists who has a permission on a resource, through roles and parent resources too, in the order of their ids:
     * `anonymous` too, and no disabled principals. `identity:bindings:read` everywhere, since administrators of parent
     * resources are in the answer.
     * All pages together are the complete answer at one revision. Errors: ABORTED / CONFLICT for a later page, after any
     * role, binding or principal has changed since the first one, after 12 hours, and after a failover. Begin again then,
     * with pages of 1,000.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListSubjectsResponse> listSubjects(
        identity.v1.ListSubjectsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSubjectsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the resources on which bindings give a principal a permission, sorted. The permission holds there and on
     * every resource below. `identity:bindings:read` everywhere.
     * Errors: NOT_FOUND; ABORTED / CONFLICT as in ListSubjects.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListResourcesResponse> listResources(
        identity.v1.ListResourcesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListResourcesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the sessions that have not ended, newest first. `identity:sessions:read` on `users/&lt;id&gt;`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListPrincipalSessionsResponse> listPrincipalSessions(
        identity.v1.ListPrincipalSessionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListPrincipalSessionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists API keys, including revoked and expired ones, newest first. `identity:api_keys:read` on `users/&lt;id&gt;`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListPrincipalApiKeysResponse> listPrincipalApiKeys(
        identity.v1.ListPrincipalApiKeysRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListPrincipalApiKeysMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns numbers for a dashboard. The cost does not depend on the number of accounts. `identity:statistics:read`
     * everywhere.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.GetStatisticsResponse> getStatistics(
        identity.v1.GetStatisticsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetStatisticsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists audit events, newest first. `identity:audit:read` everywhere.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListAuditEventsResponse> listAuditEvents(
        identity.v1.ListAuditEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListAuditEventsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the keys that sign access tokens, public parts only. `identity:signing_keys:read` everywhere.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListSigningKeysResponse> listSigningKeys(
        identity.v1.ListSigningKeysRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSigningKeysMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes the next key of an algorithm active, retires its active key, and makes a new next key.
     * `identity:signing_keys:write` everywhere.
     * A next key may sign 6 minutes after it was made. Backends may keep the published keys for 5 minutes, so all of them
     * know it then.
     * Errors:
     * - NOT_FOUND if the algorithm has no keys, because no server was started with it.
     * - FAILED_PRECONDITION / SIGNING_KEY_TOO_NEW, with RetryInfo, if the next key may not sign yet.
     * - FAILED_PRECONDITION / LIMIT_REACHED if 10 keys of the algorithm are still retiring.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.RotateSigningKeyResponse> rotateSigningKey(
        identity.v1.RotateSigningKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRotateSigningKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a key that was stolen, in any state. Every access token that it signed is invalid from then on, also the
     * caller's own. Sessions stay: a refresh returns a token of the active key. If the removed key was active, the next
     * key of its algorithm becomes active, however new it is. A removed next key is replaced.
     * `identity:signing_keys:write` everywhere.
     * Backends that verify tokens themselves accept such tokens until they read the published keys again. If the next key
     * is new, they may also refuse its tokens until then. Both ends after 5 minutes.
     * Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.RemoveSigningKeyResponse> removeSigningKey(
        identity.v1.RemoveSigningKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRemoveSigningKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Refuses a person or a workload of another issuer from now on: no login, no call, no check. It need not be anybody
     * here. The sessions of a person stay: Revoke ends them. `undo` ends the refusal. `identity:sessions:write`
     * everywhere.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION /
     * LIMIT_REACHED beyond 100,000 refusals.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.RevokeExternalResponse> revokeExternal(
        identity.v1.RevokeExternalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeExternalMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Enters an OpenID provider, whose ID tokens log people in from now on (Authenticate with `id_token`). Its keys are
     * fetched when a login or a workload needs them first. `identity:identity_providers:write` everywhere. A provider can
     * log in as others, so this call, its update and its deletion need a super admin.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; ALREADY_EXISTS for the name or the issuer; PERMISSION_DENIED /
     * SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION / LIMIT_REACHED beyond 100 providers.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.CreateIdentityProviderResponse> createIdentityProvider(
        identity.v1.CreateIdentityProviderRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateIdentityProviderMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * `identity:identity_providers:read` everywhere. Errors: NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.GetIdentityProviderResponse> getIdentityProvider(
        identity.v1.GetIdentityProviderRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetIdentityProviderMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the providers, in the order of their names. `identity:identity_providers:read` everywhere.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListIdentityProvidersResponse> listIdentityProviders(
        identity.v1.ListIdentityProvidersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListIdentityProvidersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a provider. Every later login follows it, on every replica. `identity:identity_providers:write` everywhere.
     * Errors: NOT_FOUND; INVALID_ARGUMENT / INVALID_FIELD; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.UpdateIdentityProviderResponse> updateIdentityProvider(
        identity.v1.UpdateIdentityProviderRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateIdentityProviderMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a provider. Its ID tokens log nobody in any more. The links of its identities stay: they count again if the
     * issuer is entered again. Sessions stay, too. The roles that its claims gave end.
     * `identity:identity_providers:write` everywhere.
     * Errors: NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.DeleteIdentityProviderResponse> deleteIdentityProvider(
        identity.v1.DeleteIdentityProviderRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteIdentityProviderMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_USER = 0;
  private static final int METHODID_GET_USER = 1;
  private static final int METHODID_LIST_USERS = 2;
  private static final int METHODID_UPDATE_USER = 3;
  private static final int METHODID_UNLOCK_USER = 4;
  private static final int METHODID_RESET_CREDENTIALS = 5;
  private static final int METHODID_TRUST_SECOND_FACTOR = 6;
  private static final int METHODID_DELETE_USER = 7;
  private static final int METHODID_DISABLE_PRINCIPAL = 8;
  private static final int METHODID_ENABLE_PRINCIPAL = 9;
  private static final int METHODID_CREATE_SERVICE_ACCOUNT = 10;
  private static final int METHODID_LIST_SERVICE_ACCOUNTS = 11;
  private static final int METHODID_UPDATE_SERVICE_ACCOUNT = 12;
  private static final int METHODID_DELETE_SERVICE_ACCOUNT = 13;
  private static final int METHODID_CREATE_ROLE = 14;
  private static final int METHODID_UPDATE_ROLE = 15;
  private static final int METHODID_DELETE_ROLE = 16;
  private static final int METHODID_GET_ROLE = 17;
  private static final int METHODID_LIST_ROLES = 18;
  private static final int METHODID_CREATE_BINDING = 19;
  private static final int METHODID_DELETE_BINDING = 20;
  private static final int METHODID_LIST_BINDINGS = 21;
  private static final int METHODID_LIST_EFFECTIVE_PERMISSIONS = 22;
  private static final int METHODID_LIST_SUBJECTS = 23;
  private static final int METHODID_LIST_RESOURCES = 24;
  private static final int METHODID_LIST_PRINCIPAL_SESSIONS = 25;
  private static final int METHODID_LIST_PRINCIPAL_API_KEYS = 26;
  private static final int METHODID_GET_STATISTICS = 27;
  private static final int METHODID_LIST_AUDIT_EVENTS = 28;
  private static final int METHODID_LIST_SIGNING_KEYS = 29;
  private static final int METHODID_ROTATE_SIGNING_KEY = 30;
  private static final int METHODID_REMOVE_SIGNING_KEY = 31;
  private static final int METHODID_REVOKE_EXTERNAL = 32;
  private static final int METHODID_CREATE_IDENTITY_PROVIDER = 33;
  private static final int METHODID_GET_IDENTITY_PROVIDER = 34;
  private static final int METHODID_LIST_IDENTITY_PROVIDERS = 35;
  private static final int METHODID_UPDATE_IDENTITY_PROVIDER = 36;
  private static final int METHODID_DELETE_IDENTITY_PROVIDER = 37;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_CREATE_USER:
          serviceImpl.createUser((identity.v1.CreateUserRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.CreateUserResponse>) responseObserver);
          break;
        case METHODID_GET_USER:
          serviceImpl.getUser((identity.v1.GetUserRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.GetUserResponse>) responseObserver);
          break;
        case METHODID_LIST_USERS:
          serviceImpl.listUsers((identity.v1.ListUsersRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListUsersResponse>) responseObserver);
          break;
        case METHODID_UPDATE_USER:
          serviceImpl.updateUser((identity.v1.UpdateUserRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.UpdateUserResponse>) responseObserver);
          break;
        case METHODID_UNLOCK_USER:
          serviceImpl.unlockUser((identity.v1.UnlockUserRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.UnlockUserResponse>) responseObserver);
          break;
        case METHODID_RESET_CREDENTIALS:
          serviceImpl.resetCredentials((identity.v1.ResetCredentialsRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ResetCredentialsResponse>) responseObserver);
          break;
        case METHODID_TRUST_SECOND_FACTOR:
          serviceImpl.trustSecondFactor((identity.v1.TrustSecondFactorRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.TrustSecondFactorResponse>) responseObserver);
          break;
        case METHODID_DELETE_USER:
          serviceImpl.deleteUser((identity.v1.DeleteUserRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.DeleteUserResponse>) responseObserver);
          break;
        case METHODID_DISABLE_PRINCIPAL:
          serviceImpl.disablePrincipal((identity.v1.DisablePrincipalRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.DisablePrincipalResponse>) responseObserver);
          break;
        case METHODID_ENABLE_PRINCIPAL:
          serviceImpl.enablePrincipal((identity.v1.EnablePrincipalRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.EnablePrincipalResponse>) responseObserver);
          break;
        case METHODID_CREATE_SERVICE_ACCOUNT:
          serviceImpl.createServiceAccount((identity.v1.CreateServiceAccountRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.CreateServiceAccountResponse>) responseObserver);
          break;
        case METHODID_LIST_SERVICE_ACCOUNTS:
          serviceImpl.listServiceAccounts((identity.v1.ListServiceAccountsRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListServiceAccountsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_SERVICE_ACCOUNT:
          serviceImpl.updateServiceAccount((identity.v1.UpdateServiceAccountRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.UpdateServiceAccountResponse>) responseObserver);
          break;
        case METHODID_DELETE_SERVICE_ACCOUNT:
          serviceImpl.deleteServiceAccount((identity.v1.DeleteServiceAccountRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.DeleteServiceAccountResponse>) responseObserver);
          break;
        case METHODID_CREATE_ROLE:
          serviceImpl.createRole((identity.v1.CreateRoleRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.CreateRoleResponse>) responseObserver);
          break;
        case METHODID_UPDATE_ROLE:
          serviceImpl.updateRole((identity.v1.UpdateRoleRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.UpdateRoleResponse>) responseObserver);
          break;
        case METHODID_DELETE_ROLE:
          serviceImpl.deleteRole((identity.v1.DeleteRoleRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.DeleteRoleResponse>) responseObserver);
          break;
        case METHODID_GET_ROLE:
          serviceImpl.getRole((identity.v1.GetRoleRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.GetRoleResponse>) responseObserver);
          break;
        case METHODID_LIST_ROLES:
          serviceImpl.listRoles((identity.v1.ListRolesRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListRolesResponse>) responseObserver);
          break;
        case METHODID_CREATE_BINDING:
          serviceImpl.createBinding((identity.v1.CreateBindingRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.CreateBindingResponse>) responseObserver);
          break;
        case METHODID_DELETE_BINDING:
          serviceImpl.deleteBinding((identity.v1.DeleteBindingRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.DeleteBindingResponse>) responseObserver);
          break;
        case METHODID_LIST_BINDINGS:
          serviceImpl.listBindings((identity.v1.ListBindingsRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListBindingsResponse>) responseObserver);
          break;
        case METHODID_LIST_EFFECTIVE_PERMISSIONS:
          serviceImpl.listEffectivePermissions((identity.v1.ListEffectivePermissionsRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListEffectivePermissionsResponse>) responseObserver);
          break;
        case METHODID_LIST_SUBJECTS:
          serviceImpl.listSubjects((identity.v1.ListSubjectsRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListSubjectsResponse>) responseObserver);
          break;
        case METHODID_LIST_RESOURCES:
          serviceImpl.listResources((identity.v1.ListResourcesRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListResourcesResponse>) responseObserver);
          break;
        case METHODID_LIST_PRINCIPAL_SESSIONS:
          serviceImpl.listPrincipalSessions((identity.v1.ListPrincipalSessionsRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListPrincipalSessionsResponse>) responseObserver);
          break;
        case METHODID_LIST_PRINCIPAL_API_KEYS:
          serviceImpl.listPrincipalApiKeys((identity.v1.ListPrincipalApiKeysRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListPrincipalApiKeysResponse>) responseObserver);
          break;
        case METHODID_GET_STATISTICS:
          serviceImpl.getStatistics((identity.v1.GetStatisticsRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.GetStatisticsResponse>) responseObserver);
          break;
        case METHODID_LIST_AUDIT_EVENTS:
          serviceImpl.listAuditEvents((identity.v1.ListAuditEventsRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListAuditEventsResponse>) responseObserver);
          break;
        case METHODID_LIST_SIGNING_KEYS:
          serviceImpl.listSigningKeys((identity.v1.ListSigningKeysRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListSigningKeysResponse>) responseObserver);
          break;
        case METHODID_ROTATE_SIGNING_KEY:
          serviceImpl.rotateSigningKey((identity.v1.RotateSigningKeyRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.RotateSigningKeyResponse>) responseObserver);
          break;
        case METHODID_REMOVE_SIGNING_KEY:
          serviceImpl.removeSigningKey((identity.v1.RemoveSigningKeyRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.RemoveSigningKeyResponse>) responseObserver);
          break;
        case METHODID_REVOKE_EXTERNAL:
          serviceImpl.revokeExternal((identity.v1.RevokeExternalRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.RevokeExternalResponse>) responseObserver);
          break;
        case METHODID_CREATE_IDENTITY_PROVIDER:
          serviceImpl.createIdentityProvider((identity.v1.CreateIdentityProviderRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.CreateIdentityProviderResponse>) responseObserver);
          break;
        case METHODID_GET_IDENTITY_PROVIDER:
          serviceImpl.getIdentityProvider((identity.v1.GetIdentityProviderRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.GetIdentityProviderResponse>) responseObserver);
          break;
        case METHODID_LIST_IDENTITY_PROVIDERS:
          serviceImpl.listIdentityProviders((identity.v1.ListIdentityProvidersRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListIdentityProvidersResponse>) responseObserver);
          break;
        case METHODID_UPDATE_IDENTITY_PROVIDER:
          serviceImpl.updateIdentityProvider((identity.v1.UpdateIdentityProviderRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.UpdateIdentityProviderResponse>) responseObserver);
          break;
        case METHODID_DELETE_IDENTITY_PROVIDER:
          serviceImpl.deleteIdentityProvider((identity.v1.DeleteIdentityProviderRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.DeleteIdentityProviderResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateUserMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.CreateUserRequest,
              identity.v1.CreateUserResponse>(
                service, METHODID_CREATE_USER)))
        .addMethod(
          getGetUserMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.GetUserRequest,
              identity.v1.GetUserResponse>(
                service, METHODID_GET_USER)))
        .addMethod(
          getListUsersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListUsersRequest,
              identity.v1.ListUsersResponse>(
                service, METHODID_LIST_USERS)))
        .addMethod(
          getUpdateUserMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.UpdateUserRequest,
              identity.v1.UpdateUserResponse>(
                service, METHODID_UPDATE_USER)))
        .addMethod(
          getUnlockUserMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.UnlockUserRequest,
              identity.v1.UnlockUserResponse>(
                service, METHODID_UNLOCK_USER)))
        .addMethod(
          getResetCredentialsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ResetCredentialsRequest,
              identity.v1.ResetCredentialsResponse>(
                service, METHODID_RESET_CREDENTIALS)))
        .addMethod(
          getTrustSecondFactorMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.TrustSecondFactorRequest,
              identity.v1.TrustSecondFactorResponse>(
                service, METHODID_TRUST_SECOND_FACTOR)))
        .addMethod(
          getDeleteUserMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.DeleteUserRequest,
              identity.v1.DeleteUserResponse>(
                service, METHODID_DELETE_USER)))
        .addMethod(
          getDisablePrincipalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.DisablePrincipalRequest,
              identity.v1.DisablePrincipalResponse>(
                service, METHODID_DISABLE_PRINCIPAL)))
        .addMethod(
          getEnablePrincipalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.EnablePrincipalRequest,
              identity.v1.EnablePrincipalResponse>(
                service, METHODID_ENABLE_PRINCIPAL)))
        .addMethod(
          getCreateServiceAccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.CreateServiceAccountRequest,
              identity.v1.CreateServiceAccountResponse>(
                service, METHODID_CREATE_SERVICE_ACCOUNT)))
        .addMethod(
          getListServiceAccountsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListServiceAccountsRequest,
              identity.v1.ListServiceAccountsResponse>(
                service, METHODID_LIST_SERVICE_ACCOUNTS)))
        .addMethod(
          getUpdateServiceAccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.UpdateServiceAccountRequest,
              identity.v1.UpdateServiceAccountResponse>(
                service, METHODID_UPDATE_SERVICE_ACCOUNT)))
        .addMethod(
          getDeleteServiceAccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.DeleteServiceAccountRequest,
              identity.v1.DeleteServiceAccountResponse>(
                service, METHODID_DELETE_SERVICE_ACCOUNT)))
        .addMethod(
          getCreateRoleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.CreateRoleRequest,
              identity.v1.CreateRoleResponse>(
                service, METHODID_CREATE_ROLE)))
        .addMethod(
          getUpdateRoleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.UpdateRoleRequest,
              identity.v1.UpdateRoleResponse>(
                service, METHODID_UPDATE_ROLE)))
        .addMethod(
          getDeleteRoleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.DeleteRoleRequest,
              identity.v1.DeleteRoleResponse>(
                service, METHODID_DELETE_ROLE)))
        .addMethod(
          getGetRoleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.GetRoleRequest,
              identity.v1.GetRoleResponse>(
                service, METHODID_GET_ROLE)))
        .addMethod(
          getListRolesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListRolesRequest,
              identity.v1.ListRolesResponse>(
                service, METHODID_LIST_ROLES)))
        .addMethod(
          getCreateBindingMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.CreateBindingRequest,
              identity.v1.CreateBindingResponse>(
                service, METHODID_CREATE_BINDING)))
        .addMethod(
          getDeleteBindingMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.DeleteBindingRequest,
              identity.v1.DeleteBindingResponse>(
                service, METHODID_DELETE_BINDING)))
        .addMethod(
          getListBindingsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListBindingsRequest,
              identity.v1.ListBindingsResponse>(
                service, METHODID_LIST_BINDINGS)))
        .addMethod(
          getListEffectivePermissionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListEffectivePermissionsRequest,
              identity.v1.ListEffectivePermissionsResponse>(
                service, METHODID_LIST_EFFECTIVE_PERMISSIONS)))
        .addMethod(
          getListSubjectsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListSubjectsRequest,
              identity.v1.ListSubjectsResponse>(
                service, METHODID_LIST_SUBJECTS)))
        .addMethod(
          getListResourcesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListResourcesRequest,
              identity.v1.ListResourcesResponse>(
                service, METHODID_LIST_RESOURCES)))
        .addMethod(
          getListPrincipalSessionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListPrincipalSessionsRequest,
              identity.v1.ListPrincipalSessionsResponse>(
                service, METHODID_LIST_PRINCIPAL_SESSIONS)))
        .addMethod(
          getListPrincipalApiKeysMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListPrincipalApiKeysRequest,
              identity.v1.ListPrincipalApiKeysResponse>(
                service, METHODID_LIST_PRINCIPAL_API_KEYS)))
        .addMethod(
          getGetStatisticsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.GetStatisticsRequest,
              identity.v1.GetStatisticsResponse>(
                service, METHODID_GET_STATISTICS)))
        .addMethod(
          getListAuditEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListAuditEventsRequest,
              identity.v1.ListAuditEventsResponse>(
                service, METHODID_LIST_AUDIT_EVENTS)))
        .addMethod(
          getListSigningKeysMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListSigningKeysRequest,
              identity.v1.ListSigningKeysResponse>(
                service, METHODID_LIST_SIGNING_KEYS)))
        .addMethod(
          getRotateSigningKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.RotateSigningKeyRequest,
              identity.v1.RotateSigningKeyResponse>(
                service, METHODID_ROTATE_SIGNING_KEY)))
        .addMethod(
          getRemoveSigningKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.RemoveSigningKeyRequest,
              identity.v1.RemoveSigningKeyResponse>(
                service, METHODID_REMOVE_SIGNING_KEY)))
        .addMethod(
          getRevokeExternalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.RevokeExternalRequest,
              identity.v1.RevokeExternalResponse>(
                service, METHODID_REVOKE_EXTERNAL)))
        .addMethod(
          getCreateIdentityProviderMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.CreateIdentityProviderRequest,
              identity.v1.CreateIdentityProviderResponse>(
                service, METHODID_CREATE_IDENTITY_PROVIDER)))
        .addMethod(
          getGetIdentityProviderMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.GetIdentityProviderRequest,
              identity.v1.GetIdentityProviderResponse>(
                service, METHODID_GET_IDENTITY_PROVIDER)))
        .addMethod(
          getListIdentityProvidersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListIdentityProvidersRequest,
              identity.v1.ListIdentityProvidersResponse>(
                service, METHODID_LIST_IDENTITY_PROVIDERS)))
        .addMethod(
          getUpdateIdentityProviderMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.UpdateIdentityProviderRequest,
              identity.v1.UpdateIdentityProviderResponse>(
                service, METHODID_UPDATE_IDENTITY_PROVIDER)))
        .addMethod(
          getDeleteIdentityProviderMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.DeleteIdentityProviderRequest,
              identity.v1.DeleteIdentityProviderResponse>(
                service, METHODID_DELETE_IDENTITY_PROVIDER)))
        .build();
  }

  private static abstract class AdminServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    AdminServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return identity.v1.AdminServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("AdminService");
    }
  }

  private static final class AdminServiceFileDescriptorSupplier
      extends AdminServiceBaseDescriptorSupplier {
    AdminServiceFileDescriptorSupplier() {}
  }

  private static final class AdminServiceMethodDescriptorSupplier
      extends AdminServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    AdminServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (AdminServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new AdminServiceFileDescriptorSupplier())
              .addMethod(getCreateUserMethod())
              .addMethod(getGetUserMethod())
              .addMethod(getListUsersMethod())
              .addMethod(getUpdateUserMethod())
              .addMethod(getUnlockUserMethod())
              .addMethod(getResetCredentialsMethod())
              .addMethod(getTrustSecondFactorMethod())
              .addMethod(getDeleteUserMethod())
              .addMethod(getDisablePrincipalMethod())
              .addMethod(getEnablePrincipalMethod())
              .addMethod(getCreateServiceAccountMethod())
              .addMethod(getListServiceAccountsMethod())
              .addMethod(getUpdateServiceAccountMethod())
              .addMethod(getDeleteServiceAccountMethod())
              .addMethod(getCreateRoleMethod())
              .addMethod(getUpdateRoleMethod())
              .addMethod(getDeleteRoleMethod())
              .addMethod(getGetRoleMethod())
              .addMethod(getListRolesMethod())
              .addMethod(getCreateBindingMethod())
              .addMethod(getDeleteBindingMethod())
              .addMethod(getListBindingsMethod())
              .addMethod(getListEffectivePermissionsMethod())
              .addMethod(getListSubjectsMethod())
              .addMethod(getListResourcesMethod())
              .addMethod(getListPrincipalSessionsMethod())
              .addMethod(getListPrincipalApiKeysMethod())
              .addMethod(getGetStatisticsMethod())
              .addMethod(getListAuditEventsMethod())
              .addMethod(getListSigningKeysMethod())
              .addMethod(getRotateSigningKeyMethod())
              .addMethod(getRemoveSigningKeyMethod())
              .addMethod(getRevokeExternalMethod())
              .addMethod(getCreateIdentityProviderMethod())
              .addMethod(getGetIdentityProviderMethod())
              .addMethod(getListIdentityProvidersMethod())
              .addMethod(getUpdateIdentityProviderMethod())
              .addMethod(getDeleteIdentityProviderMethod())
              .build();
        }
      }
    }
    return result;
  }
}
