package identity.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The service for people and their own account.
 * Unless stated otherwise, an RPC needs `identity:self:read` or `identity:self:write` on `users/&lt;own id&gt;`. Every user
 * holds both by the built-in role `self`. The scopes of the credential limit them.
 * - "Session" means: the RPC accepts no API key, and no access token that an API key was exchanged for. The error is
 *   PERMISSION_DENIED / SESSION_REQUIRED.
 * - "Sensitive" means: the RPC needs a Proof in the same call: the current password and, if the account has a second
 *   factor, a code of it. Without it, the error is PERMISSION_DENIED / PROOF_REQUIRED. A wrong password or code is
 *   UNAUTHENTICATED / INVALID_CREDENTIALS, without the difference, and counts like a wrong one at a login. The server
 *   mails the owner about every sensitive change.
 * - "Anyone" means: the RPC needs no credential. Calls are limited for each client address: RESOURCE_EXHAUSTED /
 *   RATE_LIMITED with RetryInfo.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class AccountServiceGrpc {

  private AccountServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "identity.v1.AccountService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<identity.v1.RegisterRequest,
      identity.v1.RegisterResponse> getRegisterMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Register",
      requestType = identity.v1.RegisterRequest.class,
      responseType = identity.v1.RegisterResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.RegisterRequest,
      identity.v1.RegisterResponse> getRegisterMethod() {
    io.grpc.MethodDescriptor<identity.v1.RegisterRequest, identity.v1.RegisterResponse> getRegisterMethod;
    if ((getRegisterMethod = AccountServiceGrpc.getRegisterMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getRegisterMethod = AccountServiceGrpc.getRegisterMethod) == null) {
          AccountServiceGrpc.getRegisterMethod = getRegisterMethod =
              io.grpc.MethodDescriptor.<identity.v1.RegisterRequest, identity.v1.RegisterResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Register"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RegisterRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RegisterResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("Register"))
              .build();
        }
      }
    }
    return getRegisterMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.GetAccountRequest,
      identity.v1.GetAccountResponse> getGetAccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetAccount",
      requestType = identity.v1.GetAccountRequest.class,
      responseType = identity.v1.GetAccountResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.GetAccountRequest,
      identity.v1.GetAccountResponse> getGetAccountMethod() {
    io.grpc.MethodDescriptor<identity.v1.GetAccountRequest, identity.v1.GetAccountResponse> getGetAccountMethod;
    if ((getGetAccountMethod = AccountServiceGrpc.getGetAccountMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getGetAccountMethod = AccountServiceGrpc.getGetAccountMethod) == null) {
          AccountServiceGrpc.getGetAccountMethod = getGetAccountMethod =
              io.grpc.MethodDescriptor.<identity.v1.GetAccountRequest, identity.v1.GetAccountResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetAccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.GetAccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.GetAccountResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("GetAccount"))
              .build();
        }
      }
    }
    return getGetAccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.UpdateAccountRequest,
      identity.v1.UpdateAccountResponse> getUpdateAccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateAccount",
      requestType = identity.v1.UpdateAccountRequest.class,
      responseType = identity.v1.UpdateAccountResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.UpdateAccountRequest,
      identity.v1.UpdateAccountResponse> getUpdateAccountMethod() {
    io.grpc.MethodDescriptor<identity.v1.UpdateAccountRequest, identity.v1.UpdateAccountResponse> getUpdateAccountMethod;
    if ((getUpdateAccountMethod = AccountServiceGrpc.getUpdateAccountMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getUpdateAccountMethod = AccountServiceGrpc.getUpdateAccountMethod) == null) {
          AccountServiceGrpc.getUpdateAccountMethod = getUpdateAccountMethod =
              io.grpc.MethodDescriptor.<identity.v1.UpdateAccountRequest, identity.v1.UpdateAccountResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateAccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UpdateAccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UpdateAccountResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("UpdateAccount"))
              .build();
        }
      }
    }
    return getUpdateAccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.DeactivateAccountRequest,
      identity.v1.DeactivateAccountResponse> getDeactivateAccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeactivateAccount",
      requestType = identity.v1.DeactivateAccountRequest.class,
      responseType = identity.v1.DeactivateAccountResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.DeactivateAccountRequest,
      identity.v1.DeactivateAccountResponse> getDeactivateAccountMethod() {
    io.grpc.MethodDescriptor<identity.v1.DeactivateAccountRequest, identity.v1.DeactivateAccountResponse> getDeactivateAccountMethod;
    if ((getDeactivateAccountMethod = AccountServiceGrpc.getDeactivateAccountMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getDeactivateAccountMethod = AccountServiceGrpc.getDeactivateAccountMethod) == null) {
          AccountServiceGrpc.getDeactivateAccountMethod = getDeactivateAccountMethod =
              io.grpc.MethodDescriptor.<identity.v1.DeactivateAccountRequest, identity.v1.DeactivateAccountResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeactivateAccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeactivateAccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DeactivateAccountResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("DeactivateAccount"))
              .build();
        }
      }
    }
    return getDeactivateAccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ChangePasswordRequest,
      identity.v1.ChangePasswordResponse> getChangePasswordMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ChangePassword",
      requestType = identity.v1.ChangePasswordRequest.class,
      responseType = identity.v1.ChangePasswordResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ChangePasswordRequest,
      identity.v1.ChangePasswordResponse> getChangePasswordMethod() {
    io.grpc.MethodDescriptor<identity.v1.ChangePasswordRequest, identity.v1.ChangePasswordResponse> getChangePasswordMethod;
    if ((getChangePasswordMethod = AccountServiceGrpc.getChangePasswordMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getChangePasswordMethod = AccountServiceGrpc.getChangePasswordMethod) == null) {
          AccountServiceGrpc.getChangePasswordMethod = getChangePasswordMethod =
              io.grpc.MethodDescriptor.<identity.v1.ChangePasswordRequest, identity.v1.ChangePasswordResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ChangePassword"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ChangePasswordRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ChangePasswordResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("ChangePassword"))
              .build();
        }
      }
    }
    return getChangePasswordMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListSessionsRequest,
      identity.v1.ListSessionsResponse> getListSessionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSessions",
      requestType = identity.v1.ListSessionsRequest.class,
      responseType = identity.v1.ListSessionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListSessionsRequest,
      identity.v1.ListSessionsResponse> getListSessionsMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListSessionsRequest, identity.v1.ListSessionsResponse> getListSessionsMethod;
    if ((getListSessionsMethod = AccountServiceGrpc.getListSessionsMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getListSessionsMethod = AccountServiceGrpc.getListSessionsMethod) == null) {
          AccountServiceGrpc.getListSessionsMethod = getListSessionsMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListSessionsRequest, identity.v1.ListSessionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSessions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListSessionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListSessionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("ListSessions"))
              .build();
        }
      }
    }
    return getListSessionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListApiKeysRequest,
      identity.v1.ListApiKeysResponse> getListApiKeysMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListApiKeys",
      requestType = identity.v1.ListApiKeysRequest.class,
      responseType = identity.v1.ListApiKeysResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListApiKeysRequest,
      identity.v1.ListApiKeysResponse> getListApiKeysMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListApiKeysRequest, identity.v1.ListApiKeysResponse> getListApiKeysMethod;
    if ((getListApiKeysMethod = AccountServiceGrpc.getListApiKeysMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getListApiKeysMethod = AccountServiceGrpc.getListApiKeysMethod) == null) {
          AccountServiceGrpc.getListApiKeysMethod = getListApiKeysMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListApiKeysRequest, identity.v1.ListApiKeysResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListApiKeys"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListApiKeysRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListApiKeysResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("ListApiKeys"))
              .build();
        }
      }
    }
    return getListApiKeysMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.RotateApiKeyRequest,
      identity.v1.RotateApiKeyResponse> getRotateApiKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RotateApiKey",
      requestType = identity.v1.RotateApiKeyRequest.class,
      responseType = identity.v1.RotateApiKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.RotateApiKeyRequest,
      identity.v1.RotateApiKeyResponse> getRotateApiKeyMethod() {
    io.grpc.MethodDescriptor<identity.v1.RotateApiKeyRequest, identity.v1.RotateApiKeyResponse> getRotateApiKeyMethod;
    if ((getRotateApiKeyMethod = AccountServiceGrpc.getRotateApiKeyMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getRotateApiKeyMethod = AccountServiceGrpc.getRotateApiKeyMethod) == null) {
          AccountServiceGrpc.getRotateApiKeyMethod = getRotateApiKeyMethod =
              io.grpc.MethodDescriptor.<identity.v1.RotateApiKeyRequest, identity.v1.RotateApiKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RotateApiKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RotateApiKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RotateApiKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("RotateApiKey"))
              .build();
        }
      }
    }
    return getRotateApiKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.EnrollTotpRequest,
      identity.v1.EnrollTotpResponse> getEnrollTotpMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EnrollTotp",
      requestType = identity.v1.EnrollTotpRequest.class,
      responseType = identity.v1.EnrollTotpResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.EnrollTotpRequest,
      identity.v1.EnrollTotpResponse> getEnrollTotpMethod() {
    io.grpc.MethodDescriptor<identity.v1.EnrollTotpRequest, identity.v1.EnrollTotpResponse> getEnrollTotpMethod;
    if ((getEnrollTotpMethod = AccountServiceGrpc.getEnrollTotpMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getEnrollTotpMethod = AccountServiceGrpc.getEnrollTotpMethod) == null) {
          AccountServiceGrpc.getEnrollTotpMethod = getEnrollTotpMethod =
              io.grpc.MethodDescriptor.<identity.v1.EnrollTotpRequest, identity.v1.EnrollTotpResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EnrollTotp"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.EnrollTotpRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.EnrollTotpResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("EnrollTotp"))
              .build();
        }
      }
    }
    return getEnrollTotpMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ConfirmTotpRequest,
      identity.v1.ConfirmTotpResponse> getConfirmTotpMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ConfirmTotp",
      requestType = identity.v1.ConfirmTotpRequest.class,
      responseType = identity.v1.ConfirmTotpResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ConfirmTotpRequest,
      identity.v1.ConfirmTotpResponse> getConfirmTotpMethod() {
    io.grpc.MethodDescriptor<identity.v1.ConfirmTotpRequest, identity.v1.ConfirmTotpResponse> getConfirmTotpMethod;
    if ((getConfirmTotpMethod = AccountServiceGrpc.getConfirmTotpMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getConfirmTotpMethod = AccountServiceGrpc.getConfirmTotpMethod) == null) {
          AccountServiceGrpc.getConfirmTotpMethod = getConfirmTotpMethod =
              io.grpc.MethodDescriptor.<identity.v1.ConfirmTotpRequest, identity.v1.ConfirmTotpResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ConfirmTotp"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ConfirmTotpRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ConfirmTotpResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("ConfirmTotp"))
              .build();
        }
      }
    }
    return getConfirmTotpMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.DisableTotpRequest,
      identity.v1.DisableTotpResponse> getDisableTotpMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DisableTotp",
      requestType = identity.v1.DisableTotpRequest.class,
      responseType = identity.v1.DisableTotpResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.DisableTotpRequest,
      identity.v1.DisableTotpResponse> getDisableTotpMethod() {
    io.grpc.MethodDescriptor<identity.v1.DisableTotpRequest, identity.v1.DisableTotpResponse> getDisableTotpMethod;
    if ((getDisableTotpMethod = AccountServiceGrpc.getDisableTotpMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getDisableTotpMethod = AccountServiceGrpc.getDisableTotpMethod) == null) {
          AccountServiceGrpc.getDisableTotpMethod = getDisableTotpMethod =
              io.grpc.MethodDescriptor.<identity.v1.DisableTotpRequest, identity.v1.DisableTotpResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DisableTotp"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DisableTotpRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.DisableTotpResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("DisableTotp"))
              .build();
        }
      }
    }
    return getDisableTotpMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.RegenerateRecoveryCodesRequest,
      identity.v1.RegenerateRecoveryCodesResponse> getRegenerateRecoveryCodesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RegenerateRecoveryCodes",
      requestType = identity.v1.RegenerateRecoveryCodesRequest.class,
      responseType = identity.v1.RegenerateRecoveryCodesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.RegenerateRecoveryCodesRequest,
      identity.v1.RegenerateRecoveryCodesResponse> getRegenerateRecoveryCodesMethod() {
    io.grpc.MethodDescriptor<identity.v1.RegenerateRecoveryCodesRequest, identity.v1.RegenerateRecoveryCodesResponse> getRegenerateRecoveryCodesMethod;
    if ((getRegenerateRecoveryCodesMethod = AccountServiceGrpc.getRegenerateRecoveryCodesMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getRegenerateRecoveryCodesMethod = AccountServiceGrpc.getRegenerateRecoveryCodesMethod) == null) {
          AccountServiceGrpc.getRegenerateRecoveryCodesMethod = getRegenerateRecoveryCodesMethod =
              io.grpc.MethodDescriptor.<identity.v1.RegenerateRecoveryCodesRequest, identity.v1.RegenerateRecoveryCodesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RegenerateRecoveryCodes"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RegenerateRecoveryCodesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RegenerateRecoveryCodesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("RegenerateRecoveryCodes"))
              .build();
        }
      }
    }
    return getRegenerateRecoveryCodesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.VerifyEmailRequest,
      identity.v1.VerifyEmailResponse> getVerifyEmailMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "VerifyEmail",
      requestType = identity.v1.VerifyEmailRequest.class,
      responseType = identity.v1.VerifyEmailResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.VerifyEmailRequest,
      identity.v1.VerifyEmailResponse> getVerifyEmailMethod() {
    io.grpc.MethodDescriptor<identity.v1.VerifyEmailRequest, identity.v1.VerifyEmailResponse> getVerifyEmailMethod;
    if ((getVerifyEmailMethod = AccountServiceGrpc.getVerifyEmailMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getVerifyEmailMethod = AccountServiceGrpc.getVerifyEmailMethod) == null) {
          AccountServiceGrpc.getVerifyEmailMethod = getVerifyEmailMethod =
              io.grpc.MethodDescriptor.<identity.v1.VerifyEmailRequest, identity.v1.VerifyEmailResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "VerifyEmail"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.VerifyEmailRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.VerifyEmailResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("VerifyEmail"))
              .build();
        }
      }
    }
    return getVerifyEmailMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ResendVerificationRequest,
      identity.v1.ResendVerificationResponse> getResendVerificationMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ResendVerification",
      requestType = identity.v1.ResendVerificationRequest.class,
      responseType = identity.v1.ResendVerificationResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ResendVerificationRequest,
      identity.v1.ResendVerificationResponse> getResendVerificationMethod() {
    io.grpc.MethodDescriptor<identity.v1.ResendVerificationRequest, identity.v1.ResendVerificationResponse> getResendVerificationMethod;
    if ((getResendVerificationMethod = AccountServiceGrpc.getResendVerificationMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getResendVerificationMethod = AccountServiceGrpc.getResendVerificationMethod) == null) {
          AccountServiceGrpc.getResendVerificationMethod = getResendVerificationMethod =
              io.grpc.MethodDescriptor.<identity.v1.ResendVerificationRequest, identity.v1.ResendVerificationResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ResendVerification"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ResendVerificationRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ResendVerificationResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("ResendVerification"))
              .build();
        }
      }
    }
    return getResendVerificationMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.RequestPasswordResetRequest,
      identity.v1.RequestPasswordResetResponse> getRequestPasswordResetMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RequestPasswordReset",
      requestType = identity.v1.RequestPasswordResetRequest.class,
      responseType = identity.v1.RequestPasswordResetResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.RequestPasswordResetRequest,
      identity.v1.RequestPasswordResetResponse> getRequestPasswordResetMethod() {
    io.grpc.MethodDescriptor<identity.v1.RequestPasswordResetRequest, identity.v1.RequestPasswordResetResponse> getRequestPasswordResetMethod;
    if ((getRequestPasswordResetMethod = AccountServiceGrpc.getRequestPasswordResetMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getRequestPasswordResetMethod = AccountServiceGrpc.getRequestPasswordResetMethod) == null) {
          AccountServiceGrpc.getRequestPasswordResetMethod = getRequestPasswordResetMethod =
              io.grpc.MethodDescriptor.<identity.v1.RequestPasswordResetRequest, identity.v1.RequestPasswordResetResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RequestPasswordReset"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RequestPasswordResetRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RequestPasswordResetResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("RequestPasswordReset"))
              .build();
        }
      }
    }
    return getRequestPasswordResetMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ResetPasswordRequest,
      identity.v1.ResetPasswordResponse> getResetPasswordMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ResetPassword",
      requestType = identity.v1.ResetPasswordRequest.class,
      responseType = identity.v1.ResetPasswordResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ResetPasswordRequest,
      identity.v1.ResetPasswordResponse> getResetPasswordMethod() {
    io.grpc.MethodDescriptor<identity.v1.ResetPasswordRequest, identity.v1.ResetPasswordResponse> getResetPasswordMethod;
    if ((getResetPasswordMethod = AccountServiceGrpc.getResetPasswordMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getResetPasswordMethod = AccountServiceGrpc.getResetPasswordMethod) == null) {
          AccountServiceGrpc.getResetPasswordMethod = getResetPasswordMethod =
              io.grpc.MethodDescriptor.<identity.v1.ResetPasswordRequest, identity.v1.ResetPasswordResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ResetPassword"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ResetPasswordRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ResetPasswordResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("ResetPassword"))
              .build();
        }
      }
    }
    return getResetPasswordMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.ListExternalIdentitiesRequest,
      identity.v1.ListExternalIdentitiesResponse> getListExternalIdentitiesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListExternalIdentities",
      requestType = identity.v1.ListExternalIdentitiesRequest.class,
      responseType = identity.v1.ListExternalIdentitiesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.ListExternalIdentitiesRequest,
      identity.v1.ListExternalIdentitiesResponse> getListExternalIdentitiesMethod() {
    io.grpc.MethodDescriptor<identity.v1.ListExternalIdentitiesRequest, identity.v1.ListExternalIdentitiesResponse> getListExternalIdentitiesMethod;
    if ((getListExternalIdentitiesMethod = AccountServiceGrpc.getListExternalIdentitiesMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getListExternalIdentitiesMethod = AccountServiceGrpc.getListExternalIdentitiesMethod) == null) {
          AccountServiceGrpc.getListExternalIdentitiesMethod = getListExternalIdentitiesMethod =
              io.grpc.MethodDescriptor.<identity.v1.ListExternalIdentitiesRequest, identity.v1.ListExternalIdentitiesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListExternalIdentities"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListExternalIdentitiesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.ListExternalIdentitiesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("ListExternalIdentities"))
              .build();
        }
      }
    }
    return getListExternalIdentitiesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.UnlinkIdentityRequest,
      identity.v1.UnlinkIdentityResponse> getUnlinkIdentityMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UnlinkIdentity",
      requestType = identity.v1.UnlinkIdentityRequest.class,
      responseType = identity.v1.UnlinkIdentityResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.UnlinkIdentityRequest,
      identity.v1.UnlinkIdentityResponse> getUnlinkIdentityMethod() {
    io.grpc.MethodDescriptor<identity.v1.UnlinkIdentityRequest, identity.v1.UnlinkIdentityResponse> getUnlinkIdentityMethod;
    if ((getUnlinkIdentityMethod = AccountServiceGrpc.getUnlinkIdentityMethod) == null) {
      synchronized (AccountServiceGrpc.class) {
        if ((getUnlinkIdentityMethod = AccountServiceGrpc.getUnlinkIdentityMethod) == null) {
          AccountServiceGrpc.getUnlinkIdentityMethod = getUnlinkIdentityMethod =
              io.grpc.MethodDescriptor.<identity.v1.UnlinkIdentityRequest, identity.v1.UnlinkIdentityResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UnlinkIdentity"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UnlinkIdentityRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.UnlinkIdentityResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccountServiceMethodDescriptorSupplier("UnlinkIdentity"))
              .build();
        }
      }
    }
    return getUnlinkIdentityMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static AccountServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccountServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccountServiceStub>() {
        @java.lang.Override
        public AccountServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccountServiceStub(channel, callOptions);
        }
      };
    return AccountServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static AccountServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccountServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccountServiceBlockingV2Stub>() {
        @java.lang.Override
        public AccountServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccountServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return AccountServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static AccountServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccountServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccountServiceBlockingStub>() {
        @java.lang.Override
        public AccountServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccountServiceBlockingStub(channel, callOptions);
        }
      };
    return AccountServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static AccountServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccountServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccountServiceFutureStub>() {
        @java.lang.Override
        public AccountServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccountServiceFutureStub(channel, callOptions);
        }
      };
    return AccountServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The service for people and their own account.
   * Unless stated otherwise, an RPC needs `identity:self:read` or `identity:self:write` on `users/&lt;own id&gt;`. Every user
   * holds both by the built-in role `self`. The scopes of the credential limit them.
   * - "Session" means: the RPC accepts no API key, and no access token that an API key was exchanged for. The error is
   *   PERMISSION_DENIED / SESSION_REQUIRED.
   * - "Sensitive" means: the RPC needs a Proof in the same call: the current password and, if the account has a second
   *   factor, a code of it. Without it, the error is PERMISSION_DENIED / PROOF_REQUIRED. A wrong password or code is
   *   UNAUTHENTICATED / INVALID_CREDENTIALS, without the difference, and counts like a wrong one at a login. The server
   *   mails the owner about every sensitive change.
   * - "Anyone" means: the RPC needs no credential. Calls are limited for each client address: RESOURCE_EXHAUSTED /
   *   RATE_LIMITED with RetryInfo.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Makes an account. Anyone.
     * Its only role is `self`, and nothing in the request can change that.
     * If the server sends mail, the address is only claimed. The server mails the address, and the account logs in by its
     * username until VerifyEmail. The answer is the same whether or not another account has the address. If another
     * account has it, the mail informs the owner. If the server sends no mail, the address belongs to the account
     * immediately, and a taken address is ALREADY_EXISTS.
     * Errors:
     * - ALREADY_EXISTS / ALREADY_EXISTS for a taken username.
     * - INVALID_ARGUMENT / INVALID_FIELD, also for a password that breaks the policy.
     * - RESOURCE_EXHAUSTED / RATE_LIMITED (for a client address 3 accounts an hour, and 20 passwords a minute including
     *   those that break the policy), OVERLOADED.
     * </pre>
     */
    default void register(identity.v1.RegisterRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RegisterResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRegisterMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns the account. `identity:self:read`.
     * </pre>
     */
    default void getAccount(identity.v1.GetAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.GetAccountResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetAccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the full name or the e-mail address. `identity:self:write`; session. A new e-mail address is sensitive.
     * If the server sends mail, a new address takes effect with VerifyEmail, and the old one stays until then. If it
     * sends no mail, the new address takes effect immediately. Setting the current address cancels a pending change.
     * Errors: without mail ALREADY_EXISTS; with mail RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    default void updateAccount(identity.v1.UpdateAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UpdateAccountResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateAccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * Disables the account and ends all its sessions. Its API keys stop working. Only an administrator can enable it
     * again. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    default void deactivateAccount(identity.v1.DeactivateAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeactivateAccountResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeactivateAccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * Replaces the password and ends all other sessions, on request the API keys too. It also cancels a pending change of
     * the e-mail address.
     * `identity:self:write`; session; sensitive.
     * The session of the call continues. Its refresh token stays valid. The access token in the answer replaces the
     * token of the call.
     * Errors: RESOURCE_EXHAUSTED / RATE_LIMITED (20 new passwords a minute for an account, including those that break the
     * policy), OVERLOADED.
     * </pre>
     */
    default void changePassword(identity.v1.ChangePasswordRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ChangePasswordResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getChangePasswordMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the sessions that have not ended, newest first. `identity:self:read`.
     * </pre>
     */
    default void listSessions(identity.v1.ListSessionsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListSessionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSessionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the API keys, newest first. `identity:self:read`.
     * </pre>
     */
    default void listApiKeys(identity.v1.ListApiKeysRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListApiKeysResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListApiKeysMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a successor with the same name, scopes, quota and expiry, and ends the old key after `overlap`. The successor
     * expires earlier if the server's longest lifetime of a key requires it. For their own keys, callers need
     * `identity:self:write`, a session and a Proof. For other keys, they need `identity:api_keys:write` on
     * `users/&lt;owner id&gt;`.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / LIMIT_REACHED; PERMISSION_DENIED / PROOF_REQUIRED; UNAUTHENTICATED /
     * INVALID_CREDENTIALS for a wrong proof; for keys of other owners also the errors of IssueApiKey.
     * </pre>
     */
    default void rotateApiKey(identity.v1.RotateApiKeyRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RotateApiKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRotateApiKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a secret for an authenticator app (RFC 6238). The secret is not active before ConfirmTotp. A secret that was
     * not confirmed is replaced. `identity:self:write`; session; sensitive.
     * Errors: ALREADY_EXISTS if a secret is already confirmed.
     * </pre>
     */
    default void enrollTotp(identity.v1.EnrollTotpRequest request,
        io.grpc.stub.StreamObserver<identity.v1.EnrollTotpResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEnrollTotpMethod(), responseObserver);
    }

    /**
     * <pre>
     * Activates the second factor with the app's first code. From now on every login requires a second factor. After 10
     * wrong codes even the right code is refused for a while. `identity:self:write`; session.
     * Errors: UNAUTHENTICATED / INVALID_CREDENTIALS; FAILED_PRECONDITION / MFA_NOT_ENROLLED; ALREADY_EXISTS if a secret
     * is already confirmed.
     * </pre>
     */
    default void confirmTotp(identity.v1.ConfirmTotpRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ConfirmTotpResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getConfirmTotpMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes the second factor and the recovery codes. The access tokens that the account's sessions get from now on no
     * longer show the factor. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / MFA_NOT_ENROLLED.
     * </pre>
     */
    default void disableTotp(identity.v1.DisableTotpRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DisableTotpResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDisableTotpMethod(), responseObserver);
    }

    /**
     * <pre>
     * Replaces all recovery codes. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / MFA_NOT_ENROLLED.
     * </pre>
     */
    default void regenerateRecoveryCodes(identity.v1.RegenerateRecoveryCodesRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RegenerateRecoveryCodesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRegenerateRecoveryCodesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Proves that the owner of the account reads the mail of an address: the call needs the token from the mail and a
     * session of that account. So whoever only opens the link verifies nothing. `identity:self:write`; session.
     * The first verification of an account ends everything that somebody else could have made before it: all other
     * sessions, the API keys, and the second factor. The session of the call continues with the access token in the
     * answer. If the server requires verified addresses, an account can log in before the verification with `scopes`
     * within `identity:self:*`.
     * Errors: UNAUTHENTICATED / MAILED_TOKEN_INVALID, also for the token of another account; ALREADY_EXISTS if another
     * account has verified the address since.
     * </pre>
     */
    default void verifyEmail(identity.v1.VerifyEmailRequest request,
        io.grpc.stub.StreamObserver<identity.v1.VerifyEmailResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getVerifyEmailMethod(), responseObserver);
    }

    /**
     * <pre>
     * Mails the verification again. `identity:self:write`; session. It does nothing if there is nothing to verify.
     * Errors: FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    default void resendVerification(identity.v1.ResendVerificationRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ResendVerificationResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResendVerificationMethod(), responseObserver);
    }

    /**
     * <pre>
     * Mails a token for ResetPassword to the address of the named account. Anyone. The answer is the same whether or not
     * the account exists.
     * Errors: FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    default void requestPasswordReset(identity.v1.RequestPasswordResetRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RequestPasswordResetResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRequestPasswordResetMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sets a new password, ends all sessions, revokes all API keys and unlinks all external identities. It also cancels
     * a pending change of the e-mail address. Anyone with the token from the mail.
     * It logs nobody in, and logins still require the second factor. If the new password breaks the policy, the token
     * stays valid.
     * Errors: UNAUTHENTICATED / MAILED_TOKEN_INVALID; INVALID_ARGUMENT / INVALID_FIELD; RESOURCE_EXHAUSTED / RATE_LIMITED
     * (as for ChangePassword), OVERLOADED.
     * </pre>
     */
    default void resetPassword(identity.v1.ResetPasswordRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ResetPasswordResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResetPasswordMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the identities at OpenID providers that can log in to the account, the oldest first. `identity:self:read`.
     * </pre>
     */
    default void listExternalIdentities(identity.v1.ListExternalIdentitiesRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListExternalIdentitiesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListExternalIdentitiesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes such an identity. It logs nobody in any more, and no login links it again. Sessions stay.
     * `identity:self:write`; session; sensitive.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / LAST_CREDENTIAL for the last identity of an account without a password,
     * since nobody could log in to it any more: set a password by ChangePassword or RequestPasswordReset first.
     * </pre>
     */
    default void unlinkIdentity(identity.v1.UnlinkIdentityRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UnlinkIdentityResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUnlinkIdentityMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service AccountService.
   * <pre>
   * The service for people and their own account.
   * Unless stated otherwise, an RPC needs `identity:self:read` or `identity:self:write` on `users/&lt;own id&gt;`. Every user
   * holds both by the built-in role `self`. The scopes of the credential limit them.
   * - "Session" means: the RPC accepts no API key, and no access token that an API key was exchanged for. The error is
   *   PERMISSION_DENIED / SESSION_REQUIRED.
   * - "Sensitive" means: the RPC needs a Proof in the same call: the current password and, if the account has a second
   *   factor, a code of it. Without it, the error is PERMISSION_DENIED / PROOF_REQUIRED. A wrong password or code is
   *   UNAUTHENTICATED / INVALID_CREDENTIALS, without the difference, and counts like a wrong one at a login. The server
   *   mails the owner about every sensitive change.
   * - "Anyone" means: the RPC needs no credential. Calls are limited for each client address: RESOURCE_EXHAUSTED /
   *   RATE_LIMITED with RetryInfo.
   * </pre>
   */
  public static abstract class AccountServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return AccountServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service AccountService.
   * <pre>
   * The service for people and their own account.
   * Unless stated otherwise, an RPC needs `identity:self:read` or `identity:self:write` on `users/&lt;own id&gt;`. Every user
   * holds both by the built-in role `self`. The scopes of the credential limit them.
   * - "Session" means: the RPC accepts no API key, and no access token that an API key was exchanged for. The error is
   *   PERMISSION_DENIED / SESSION_REQUIRED.
   * - "Sensitive" means: the RPC needs a Proof in the same call: the current password and, if the account has a second
   *   factor, a code of it. Without it, the error is PERMISSION_DENIED / PROOF_REQUIRED. A wrong password or code is
   *   UNAUTHENTICATED / INVALID_CREDENTIALS, without the difference, and counts like a wrong one at a login. The server
   *   mails the owner about every sensitive change.
   * - "Anyone" means: the RPC needs no credential. Calls are limited for each client address: RESOURCE_EXHAUSTED /
   *   RATE_LIMITED with RetryInfo.
   * </pre>
   */
  public static final class AccountServiceStub
      extends io.grpc.stub.AbstractAsyncStub<AccountServiceStub> {
    private AccountServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccountServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccountServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes an account. Anyone.
     * Its only role is `self`, and nothing in the request can change that.
     * If the server sends mail, the address is only claimed. The server mails the address, and the account logs in by its
     * username until VerifyEmail. The answer is the same whether or not another account has the address. If another
     * account has it, the mail informs the owner. If the server sends no mail, the address belongs to the account
     * immediately, and a taken address is ALREADY_EXISTS.
     * Errors:
     * - ALREADY_EXISTS / ALREADY_EXISTS for a taken username.
     * - INVALID_ARGUMENT / INVALID_FIELD, also for a password that breaks the policy.
     * - RESOURCE_EXHAUSTED / RATE_LIMITED (for a client address 3 accounts an hour, and 20 passwords a minute including
     *   those that break the policy), OVERLOADED.
     * </pre>
     */
    public void register(identity.v1.RegisterRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RegisterResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRegisterMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns the account. `identity:self:read`.
     * </pre>
     */
    public void getAccount(identity.v1.GetAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.GetAccountResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetAccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the full name or the e-mail address. `identity:self:write`; session. A new e-mail address is sensitive.
     * If the server sends mail, a new address takes effect with VerifyEmail, and the old one stays until then. If it
     * sends no mail, the new address takes effect immediately. Setting the current address cancels a pending change.
     * Errors: without mail ALREADY_EXISTS; with mail RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public void updateAccount(identity.v1.UpdateAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UpdateAccountResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateAccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Disables the account and ends all its sessions. Its API keys stop working. Only an administrator can enable it
     * again. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public void deactivateAccount(identity.v1.DeactivateAccountRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DeactivateAccountResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeactivateAccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Replaces the password and ends all other sessions, on request the API keys too. It also cancels a pending change of
     * the e-mail address.
     * `identity:self:write`; session; sensitive.
     * The session of the call continues. Its refresh token stays valid. The access token in the answer replaces the
     * token of the call.
     * Errors: RESOURCE_EXHAUSTED / RATE_LIMITED (20 new passwords a minute for an account, including those that break the
     * policy), OVERLOADED.
     * </pre>
     */
    public void changePassword(identity.v1.ChangePasswordRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ChangePasswordResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getChangePasswordMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the sessions that have not ended, newest first. `identity:self:read`.
     * </pre>
     */
    public void listSessions(identity.v1.ListSessionsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListSessionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSessionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the API keys, newest first. `identity:self:read`.
     * </pre>
     */
    public void listApiKeys(identity.v1.ListApiKeysRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListApiKeysResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListApiKeysMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a successor with the same name, scopes, quota and expiry, and ends the old key after `overlap`. The successor
     * expires earlier if the server's longest lifetime of a key requires it. For their own keys, callers need
     * `identity:self:write`, a session and a Proof. For other keys, they need `identity:api_keys:write` on
     * `users/&lt;owner id&gt;`.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / LIMIT_REACHED; PERMISSION_DENIED / PROOF_REQUIRED; UNAUTHENTICATED /
     * INVALID_CREDENTIALS for a wrong proof; for keys of other owners also the errors of IssueApiKey.
     * </pre>
     */
    public void rotateApiKey(identity.v1.RotateApiKeyRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RotateApiKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRotateApiKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a secret for an authenticator app (RFC 6238). The secret is not active before ConfirmTotp. A secret that was
     * not confirmed is replaced. `identity:self:write`; session; sensitive.
     * Errors: ALREADY_EXISTS if a secret is already confirmed.
     * </pre>
     */
    public void enrollTotp(identity.v1.EnrollTotpRequest request,
        io.grpc.stub.StreamObserver<identity.v1.EnrollTotpResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEnrollTotpMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Activates the second factor with the app's first code. From now on every login requires a second factor. After 10
     * wrong codes even the right code is refused for a while. `identity:self:write`; session.
     * Errors: UNAUTHENTICATED / INVALID_CREDENTIALS; FAILED_PRECONDITION / MFA_NOT_ENROLLED; ALREADY_EXISTS if a secret
     * is already confirmed.
     * </pre>
     */
    public void confirmTotp(identity.v1.ConfirmTotpRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ConfirmTotpResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getConfirmTotpMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes the second factor and the recovery codes. The access tokens that the account's sessions get from now on no
     * longer show the factor. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / MFA_NOT_ENROLLED.
     * </pre>
     */
    public void disableTotp(identity.v1.DisableTotpRequest request,
        io.grpc.stub.StreamObserver<identity.v1.DisableTotpResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDisableTotpMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Replaces all recovery codes. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / MFA_NOT_ENROLLED.
     * </pre>
     */
    public void regenerateRecoveryCodes(identity.v1.RegenerateRecoveryCodesRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RegenerateRecoveryCodesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRegenerateRecoveryCodesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Proves that the owner of the account reads the mail of an address: the call needs the token from the mail and a
     * session of that account. So whoever only opens the link verifies nothing. `identity:self:write`; session.
     * The first verification of an account ends everything that somebody else could have made before it: all other
     * sessions, the API keys, and the second factor. The session of the call continues with the access token in the
     * answer. If the server requires verified addresses, an account can log in before the verification with `scopes`
     * within `identity:self:*`.
     * Errors: UNAUTHENTICATED / MAILED_TOKEN_INVALID, also for the token of another account; ALREADY_EXISTS if another
     * account has verified the address since.
     * </pre>
     */
    public void verifyEmail(identity.v1.VerifyEmailRequest request,
        io.grpc.stub.StreamObserver<identity.v1.VerifyEmailResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getVerifyEmailMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Mails the verification again. `identity:self:write`; session. It does nothing if there is nothing to verify.
     * Errors: FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public void resendVerification(identity.v1.ResendVerificationRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ResendVerificationResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResendVerificationMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Mails a token for ResetPassword to the address of the named account. Anyone. The answer is the same whether or not
     * the account exists.
     * Errors: FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public void requestPasswordReset(identity.v1.RequestPasswordResetRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RequestPasswordResetResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRequestPasswordResetMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sets a new password, ends all sessions, revokes all API keys and unlinks all external identities. It also cancels
     * a pending change of the e-mail address. Anyone with the token from the mail.
     * It logs nobody in, and logins still require the second factor. If the new password breaks the policy, the token
     * stays valid.
     * Errors: UNAUTHENTICATED / MAILED_TOKEN_INVALID; INVALID_ARGUMENT / INVALID_FIELD; RESOURCE_EXHAUSTED / RATE_LIMITED
     * (as for ChangePassword), OVERLOADED.
     * </pre>
     */
    public void resetPassword(identity.v1.ResetPasswordRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ResetPasswordResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResetPasswordMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the identities at OpenID providers that can log in to the account, the oldest first. `identity:self:read`.
     * </pre>
     */
    public void listExternalIdentities(identity.v1.ListExternalIdentitiesRequest request,
        io.grpc.stub.StreamObserver<identity.v1.ListExternalIdentitiesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListExternalIdentitiesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes such an identity. It logs nobody in any more, and no login links it again. Sessions stay.
     * `identity:self:write`; session; sensitive.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / LAST_CREDENTIAL for the last identity of an account without a password,
     * since nobody could log in to it any more: set a password by ChangePassword or RequestPasswordReset first.
     * </pre>
     */
    public void unlinkIdentity(identity.v1.UnlinkIdentityRequest request,
        io.grpc.stub.StreamObserver<identity.v1.UnlinkIdentityResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUnlinkIdentityMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service AccountService.
   * <pre>
   * The service for people and their own account.
   * Unless stated otherwise, an RPC needs `identity:self:read` or `identity:self:write` on `users/&lt;own id&gt;`. Every user
   * holds both by the built-in role `self`. The scopes of the credential limit them.
   * - "Session" means: the RPC accepts no API key, and no access token that an API key was exchanged for. The error is
   *   PERMISSION_DENIED / SESSION_REQUIRED.
   * - "Sensitive" means: the RPC needs a Proof in the same call: the current password and, if the account has a second
   *   factor, a code of it. Without it, the error is PERMISSION_DENIED / PROOF_REQUIRED. A wrong password or code is
   *   UNAUTHENTICATED / INVALID_CREDENTIALS, without the difference, and counts like a wrong one at a login. The server
   *   mails the owner about every sensitive change.
   * - "Anyone" means: the RPC needs no credential. Calls are limited for each client address: RESOURCE_EXHAUSTED /
   *   RATE_LIMITED with RetryInfo.
   * </pre>
   */
  public static final class AccountServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<AccountServiceBlockingV2Stub> {
    private AccountServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccountServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccountServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes an account. Anyone.
     * Its only role is `self`, and nothing in the request can change that.
     * If the server sends mail, the address is only claimed. The server mails the address, and the account logs in by its
     * username until VerifyEmail. The answer is the same whether or not another account has the address. If another
     * account has it, the mail informs the owner. If the server sends no mail, the address belongs to the account
     * immediately, and a taken address is ALREADY_EXISTS.
     * Errors:
     * - ALREADY_EXISTS / ALREADY_EXISTS for a taken username.
     * - INVALID_ARGUMENT / INVALID_FIELD, also for a password that breaks the policy.
     * - RESOURCE_EXHAUSTED / RATE_LIMITED (for a client address 3 accounts an hour, and 20 passwords a minute including
     *   those that break the policy), OVERLOADED.
     * </pre>
     */
    public identity.v1.RegisterResponse register(identity.v1.RegisterRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRegisterMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the account. `identity:self:read`.
     * </pre>
     */
    public identity.v1.GetAccountResponse getAccount(identity.v1.GetAccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the full name or the e-mail address. `identity:self:write`; session. A new e-mail address is sensitive.
     * If the server sends mail, a new address takes effect with VerifyEmail, and the old one stays until then. If it
     * sends no mail, the new address takes effect immediately. Setting the current address cancels a pending change.
     * Errors: without mail ALREADY_EXISTS; with mail RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public identity.v1.UpdateAccountResponse updateAccount(identity.v1.UpdateAccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Disables the account and ends all its sessions. Its API keys stop working. Only an administrator can enable it
     * again. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public identity.v1.DeactivateAccountResponse deactivateAccount(identity.v1.DeactivateAccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeactivateAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces the password and ends all other sessions, on request the API keys too. It also cancels a pending change of
     * the e-mail address.
     * `identity:self:write`; session; sensitive.
     * The session of the call continues. Its refresh token stays valid. The access token in the answer replaces the
     * token of the call.
     * Errors: RESOURCE_EXHAUSTED / RATE_LIMITED (20 new passwords a minute for an account, including those that break the
     * policy), OVERLOADED.
     * </pre>
     */
    public identity.v1.ChangePasswordResponse changePassword(identity.v1.ChangePasswordRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getChangePasswordMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the sessions that have not ended, newest first. `identity:self:read`.
     * </pre>
     */
    public identity.v1.ListSessionsResponse listSessions(identity.v1.ListSessionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSessionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the API keys, newest first. `identity:self:read`.
     * </pre>
     */
    public identity.v1.ListApiKeysResponse listApiKeys(identity.v1.ListApiKeysRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListApiKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a successor with the same name, scopes, quota and expiry, and ends the old key after `overlap`. The successor
     * expires earlier if the server's longest lifetime of a key requires it. For their own keys, callers need
     * `identity:self:write`, a session and a Proof. For other keys, they need `identity:api_keys:write` on
     * `users/&lt;owner id&gt;`.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / LIMIT_REACHED; PERMISSION_DENIED / PROOF_REQUIRED; UNAUTHENTICATED /
     * INVALID_CREDENTIALS for a wrong proof; for keys of other owners also the errors of IssueApiKey.
     * </pre>
     */
    public identity.v1.RotateApiKeyResponse rotateApiKey(identity.v1.RotateApiKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRotateApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a secret for an authenticator app (RFC 6238). The secret is not active before ConfirmTotp. A secret that was
     * not confirmed is replaced. `identity:self:write`; session; sensitive.
     * Errors: ALREADY_EXISTS if a secret is already confirmed.
     * </pre>
     */
    public identity.v1.EnrollTotpResponse enrollTotp(identity.v1.EnrollTotpRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEnrollTotpMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Activates the second factor with the app's first code. From now on every login requires a second factor. After 10
     * wrong codes even the right code is refused for a while. `identity:self:write`; session.
     * Errors: UNAUTHENTICATED / INVALID_CREDENTIALS; FAILED_PRECONDITION / MFA_NOT_ENROLLED; ALREADY_EXISTS if a secret
     * is already confirmed.
     * </pre>
     */
    public identity.v1.ConfirmTotpResponse confirmTotp(identity.v1.ConfirmTotpRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getConfirmTotpMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes the second factor and the recovery codes. The access tokens that the account's sessions get from now on no
     * longer show the factor. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / MFA_NOT_ENROLLED.
     * </pre>
     */
    public identity.v1.DisableTotpResponse disableTotp(identity.v1.DisableTotpRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDisableTotpMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces all recovery codes. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / MFA_NOT_ENROLLED.
     * </pre>
     */
    public identity.v1.RegenerateRecoveryCodesResponse regenerateRecoveryCodes(identity.v1.RegenerateRecoveryCodesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRegenerateRecoveryCodesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Proves that the owner of the account reads the mail of an address: the call needs the token from the mail and a
     * session of that account. So whoever only opens the link verifies nothing. `identity:self:write`; session.
     * The first verification of an account ends everything that somebody else could have made before it: all other
     * sessions, the API keys, and the second factor. The session of the call continues with the access token in the
     * answer. If the server requires verified addresses, an account can log in before the verification with `scopes`
     * within `identity:self:*`.
     * Errors: UNAUTHENTICATED / MAILED_TOKEN_INVALID, also for the token of another account; ALREADY_EXISTS if another
     * account has verified the address since.
     * </pre>
     */
    public identity.v1.VerifyEmailResponse verifyEmail(identity.v1.VerifyEmailRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getVerifyEmailMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Mails the verification again. `identity:self:write`; session. It does nothing if there is nothing to verify.
     * Errors: FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public identity.v1.ResendVerificationResponse resendVerification(identity.v1.ResendVerificationRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResendVerificationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Mails a token for ResetPassword to the address of the named account. Anyone. The answer is the same whether or not
     * the account exists.
     * Errors: FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public identity.v1.RequestPasswordResetResponse requestPasswordReset(identity.v1.RequestPasswordResetRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRequestPasswordResetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets a new password, ends all sessions, revokes all API keys and unlinks all external identities. It also cancels
     * a pending change of the e-mail address. Anyone with the token from the mail.
     * It logs nobody in, and logins still require the second factor. If the new password breaks the policy, the token
     * stays valid.
     * Errors: UNAUTHENTICATED / MAILED_TOKEN_INVALID; INVALID_ARGUMENT / INVALID_FIELD; RESOURCE_EXHAUSTED / RATE_LIMITED
     * (as for ChangePassword), OVERLOADED.
     * </pre>
     */
    public identity.v1.ResetPasswordResponse resetPassword(identity.v1.ResetPasswordRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResetPasswordMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the identities at OpenID providers that can log in to the account, the oldest first. `identity:self:read`.
     * </pre>
     */
    public identity.v1.ListExternalIdentitiesResponse listExternalIdentities(identity.v1.ListExternalIdentitiesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListExternalIdentitiesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes such an identity. It logs nobody in any more, and no login links it again. Sessions stay.
     * `identity:self:write`; session; sensitive.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / LAST_CREDENTIAL for the last identity of an account without a password,
     * since nobody could log in to it any more: set a password by ChangePassword or RequestPasswordReset first.
     * </pre>
     */
    public identity.v1.UnlinkIdentityResponse unlinkIdentity(identity.v1.UnlinkIdentityRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUnlinkIdentityMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service AccountService.
   * <pre>
   * The service for people and their own account.
   * Unless stated otherwise, an RPC needs `identity:self:read` or `identity:self:write` on `users/&lt;own id&gt;`. Every user
   * holds both by the built-in role `self`. The scopes of the credential limit them.
   * - "Session" means: the RPC accepts no API key, and no access token that an API key was exchanged for. The error is
   *   PERMISSION_DENIED / SESSION_REQUIRED.
   * - "Sensitive" means: the RPC needs a Proof in the same call: the current password and, if the account has a second
   *   factor, a code of it. Without it, the error is PERMISSION_DENIED / PROOF_REQUIRED. A wrong password or code is
   *   UNAUTHENTICATED / INVALID_CREDENTIALS, without the difference, and counts like a wrong one at a login. The server
   *   mails the owner about every sensitive change.
   * - "Anyone" means: the RPC needs no credential. Calls are limited for each client address: RESOURCE_EXHAUSTED /
   *   RATE_LIMITED with RetryInfo.
   * </pre>
   */
  public static final class AccountServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<AccountServiceBlockingStub> {
    private AccountServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccountServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccountServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes an account. Anyone.
     * Its only role is `self`, and nothing in the request can change that.
     * If the server sends mail, the address is only claimed. The server mails the address, and the account logs in by its
     * username until VerifyEmail. The answer is the same whether or not another account has the address. If another
     * account has it, the mail informs the owner. If the server sends no mail, the address belongs to the account
     * immediately, and a taken address is ALREADY_EXISTS.
     * Errors:
     * - ALREADY_EXISTS / ALREADY_EXISTS for a taken username.
     * - INVALID_ARGUMENT / INVALID_FIELD, also for a password that breaks the policy.
     * - RESOURCE_EXHAUSTED / RATE_LIMITED (for a client address 3 accounts an hour, and 20 passwords a minute including
     *   those that break the policy), OVERLOADED.
     * </pre>
     */
    public identity.v1.RegisterResponse register(identity.v1.RegisterRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRegisterMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the account. `identity:self:read`.
     * </pre>
     */
    public identity.v1.GetAccountResponse getAccount(identity.v1.GetAccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the full name or the e-mail address. `identity:self:write`; session. A new e-mail address is sensitive.
     * If the server sends mail, a new address takes effect with VerifyEmail, and the old one stays until then. If it
     * sends no mail, the new address takes effect immediately. Setting the current address cancels a pending change.
     * Errors: without mail ALREADY_EXISTS; with mail RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public identity.v1.UpdateAccountResponse updateAccount(identity.v1.UpdateAccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Disables the account and ends all its sessions. Its API keys stop working. Only an administrator can enable it
     * again. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public identity.v1.DeactivateAccountResponse deactivateAccount(identity.v1.DeactivateAccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeactivateAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces the password and ends all other sessions, on request the API keys too. It also cancels a pending change of
     * the e-mail address.
     * `identity:self:write`; session; sensitive.
     * The session of the call continues. Its refresh token stays valid. The access token in the answer replaces the
     * token of the call.
     * Errors: RESOURCE_EXHAUSTED / RATE_LIMITED (20 new passwords a minute for an account, including those that break the
     * policy), OVERLOADED.
     * </pre>
     */
    public identity.v1.ChangePasswordResponse changePassword(identity.v1.ChangePasswordRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getChangePasswordMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the sessions that have not ended, newest first. `identity:self:read`.
     * </pre>
     */
    public identity.v1.ListSessionsResponse listSessions(identity.v1.ListSessionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSessionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the API keys, newest first. `identity:self:read`.
     * </pre>
     */
    public identity.v1.ListApiKeysResponse listApiKeys(identity.v1.ListApiKeysRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListApiKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a successor with the same name, scopes, quota and expiry, and ends the old key after `overlap`. The successor
     * expires earlier if the server's longest lifetime of a key requires it. For their own keys, callers need
     * `identity:self:write`, a session and a Proof. For other keys, they need `identity:api_keys:write` on
     * `users/&lt;owner id&gt;`.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / LIMIT_REACHED; PERMISSION_DENIED / PROOF_REQUIRED; UNAUTHENTICATED /
     * INVALID_CREDENTIALS for a wrong proof; for keys of other owners also the errors of IssueApiKey.
     * </pre>
     */
    public identity.v1.RotateApiKeyResponse rotateApiKey(identity.v1.RotateApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRotateApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a secret for an authenticator app (RFC 6238). The secret is not active before ConfirmTotp. A secret that was
     * not confirmed is replaced. `identity:self:write`; session; sensitive.
     * Errors: ALREADY_EXISTS if a secret is already confirmed.
     * </pre>
     */
    public identity.v1.EnrollTotpResponse enrollTotp(identity.v1.EnrollTotpRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEnrollTotpMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Activates the second factor with the app's first code. From now on every login requires a second factor. After 10
     * wrong codes even the right code is refused for a while. `identity:self:write`; session.
     * Errors: UNAUTHENTICATED / INVALID_CREDENTIALS; FAILED_PRECONDITION / MFA_NOT_ENROLLED; ALREADY_EXISTS if a secret
     * is already confirmed.
     * </pre>
     */
    public identity.v1.ConfirmTotpResponse confirmTotp(identity.v1.ConfirmTotpRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getConfirmTotpMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes the second factor and the recovery codes. The access tokens that the account's sessions get from now on no
     * longer show the factor. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / MFA_NOT_ENROLLED.
     * </pre>
     */
    public identity.v1.DisableTotpResponse disableTotp(identity.v1.DisableTotpRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDisableTotpMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces all recovery codes. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / MFA_NOT_ENROLLED.
     * </pre>
     */
    public identity.v1.RegenerateRecoveryCodesResponse regenerateRecoveryCodes(identity.v1.RegenerateRecoveryCodesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRegenerateRecoveryCodesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Proves that the owner of the account reads the mail of an address: the call needs the token from the mail and a
     * session of that account. So whoever only opens the link verifies nothing. `identity:self:write`; session.
     * The first verification of an account ends everything that somebody else could have made before it: all other
     * sessions, the API keys, and the second factor. The session of the call continues with the access token in the
     * answer. If the server requires verified addresses, an account can log in before the verification with `scopes`
     * within `identity:self:*`.
     * Errors: UNAUTHENTICATED / MAILED_TOKEN_INVALID, also for the token of another account; ALREADY_EXISTS if another
     * account has verified the address since.
     * </pre>
     */
    public identity.v1.VerifyEmailResponse verifyEmail(identity.v1.VerifyEmailRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getVerifyEmailMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Mails the verification again. `identity:self:write`; session. It does nothing if there is nothing to verify.
     * Errors: FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public identity.v1.ResendVerificationResponse resendVerification(identity.v1.ResendVerificationRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResendVerificationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Mails a token for ResetPassword to the address of the named account. Anyone. The answer is the same whether or not
     * the account exists.
     * Errors: FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public identity.v1.RequestPasswordResetResponse requestPasswordReset(identity.v1.RequestPasswordResetRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRequestPasswordResetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets a new password, ends all sessions, revokes all API keys and unlinks all external identities. It also cancels
     * a pending change of the e-mail address. Anyone with the token from the mail.
     * It logs nobody in, and logins still require the second factor. If the new password breaks the policy, the token
     * stays valid.
     * Errors: UNAUTHENTICATED / MAILED_TOKEN_INVALID; INVALID_ARGUMENT / INVALID_FIELD; RESOURCE_EXHAUSTED / RATE_LIMITED
     * (as for ChangePassword), OVERLOADED.
     * </pre>
     */
    public identity.v1.ResetPasswordResponse resetPassword(identity.v1.ResetPasswordRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResetPasswordMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the identities at OpenID providers that can log in to the account, the oldest first. `identity:self:read`.
     * </pre>
     */
    public identity.v1.ListExternalIdentitiesResponse listExternalIdentities(identity.v1.ListExternalIdentitiesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListExternalIdentitiesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes such an identity. It logs nobody in any more, and no login links it again. Sessions stay.
     * `identity:self:write`; session; sensitive.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / LAST_CREDENTIAL for the last identity of an account without a password,
     * since nobody could log in to it any more: set a password by ChangePassword or RequestPasswordReset first.
     * </pre>
     */
    public identity.v1.UnlinkIdentityResponse unlinkIdentity(identity.v1.UnlinkIdentityRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUnlinkIdentityMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service AccountService.
   * <pre>
   * The service for people and their own account.
   * Unless stated otherwise, an RPC needs `identity:self:read` or `identity:self:write` on `users/&lt;own id&gt;`. Every user
   * holds both by the built-in role `self`. The scopes of the credential limit them.
   * - "Session" means: the RPC accepts no API key, and no access token that an API key was exchanged for. The error is
   *   PERMISSION_DENIED / SESSION_REQUIRED.
   * - "Sensitive" means: the RPC needs a Proof in the same call: the current password and, if the account has a second
   *   factor, a code of it. Without it, the error is PERMISSION_DENIED / PROOF_REQUIRED. A wrong password or code is
   *   UNAUTHENTICATED / INVALID_CREDENTIALS, without the difference, and counts like a wrong one at a login. The server
   *   mails the owner about every sensitive change.
   * - "Anyone" means: the RPC needs no credential. Calls are limited for each client address: RESOURCE_EXHAUSTED /
   *   RATE_LIMITED with RetryInfo.
   * </pre>
   */
  public static final class AccountServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<AccountServiceFutureStub> {
    private AccountServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccountServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccountServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes an account. Anyone.
     * Its only role is `self`, and nothing in the request can change that.
     * If the server sends mail, the address is only claimed. The server mails the address, and the account logs in by its
     * username until VerifyEmail. The answer is the same whether or not another account has the address. If another
     * account has it, the mail informs the owner. If the server sends no mail, the address belongs to the account
     * immediately, and a taken address is ALREADY_EXISTS.
     * Errors:
     * - ALREADY_EXISTS / ALREADY_EXISTS for a taken username.
     * - INVALID_ARGUMENT / INVALID_FIELD, also for a password that breaks the policy.
     * - RESOURCE_EXHAUSTED / RATE_LIMITED (for a client address 3 accounts an hour, and 20 passwords a minute including
     *   those that break the policy), OVERLOADED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.RegisterResponse> register(
        identity.v1.RegisterRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRegisterMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns the account. `identity:self:read`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.GetAccountResponse> getAccount(
        identity.v1.GetAccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetAccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the full name or the e-mail address. `identity:self:write`; session. A new e-mail address is sensitive.
     * If the server sends mail, a new address takes effect with VerifyEmail, and the old one stays until then. If it
     * sends no mail, the new address takes effect immediately. Setting the current address cancels a pending change.
     * Errors: without mail ALREADY_EXISTS; with mail RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.UpdateAccountResponse> updateAccount(
        identity.v1.UpdateAccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateAccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Disables the account and ends all its sessions. Its API keys stop working. Only an administrator can enable it
     * again. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / LAST_SUPER_ADMIN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.DeactivateAccountResponse> deactivateAccount(
        identity.v1.DeactivateAccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeactivateAccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Replaces the password and ends all other sessions, on request the API keys too. It also cancels a pending change of
     * the e-mail address.
     * `identity:self:write`; session; sensitive.
     * The session of the call continues. Its refresh token stays valid. The access token in the answer replaces the
     * token of the call.
     * Errors: RESOURCE_EXHAUSTED / RATE_LIMITED (20 new passwords a minute for an account, including those that break the
     * policy), OVERLOADED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ChangePasswordResponse> changePassword(
        identity.v1.ChangePasswordRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getChangePasswordMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the sessions that have not ended, newest first. `identity:self:read`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListSessionsResponse> listSessions(
        identity.v1.ListSessionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSessionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the API keys, newest first. `identity:self:read`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListApiKeysResponse> listApiKeys(
        identity.v1.ListApiKeysRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListApiKeysMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a successor with the same name, scopes, quota and expiry, and ends the old key after `overlap`. The successor
     * expires earlier if the server's longest lifetime of a key requires it. For their own keys, callers need
     * `identity:self:write`, a session and a Proof. For other keys, they need `identity:api_keys:write` on
     * `users/&lt;owner id&gt;`.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / LIMIT_REACHED; PERMISSION_DENIED / PROOF_REQUIRED; UNAUTHENTICATED /
     * INVALID_CREDENTIALS for a wrong proof; for keys of other owners also the errors of IssueApiKey.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.RotateApiKeyResponse> rotateApiKey(
        identity.v1.RotateApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRotateApiKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a secret for an authenticator app (RFC 6238). The secret is not active before ConfirmTotp. A secret that was
     * not confirmed is replaced. `identity:self:write`; session; sensitive.
     * Errors: ALREADY_EXISTS if a secret is already confirmed.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.EnrollTotpResponse> enrollTotp(
        identity.v1.EnrollTotpRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEnrollTotpMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Activates the second factor with the app's first code. From now on every login requires a second factor. After 10
     * wrong codes even the right code is refused for a while. `identity:self:write`; session.
     * Errors: UNAUTHENTICATED / INVALID_CREDENTIALS; FAILED_PRECONDITION / MFA_NOT_ENROLLED; ALREADY_EXISTS if a secret
     * is already confirmed.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ConfirmTotpResponse> confirmTotp(
        identity.v1.ConfirmTotpRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getConfirmTotpMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes the second factor and the recovery codes. The access tokens that the account's sessions get from now on no
     * longer show the factor. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / MFA_NOT_ENROLLED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.DisableTotpResponse> disableTotp(
        identity.v1.DisableTotpRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDisableTotpMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Replaces all recovery codes. `identity:self:write`; session; sensitive.
     * Errors: FAILED_PRECONDITION / MFA_NOT_ENROLLED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.RegenerateRecoveryCodesResponse> regenerateRecoveryCodes(
        identity.v1.RegenerateRecoveryCodesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRegenerateRecoveryCodesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Proves that the owner of the account reads the mail of an address: the call needs the token from the mail and a
     * session of that account. So whoever only opens the link verifies nothing. `identity:self:write`; session.
     * The first verification of an account ends everything that somebody else could have made before it: all other
     * sessions, the API keys, and the second factor. The session of the call continues with the access token in the
     * answer. If the server requires verified addresses, an account can log in before the verification with `scopes`
     * within `identity:self:*`.
     * Errors: UNAUTHENTICATED / MAILED_TOKEN_INVALID, also for the token of another account; ALREADY_EXISTS if another
     * account has verified the address since.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.VerifyEmailResponse> verifyEmail(
        identity.v1.VerifyEmailRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getVerifyEmailMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Mails the verification again. `identity:self:write`; session. It does nothing if there is nothing to verify.
     * Errors: FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ResendVerificationResponse> resendVerification(
        identity.v1.ResendVerificationRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResendVerificationMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Mails a token for ResetPassword to the address of the named account. Anyone. The answer is the same whether or not
     * the account exists.
     * Errors: FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.RequestPasswordResetResponse> requestPasswordReset(
        identity.v1.RequestPasswordResetRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRequestPasswordResetMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sets a new password, ends all sessions, revokes all API keys and unlinks all external identities. It also cancels
     * a pending change of the e-mail address. Anyone with the token from the mail.
     * It logs nobody in, and logins still require the second factor. If the new password breaks the policy, the token
     * stays valid.
     * Errors: UNAUTHENTICATED / MAILED_TOKEN_INVALID; INVALID_ARGUMENT / INVALID_FIELD; RESOURCE_EXHAUSTED / RATE_LIMITED
     * (as for ChangePassword), OVERLOADED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ResetPasswordResponse> resetPassword(
        identity.v1.ResetPasswordRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResetPasswordMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the identities at OpenID providers that can log in to the account, the oldest first. `identity:self:read`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.ListExternalIdentitiesResponse> listExternalIdentities(
        identity.v1.ListExternalIdentitiesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListExternalIdentitiesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes such an identity. It logs nobody in any more, and no login links it again. Sessions stay.
     * `identity:self:write`; session; sensitive.
     * Errors: NOT_FOUND; FAILED_PRECONDITION / LAST_CREDENTIAL for the last identity of an account without a password,
     * since nobody could log in to it any more: set a password by ChangePassword or RequestPasswordReset first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.UnlinkIdentityResponse> unlinkIdentity(
        identity.v1.UnlinkIdentityRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUnlinkIdentityMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_REGISTER = 0;
  private static final int METHODID_GET_ACCOUNT = 1;
  private static final int METHODID_UPDATE_ACCOUNT = 2;
  private static final int METHODID_DEACTIVATE_ACCOUNT = 3;
  private static final int METHODID_CHANGE_PASSWORD = 4;
  private static final int METHODID_LIST_SESSIONS = 5;
  private static final int METHODID_LIST_API_KEYS = 6;
  private static final int METHODID_ROTATE_API_KEY = 7;
  private static final int METHODID_ENROLL_TOTP = 8;
  private static final int METHODID_CONFIRM_TOTP = 9;
  private static final int METHODID_DISABLE_TOTP = 10;
  private static final int METHODID_REGENERATE_RECOVERY_CODES = 11;
  private static final int METHODID_VERIFY_EMAIL = 12;
  private static final int METHODID_RESEND_VERIFICATION = 13;
  private static final int METHODID_REQUEST_PASSWORD_RESET = 14;
  private static final int METHODID_RESET_PASSWORD = 15;
  private static final int METHODID_LIST_EXTERNAL_IDENTITIES = 16;
  private static final int METHODID_UNLINK_IDENTITY = 17;

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
        case METHODID_REGISTER:
          serviceImpl.register((identity.v1.RegisterRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.RegisterResponse>) responseObserver);
          break;
        case METHODID_GET_ACCOUNT:
          serviceImpl.getAccount((identity.v1.GetAccountRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.GetAccountResponse>) responseObserver);
          break;
        case METHODID_UPDATE_ACCOUNT:
          serviceImpl.updateAccount((identity.v1.UpdateAccountRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.UpdateAccountResponse>) responseObserver);
          break;
        case METHODID_DEACTIVATE_ACCOUNT:
          serviceImpl.deactivateAccount((identity.v1.DeactivateAccountRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.DeactivateAccountResponse>) responseObserver);
          break;
        case METHODID_CHANGE_PASSWORD:
          serviceImpl.changePassword((identity.v1.ChangePasswordRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ChangePasswordResponse>) responseObserver);
          break;
        case METHODID_LIST_SESSIONS:
          serviceImpl.listSessions((identity.v1.ListSessionsRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListSessionsResponse>) responseObserver);
          break;
        case METHODID_LIST_API_KEYS:
          serviceImpl.listApiKeys((identity.v1.ListApiKeysRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListApiKeysResponse>) responseObserver);
          break;
        case METHODID_ROTATE_API_KEY:
          serviceImpl.rotateApiKey((identity.v1.RotateApiKeyRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.RotateApiKeyResponse>) responseObserver);
          break;
        case METHODID_ENROLL_TOTP:
          serviceImpl.enrollTotp((identity.v1.EnrollTotpRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.EnrollTotpResponse>) responseObserver);
          break;
        case METHODID_CONFIRM_TOTP:
          serviceImpl.confirmTotp((identity.v1.ConfirmTotpRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ConfirmTotpResponse>) responseObserver);
          break;
        case METHODID_DISABLE_TOTP:
          serviceImpl.disableTotp((identity.v1.DisableTotpRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.DisableTotpResponse>) responseObserver);
          break;
        case METHODID_REGENERATE_RECOVERY_CODES:
          serviceImpl.regenerateRecoveryCodes((identity.v1.RegenerateRecoveryCodesRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.RegenerateRecoveryCodesResponse>) responseObserver);
          break;
        case METHODID_VERIFY_EMAIL:
          serviceImpl.verifyEmail((identity.v1.VerifyEmailRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.VerifyEmailResponse>) responseObserver);
          break;
        case METHODID_RESEND_VERIFICATION:
          serviceImpl.resendVerification((identity.v1.ResendVerificationRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ResendVerificationResponse>) responseObserver);
          break;
        case METHODID_REQUEST_PASSWORD_RESET:
          serviceImpl.requestPasswordReset((identity.v1.RequestPasswordResetRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.RequestPasswordResetResponse>) responseObserver);
          break;
        case METHODID_RESET_PASSWORD:
          serviceImpl.resetPassword((identity.v1.ResetPasswordRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ResetPasswordResponse>) responseObserver);
          break;
        case METHODID_LIST_EXTERNAL_IDENTITIES:
          serviceImpl.listExternalIdentities((identity.v1.ListExternalIdentitiesRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.ListExternalIdentitiesResponse>) responseObserver);
          break;
        case METHODID_UNLINK_IDENTITY:
          serviceImpl.unlinkIdentity((identity.v1.UnlinkIdentityRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.UnlinkIdentityResponse>) responseObserver);
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
          getRegisterMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.RegisterRequest,
              identity.v1.RegisterResponse>(
                service, METHODID_REGISTER)))
        .addMethod(
          getGetAccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.GetAccountRequest,
              identity.v1.GetAccountResponse>(
                service, METHODID_GET_ACCOUNT)))
        .addMethod(
          getUpdateAccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.UpdateAccountRequest,
              identity.v1.UpdateAccountResponse>(
                service, METHODID_UPDATE_ACCOUNT)))
        .addMethod(
          getDeactivateAccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.DeactivateAccountRequest,
              identity.v1.DeactivateAccountResponse>(
                service, METHODID_DEACTIVATE_ACCOUNT)))
        .addMethod(
          getChangePasswordMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ChangePasswordRequest,
              identity.v1.ChangePasswordResponse>(
                service, METHODID_CHANGE_PASSWORD)))
        .addMethod(
          getListSessionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListSessionsRequest,
              identity.v1.ListSessionsResponse>(
                service, METHODID_LIST_SESSIONS)))
        .addMethod(
          getListApiKeysMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListApiKeysRequest,
              identity.v1.ListApiKeysResponse>(
                service, METHODID_LIST_API_KEYS)))
        .addMethod(
          getRotateApiKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.RotateApiKeyRequest,
              identity.v1.RotateApiKeyResponse>(
                service, METHODID_ROTATE_API_KEY)))
        .addMethod(
          getEnrollTotpMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.EnrollTotpRequest,
              identity.v1.EnrollTotpResponse>(
                service, METHODID_ENROLL_TOTP)))
        .addMethod(
          getConfirmTotpMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ConfirmTotpRequest,
              identity.v1.ConfirmTotpResponse>(
                service, METHODID_CONFIRM_TOTP)))
        .addMethod(
          getDisableTotpMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.DisableTotpRequest,
              identity.v1.DisableTotpResponse>(
                service, METHODID_DISABLE_TOTP)))
        .addMethod(
          getRegenerateRecoveryCodesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.RegenerateRecoveryCodesRequest,
              identity.v1.RegenerateRecoveryCodesResponse>(
                service, METHODID_REGENERATE_RECOVERY_CODES)))
        .addMethod(
          getVerifyEmailMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.VerifyEmailRequest,
              identity.v1.VerifyEmailResponse>(
                service, METHODID_VERIFY_EMAIL)))
        .addMethod(
          getResendVerificationMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ResendVerificationRequest,
              identity.v1.ResendVerificationResponse>(
                service, METHODID_RESEND_VERIFICATION)))
        .addMethod(
          getRequestPasswordResetMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.RequestPasswordResetRequest,
              identity.v1.RequestPasswordResetResponse>(
                service, METHODID_REQUEST_PASSWORD_RESET)))
        .addMethod(
          getResetPasswordMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ResetPasswordRequest,
              identity.v1.ResetPasswordResponse>(
                service, METHODID_RESET_PASSWORD)))
        .addMethod(
          getListExternalIdentitiesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.ListExternalIdentitiesRequest,
              identity.v1.ListExternalIdentitiesResponse>(
                service, METHODID_LIST_EXTERNAL_IDENTITIES)))
        .addMethod(
          getUnlinkIdentityMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.UnlinkIdentityRequest,
              identity.v1.UnlinkIdentityResponse>(
                service, METHODID_UNLINK_IDENTITY)))
        .build();
  }

  private static abstract class AccountServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    AccountServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return identity.v1.AccountServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("AccountService");
    }
  }

  private static final class AccountServiceFileDescriptorSupplier
      extends AccountServiceBaseDescriptorSupplier {
    AccountServiceFileDescriptorSupplier() {}
  }

  private static final class AccountServiceMethodDescriptorSupplier
      extends AccountServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    AccountServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (AccountServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new AccountServiceFileDescriptorSupplier())
              .addMethod(getRegisterMethod())
              .addMethod(getGetAccountMethod())
              .addMethod(getUpdateAccountMethod())
              .addMethod(getDeactivateAccountMethod())
              .addMethod(getChangePasswordMethod())
              .addMethod(getListSessionsMethod())
              .addMethod(getListApiKeysMethod())
              .addMethod(getRotateApiKeyMethod())
              .addMethod(getEnrollTotpMethod())
              .addMethod(getConfirmTotpMethod())
              .addMethod(getDisableTotpMethod())
              .addMethod(getRegenerateRecoveryCodesMethod())
              .addMethod(getVerifyEmailMethod())
              .addMethod(getResendVerificationMethod())
              .addMethod(getRequestPasswordResetMethod())
              .addMethod(getResetPasswordMethod())
              .addMethod(getListExternalIdentitiesMethod())
              .addMethod(getUnlinkIdentityMethod())
              .build();
        }
      }
    }
    return result;
  }
}
