package identity.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Answers two questions: who is this, and may they do this?
 * A caller authenticates with metadata: `authorization: Bearer &lt;access token, API key, or token of a workload&gt;` or
 * `x-api-key: &lt;key&gt;`. If both are given, only `authorization` counts. Without them, a client certificate counts whose
 * URI a service account lists (docs/workloads.md).
 * - Every error carries google.rpc.ErrorInfo with an ErrorReason.
 * - Every RPC respects the caller's deadline. Without a deadline it takes at most 5 seconds.
 * - A request has at most 64 KiB, a batch 1 MiB.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class IdentityServiceGrpc {

  private IdentityServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "identity.v1.IdentityService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<identity.v1.AuthenticateRequest,
      identity.v1.AuthenticateResponse> getAuthenticateMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Authenticate",
      requestType = identity.v1.AuthenticateRequest.class,
      responseType = identity.v1.AuthenticateResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.AuthenticateRequest,
      identity.v1.AuthenticateResponse> getAuthenticateMethod() {
    io.grpc.MethodDescriptor<identity.v1.AuthenticateRequest, identity.v1.AuthenticateResponse> getAuthenticateMethod;
    if ((getAuthenticateMethod = IdentityServiceGrpc.getAuthenticateMethod) == null) {
      synchronized (IdentityServiceGrpc.class) {
        if ((getAuthenticateMethod = IdentityServiceGrpc.getAuthenticateMethod) == null) {
          IdentityServiceGrpc.getAuthenticateMethod = getAuthenticateMethod =
              io.grpc.MethodDescriptor.<identity.v1.AuthenticateRequest, identity.v1.AuthenticateResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Authenticate"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.AuthenticateRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.AuthenticateResponse.getDefaultInstance()))
              .setSchemaDescriptor(new IdentityServiceMethodDescriptorSupplier("Authenticate"))
              .build();
        }
      }
    }
    return getAuthenticateMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.RefreshRequest,
      identity.v1.RefreshResponse> getRefreshMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Refresh",
      requestType = identity.v1.RefreshRequest.class,
      responseType = identity.v1.RefreshResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.RefreshRequest,
      identity.v1.RefreshResponse> getRefreshMethod() {
    io.grpc.MethodDescriptor<identity.v1.RefreshRequest, identity.v1.RefreshResponse> getRefreshMethod;
    if ((getRefreshMethod = IdentityServiceGrpc.getRefreshMethod) == null) {
      synchronized (IdentityServiceGrpc.class) {
        if ((getRefreshMethod = IdentityServiceGrpc.getRefreshMethod) == null) {
          IdentityServiceGrpc.getRefreshMethod = getRefreshMethod =
              io.grpc.MethodDescriptor.<identity.v1.RefreshRequest, identity.v1.RefreshResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Refresh"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RefreshRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RefreshResponse.getDefaultInstance()))
              .setSchemaDescriptor(new IdentityServiceMethodDescriptorSupplier("Refresh"))
              .build();
        }
      }
    }
    return getRefreshMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.RevokeRequest,
      identity.v1.RevokeResponse> getRevokeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Revoke",
      requestType = identity.v1.RevokeRequest.class,
      responseType = identity.v1.RevokeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.RevokeRequest,
      identity.v1.RevokeResponse> getRevokeMethod() {
    io.grpc.MethodDescriptor<identity.v1.RevokeRequest, identity.v1.RevokeResponse> getRevokeMethod;
    if ((getRevokeMethod = IdentityServiceGrpc.getRevokeMethod) == null) {
      synchronized (IdentityServiceGrpc.class) {
        if ((getRevokeMethod = IdentityServiceGrpc.getRevokeMethod) == null) {
          IdentityServiceGrpc.getRevokeMethod = getRevokeMethod =
              io.grpc.MethodDescriptor.<identity.v1.RevokeRequest, identity.v1.RevokeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Revoke"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RevokeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.RevokeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new IdentityServiceMethodDescriptorSupplier("Revoke"))
              .build();
        }
      }
    }
    return getRevokeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.CheckPermissionRequest,
      identity.v1.CheckPermissionResponse> getCheckPermissionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CheckPermission",
      requestType = identity.v1.CheckPermissionRequest.class,
      responseType = identity.v1.CheckPermissionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.CheckPermissionRequest,
      identity.v1.CheckPermissionResponse> getCheckPermissionMethod() {
    io.grpc.MethodDescriptor<identity.v1.CheckPermissionRequest, identity.v1.CheckPermissionResponse> getCheckPermissionMethod;
    if ((getCheckPermissionMethod = IdentityServiceGrpc.getCheckPermissionMethod) == null) {
      synchronized (IdentityServiceGrpc.class) {
        if ((getCheckPermissionMethod = IdentityServiceGrpc.getCheckPermissionMethod) == null) {
          IdentityServiceGrpc.getCheckPermissionMethod = getCheckPermissionMethod =
              io.grpc.MethodDescriptor.<identity.v1.CheckPermissionRequest, identity.v1.CheckPermissionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CheckPermission"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CheckPermissionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.CheckPermissionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new IdentityServiceMethodDescriptorSupplier("CheckPermission"))
              .build();
        }
      }
    }
    return getCheckPermissionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.BatchCheckPermissionsRequest,
      identity.v1.BatchCheckPermissionsResponse> getBatchCheckPermissionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BatchCheckPermissions",
      requestType = identity.v1.BatchCheckPermissionsRequest.class,
      responseType = identity.v1.BatchCheckPermissionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.BatchCheckPermissionsRequest,
      identity.v1.BatchCheckPermissionsResponse> getBatchCheckPermissionsMethod() {
    io.grpc.MethodDescriptor<identity.v1.BatchCheckPermissionsRequest, identity.v1.BatchCheckPermissionsResponse> getBatchCheckPermissionsMethod;
    if ((getBatchCheckPermissionsMethod = IdentityServiceGrpc.getBatchCheckPermissionsMethod) == null) {
      synchronized (IdentityServiceGrpc.class) {
        if ((getBatchCheckPermissionsMethod = IdentityServiceGrpc.getBatchCheckPermissionsMethod) == null) {
          IdentityServiceGrpc.getBatchCheckPermissionsMethod = getBatchCheckPermissionsMethod =
              io.grpc.MethodDescriptor.<identity.v1.BatchCheckPermissionsRequest, identity.v1.BatchCheckPermissionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BatchCheckPermissions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.BatchCheckPermissionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.BatchCheckPermissionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new IdentityServiceMethodDescriptorSupplier("BatchCheckPermissions"))
              .build();
        }
      }
    }
    return getBatchCheckPermissionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<identity.v1.IssueApiKeyRequest,
      identity.v1.IssueApiKeyResponse> getIssueApiKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "IssueApiKey",
      requestType = identity.v1.IssueApiKeyRequest.class,
      responseType = identity.v1.IssueApiKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<identity.v1.IssueApiKeyRequest,
      identity.v1.IssueApiKeyResponse> getIssueApiKeyMethod() {
    io.grpc.MethodDescriptor<identity.v1.IssueApiKeyRequest, identity.v1.IssueApiKeyResponse> getIssueApiKeyMethod;
    if ((getIssueApiKeyMethod = IdentityServiceGrpc.getIssueApiKeyMethod) == null) {
      synchronized (IdentityServiceGrpc.class) {
        if ((getIssueApiKeyMethod = IdentityServiceGrpc.getIssueApiKeyMethod) == null) {
          IdentityServiceGrpc.getIssueApiKeyMethod = getIssueApiKeyMethod =
              io.grpc.MethodDescriptor.<identity.v1.IssueApiKeyRequest, identity.v1.IssueApiKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "IssueApiKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.IssueApiKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  identity.v1.IssueApiKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new IdentityServiceMethodDescriptorSupplier("IssueApiKey"))
              .build();
        }
      }
    }
    return getIssueApiKeyMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static IdentityServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IdentityServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IdentityServiceStub>() {
        @java.lang.Override
        public IdentityServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IdentityServiceStub(channel, callOptions);
        }
      };
    return IdentityServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static IdentityServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IdentityServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IdentityServiceBlockingV2Stub>() {
        @java.lang.Override
        public IdentityServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IdentityServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return IdentityServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static IdentityServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IdentityServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IdentityServiceBlockingStub>() {
        @java.lang.Override
        public IdentityServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IdentityServiceBlockingStub(channel, callOptions);
        }
      };
    return IdentityServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static IdentityServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<IdentityServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<IdentityServiceFutureStub>() {
        @java.lang.Override
        public IdentityServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new IdentityServiceFutureStub(channel, callOptions);
        }
      };
    return IdentityServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Answers two questions: who is this, and may they do this?
   * A caller authenticates with metadata: `authorization: Bearer &lt;access token, API key, or token of a workload&gt;` or
   * `x-api-key: &lt;key&gt;`. If both are given, only `authorization` counts. Without them, a client certificate counts whose
   * URI a service account lists (docs/workloads.md).
   * - Every error carries google.rpc.ErrorInfo with an ErrorReason.
   * - Every RPC respects the caller's deadline. Without a deadline it takes at most 5 seconds.
   * - A request has at most 64 KiB, a batch 1 MiB.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Logs a person in, or exchanges an API key for an access token. Anyone may call it.
     * Every failed login is UNAUTHENTICATED / INVALID_CREDENTIALS, whatever its cause: unknown, wrong, locked, disabled.
     * Five wrong passwords lock the account for 30 seconds. Further wrong passwords double the time, up to 30 minutes.
     * If the account has a second factor, the right password returns an MfaChallenge. A second call with the challenge's
     * token and a code returns tokens. A challenge allows 5 minutes and 5 tries. Each code of the app works once. Ten
     * wrong codes in a row block the app's codes for a minute, doubling up to an hour. Recovery codes still work during
     * the block.
     * A call with `mfa`, without `challenge_token`, and with the access token of a session in the metadata steps up that
     * session. The answer has a new access token and no refresh token: the session's own refresh token stays valid.
     * An ID token logs in the account to which its issuer and subject are linked. If they are linked to none, the link
     * policy of the provider decides. A disabled or locked account cannot log in. The second factor of the account is
     * asked for, unless the provider is set to trust the one that the token shows. docs/providers.md has the whole story.
     * Errors:
     * - INVALID_ARGUMENT / INVALID_FIELD, INVALID_SCOPE.
     * - RESOURCE_EXHAUSTED / OVERLOADED, RATE_LIMITED (for a client address 5 failures a minute, and 3 accounts an hour
     *   that logins by ID token or Register create).
     * - UNAVAILABLE / PROVIDER_UNAVAILABLE if the provider of the ID token does not answer and its keys are not known
     *   yet.
     * - FAILED_PRECONDITION / EMAIL_NOT_VERIFIED if the server requires a verified address; only a caller with the right
     *   password or a good ID token gets it.
     * - FAILED_PRECONDITION / MFA_NOT_ENROLLED for a step-up.
     * - ABORTED / CONFLICT if the login lost against concurrent changes. Repeat it.
     * - UNKNOWN / COMMIT_IN_DOUBT. The login may have begun a session. A login by ID token may also have created an
     *   account, linked its identity, or changed roles.
     * </pre>
     */
    default void authenticate(identity.v1.AuthenticateRequest request,
        io.grpc.stub.StreamObserver<identity.v1.AuthenticateResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAuthenticateMethod(), responseObserver);
    }

    /**
     * <pre>
     * Spends a refresh token and returns the next one with a fresh access token. Anyone who holds the token may call it.
     * A token is spent once. If the client loses the reply, it may send the same token again within 10 seconds. It then
     * gets the same successor, unless the successor has been used. Any other use of a spent token ends the session.
     * Errors: UNAUTHENTICATED / REFRESH_TOKEN_INVALID, REFRESH_TOKEN_REUSED; INVALID_ARGUMENT / INVALID_SCOPE.
     * </pre>
     */
    default void refresh(identity.v1.RefreshRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RefreshResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRefreshMethod(), responseObserver);
    }

    /**
     * <pre>
     * Revokes a token, a session, an API key, or everything that a principal has.
     * - By secret: every holder of the secret may call it. An unknown, malformed or already revoked secret succeeds
     *   (RFC 7009).
     * - By id: the owner, or a caller with a permission on `users/&lt;owner id&gt;`. A session needs `identity:sessions:write`,
     *   a key `identity:api_keys:write`, a principal both. For an unknown id, the caller needs the permission everywhere.
     * It takes effect for every check that begins after the answer on the same server. On all servers, it takes effect
     * for every check that carries the consistency token. For other checks it takes effect within the documented bound.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; UNAUTHENTICATED / CALLER_UNKNOWN; PERMISSION_DENIED / PERMISSION_DENIED,
     * SUPER_ADMIN_REQUIRED; UNKNOWN / COMMIT_IN_DOUBT.
     * </pre>
     */
    default void revoke(identity.v1.RevokeRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RevokeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeMethod(), responseObserver);
    }

    /**
     * <pre>
     * Decides whether a subject has a permission on a resource.
     * The caller needs `identity:check`. With `self`, any authenticated caller may call it. A denial is an answer, not an
     * error. An error means "could not decide", never "allowed".
     * Errors:
     * - INVALID_ARGUMENT / INVALID_FIELD.
     * - FAILED_PRECONDITION / CONSISTENCY_TOKEN_UNKNOWN.
     * - DEADLINE_EXCEEDED if the facts that `consistency` requires do not arrive in time.
     * - UNAVAILABLE / STORAGE_UNAVAILABLE if these facts cannot arrive, or if the database has been unavailable for too
     *   long; PROVIDER_UNAVAILABLE if the server has no keys for the token of a workload.
     * </pre>
     */
    default void checkPermission(identity.v1.CheckPermissionRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CheckPermissionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCheckPermissionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Decides up to 1,000 checks at one revision. The same callers as for CheckPermission may call it. A caller without
     * `identity:check` needs `self` in every element.
     * Errors: as for CheckPermission. A batch without checks, or with more than 1,000, is INVALID_ARGUMENT /
     * INVALID_FIELD, even for an unauthenticated caller. An invalid check is an error in its own result.
     * </pre>
     */
    default void batchCheckPermissions(identity.v1.BatchCheckPermissionsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.BatchCheckPermissionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBatchCheckPermissionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes an API key. The secret is in the answer and is never shown again.
     * - For the caller itself: needs `identity:self:write` on `users/&lt;own id&gt;`, a session and a Proof. An API key is not
     *   enough, and neither is the session of a one-time secret. The server mails the owner.
     * - For others: needs `identity:api_keys:write` on `users/&lt;owner id&gt;`. The caller must hold the scopes within
     *   `identity:` and `*`, for at least the lifetime of the key. Only a super admin makes keys of a super admin.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD, INVALID_SCOPE, REQUEST_ID_REUSED; PERMISSION_DENIED / PERMISSION_DENIED,
     * GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED, SESSION_REQUIRED, PROOF_REQUIRED; UNAUTHENTICATED / INVALID_CREDENTIALS
     * for a wrong proof; NOT_FOUND / NOT_FOUND; FAILED_PRECONDITION / LIMIT_REACHED beyond 100 working keys of an owner,
     * BUILT_IN for `anonymous`.
     * </pre>
     */
    default void issueApiKey(identity.v1.IssueApiKeyRequest request,
        io.grpc.stub.StreamObserver<identity.v1.IssueApiKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getIssueApiKeyMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service IdentityService.
   * <pre>
   * Answers two questions: who is this, and may they do this?
   * A caller authenticates with metadata: `authorization: Bearer &lt;access token, API key, or token of a workload&gt;` or
   * `x-api-key: &lt;key&gt;`. If both are given, only `authorization` counts. Without them, a client certificate counts whose
   * URI a service account lists (docs/workloads.md).
   * - Every error carries google.rpc.ErrorInfo with an ErrorReason.
   * - Every RPC respects the caller's deadline. Without a deadline it takes at most 5 seconds.
   * - A request has at most 64 KiB, a batch 1 MiB.
   * </pre>
   */
  public static abstract class IdentityServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return IdentityServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service IdentityService.
   * <pre>
   * Answers two questions: who is this, and may they do this?
   * A caller authenticates with metadata: `authorization: Bearer &lt;access token, API key, or token of a workload&gt;` or
   * `x-api-key: &lt;key&gt;`. If both are given, only `authorization` counts. Without them, a client certificate counts whose
   * URI a service account lists (docs/workloads.md).
   * - Every error carries google.rpc.ErrorInfo with an ErrorReason.
   * - Every RPC respects the caller's deadline. Without a deadline it takes at most 5 seconds.
   * - A request has at most 64 KiB, a batch 1 MiB.
   * </pre>
   */
  public static final class IdentityServiceStub
      extends io.grpc.stub.AbstractAsyncStub<IdentityServiceStub> {
    private IdentityServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IdentityServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IdentityServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Logs a person in, or exchanges an API key for an access token. Anyone may call it.
     * Every failed login is UNAUTHENTICATED / INVALID_CREDENTIALS, whatever its cause: unknown, wrong, locked, disabled.
     * Five wrong passwords lock the account for 30 seconds. Further wrong passwords double the time, up to 30 minutes.
     * If the account has a second factor, the right password returns an MfaChallenge. A second call with the challenge's
     * token and a code returns tokens. A challenge allows 5 minutes and 5 tries. Each code of the app works once. Ten
     * wrong codes in a row block the app's codes for a minute, doubling up to an hour. Recovery codes still work during
     * the block.
     * A call with `mfa`, without `challenge_token`, and with the access token of a session in the metadata steps up that
     * session. The answer has a new access token and no refresh token: the session's own refresh token stays valid.
     * An ID token logs in the account to which its issuer and subject are linked. If they are linked to none, the link
     * policy of the provider decides. A disabled or locked account cannot log in. The second factor of the account is
     * asked for, unless the provider is set to trust the one that the token shows. docs/providers.md has the whole story.
     * Errors:
     * - INVALID_ARGUMENT / INVALID_FIELD, INVALID_SCOPE.
     * - RESOURCE_EXHAUSTED / OVERLOADED, RATE_LIMITED (for a client address 5 failures a minute, and 3 accounts an hour
     *   that logins by ID token or Register create).
     * - UNAVAILABLE / PROVIDER_UNAVAILABLE if the provider of the ID token does not answer and its keys are not known
     *   yet.
     * - FAILED_PRECONDITION / EMAIL_NOT_VERIFIED if the server requires a verified address; only a caller with the right
     *   password or a good ID token gets it.
     * - FAILED_PRECONDITION / MFA_NOT_ENROLLED for a step-up.
     * - ABORTED / CONFLICT if the login lost against concurrent changes. Repeat it.
     * - UNKNOWN / COMMIT_IN_DOUBT. The login may have begun a session. A login by ID token may also have created an
     *   account, linked its identity, or changed roles.
     * </pre>
     */
    public void authenticate(identity.v1.AuthenticateRequest request,
        io.grpc.stub.StreamObserver<identity.v1.AuthenticateResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAuthenticateMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Spends a refresh token and returns the next one with a fresh access token. Anyone who holds the token may call it.
     * A token is spent once. If the client loses the reply, it may send the same token again within 10 seconds. It then
     * gets the same successor, unless the successor has been used. Any other use of a spent token ends the session.
     * Errors: UNAUTHENTICATED / REFRESH_TOKEN_INVALID, REFRESH_TOKEN_REUSED; INVALID_ARGUMENT / INVALID_SCOPE.
     * </pre>
     */
    public void refresh(identity.v1.RefreshRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RefreshResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRefreshMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Revokes a token, a session, an API key, or everything that a principal has.
     * - By secret: every holder of the secret may call it. An unknown, malformed or already revoked secret succeeds
     *   (RFC 7009).
     * - By id: the owner, or a caller with a permission on `users/&lt;owner id&gt;`. A session needs `identity:sessions:write`,
     *   a key `identity:api_keys:write`, a principal both. For an unknown id, the caller needs the permission everywhere.
     * It takes effect for every check that begins after the answer on the same server. On all servers, it takes effect
     * for every check that carries the consistency token. For other checks it takes effect within the documented bound.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; UNAUTHENTICATED / CALLER_UNKNOWN; PERMISSION_DENIED / PERMISSION_DENIED,
     * SUPER_ADMIN_REQUIRED; UNKNOWN / COMMIT_IN_DOUBT.
     * </pre>
     */
    public void revoke(identity.v1.RevokeRequest request,
        io.grpc.stub.StreamObserver<identity.v1.RevokeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Decides whether a subject has a permission on a resource.
     * The caller needs `identity:check`. With `self`, any authenticated caller may call it. A denial is an answer, not an
     * error. An error means "could not decide", never "allowed".
     * Errors:
     * - INVALID_ARGUMENT / INVALID_FIELD.
     * - FAILED_PRECONDITION / CONSISTENCY_TOKEN_UNKNOWN.
     * - DEADLINE_EXCEEDED if the facts that `consistency` requires do not arrive in time.
     * - UNAVAILABLE / STORAGE_UNAVAILABLE if these facts cannot arrive, or if the database has been unavailable for too
     *   long; PROVIDER_UNAVAILABLE if the server has no keys for the token of a workload.
     * </pre>
     */
    public void checkPermission(identity.v1.CheckPermissionRequest request,
        io.grpc.stub.StreamObserver<identity.v1.CheckPermissionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCheckPermissionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Decides up to 1,000 checks at one revision. The same callers as for CheckPermission may call it. A caller without
     * `identity:check` needs `self` in every element.
     * Errors: as for CheckPermission. A batch without checks, or with more than 1,000, is INVALID_ARGUMENT /
     * INVALID_FIELD, even for an unauthenticated caller. An invalid check is an error in its own result.
     * </pre>
     */
    public void batchCheckPermissions(identity.v1.BatchCheckPermissionsRequest request,
        io.grpc.stub.StreamObserver<identity.v1.BatchCheckPermissionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBatchCheckPermissionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes an API key. The secret is in the answer and is never shown again.
     * - For the caller itself: needs `identity:self:write` on `users/&lt;own id&gt;`, a session and a Proof. An API key is not
     *   enough, and neither is the session of a one-time secret. The server mails the owner.
     * - For others: needs `identity:api_keys:write` on `users/&lt;owner id&gt;`. The caller must hold the scopes within
     *   `identity:` and `*`, for at least the lifetime of the key. Only a super admin makes keys of a super admin.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD, INVALID_SCOPE, REQUEST_ID_REUSED; PERMISSION_DENIED / PERMISSION_DENIED,
     * GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED, SESSION_REQUIRED, PROOF_REQUIRED; UNAUTHENTICATED / INVALID_CREDENTIALS
     * for a wrong proof; NOT_FOUND / NOT_FOUND; FAILED_PRECONDITION / LIMIT_REACHED beyond 100 working keys of an owner,
     * BUILT_IN for `anonymous`.
     * </pre>
     */
    public void issueApiKey(identity.v1.IssueApiKeyRequest request,
        io.grpc.stub.StreamObserver<identity.v1.IssueApiKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getIssueApiKeyMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service IdentityService.
   * <pre>
   * Answers two questions: who is this, and may they do this?
   * A caller authenticates with metadata: `authorization: Bearer &lt;access token, API key, or token of a workload&gt;` or
   * `x-api-key: &lt;key&gt;`. If both are given, only `authorization` counts. Without them, a client certificate counts whose
   * URI a service account lists (docs/workloads.md).
   * - Every error carries google.rpc.ErrorInfo with an ErrorReason.
   * - Every RPC respects the caller's deadline. Without a deadline it takes at most 5 seconds.
   * - A request has at most 64 KiB, a batch 1 MiB.
   * </pre>
   */
  public static final class IdentityServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<IdentityServiceBlockingV2Stub> {
    private IdentityServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IdentityServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IdentityServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Logs a person in, or exchanges an API key for an access token. Anyone may call it.
     * Every failed login is UNAUTHENTICATED / INVALID_CREDENTIALS, whatever its cause: unknown, wrong, locked, disabled.
     * Five wrong passwords lock the account for 30 seconds. Further wrong passwords double the time, up to 30 minutes.
     * If the account has a second factor, the right password returns an MfaChallenge. A second call with the challenge's
     * token and a code returns tokens. A challenge allows 5 minutes and 5 tries. Each code of the app works once. Ten
     * wrong codes in a row block the app's codes for a minute, doubling up to an hour. Recovery codes still work during
     * the block.
     * A call with `mfa`, without `challenge_token`, and with the access token of a session in the metadata steps up that
     * session. The answer has a new access token and no refresh token: the session's own refresh token stays valid.
     * An ID token logs in the account to which its issuer and subject are linked. If they are linked to none, the link
     * policy of the provider decides. A disabled or locked account cannot log in. The second factor of the account is
     * asked for, unless the provider is set to trust the one that the token shows. docs/providers.md has the whole story.
     * Errors:
     * - INVALID_ARGUMENT / INVALID_FIELD, INVALID_SCOPE.
     * - RESOURCE_EXHAUSTED / OVERLOADED, RATE_LIMITED (for a client address 5 failures a minute, and 3 accounts an hour
     *   that logins by ID token or Register create).
     * - UNAVAILABLE / PROVIDER_UNAVAILABLE if the provider of the ID token does not answer and its keys are not known
     *   yet.
     * - FAILED_PRECONDITION / EMAIL_NOT_VERIFIED if the server requires a verified address; only a caller with the right
     *   password or a good ID token gets it.
     * - FAILED_PRECONDITION / MFA_NOT_ENROLLED for a step-up.
     * - ABORTED / CONFLICT if the login lost against concurrent changes. Repeat it.
     * - UNKNOWN / COMMIT_IN_DOUBT. The login may have begun a session. A login by ID token may also have created an
     *   account, linked its identity, or changed roles.
     * </pre>
     */
    public identity.v1.AuthenticateResponse authenticate(identity.v1.AuthenticateRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAuthenticateMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Spends a refresh token and returns the next one with a fresh access token. Anyone who holds the token may call it.
     * A token is spent once. If the client loses the reply, it may send the same token again within 10 seconds. It then
     * gets the same successor, unless the successor has been used. Any other use of a spent token ends the session.
     * Errors: UNAUTHENTICATED / REFRESH_TOKEN_INVALID, REFRESH_TOKEN_REUSED; INVALID_ARGUMENT / INVALID_SCOPE.
     * </pre>
     */
    public identity.v1.RefreshResponse refresh(identity.v1.RefreshRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRefreshMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes a token, a session, an API key, or everything that a principal has.
     * - By secret: every holder of the secret may call it. An unknown, malformed or already revoked secret succeeds
     *   (RFC 7009).
     * - By id: the owner, or a caller with a permission on `users/&lt;owner id&gt;`. A session needs `identity:sessions:write`,
     *   a key `identity:api_keys:write`, a principal both. For an unknown id, the caller needs the permission everywhere.
     * It takes effect for every check that begins after the answer on the same server. On all servers, it takes effect
     * for every check that carries the consistency token. For other checks it takes effect within the documented bound.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; UNAUTHENTICATED / CALLER_UNKNOWN; PERMISSION_DENIED / PERMISSION_DENIED,
     * SUPER_ADMIN_REQUIRED; UNKNOWN / COMMIT_IN_DOUBT.
     * </pre>
     */
    public identity.v1.RevokeResponse revoke(identity.v1.RevokeRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Decides whether a subject has a permission on a resource.
     * The caller needs `identity:check`. With `self`, any authenticated caller may call it. A denial is an answer, not an
     * error. An error means "could not decide", never "allowed".
     * Errors:
     * - INVALID_ARGUMENT / INVALID_FIELD.
     * - FAILED_PRECONDITION / CONSISTENCY_TOKEN_UNKNOWN.
     * - DEADLINE_EXCEEDED if the facts that `consistency` requires do not arrive in time.
     * - UNAVAILABLE / STORAGE_UNAVAILABLE if these facts cannot arrive, or if the database has been unavailable for too
     *   long; PROVIDER_UNAVAILABLE if the server has no keys for the token of a workload.
     * </pre>
     */
    public identity.v1.CheckPermissionResponse checkPermission(identity.v1.CheckPermissionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCheckPermissionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Decides up to 1,000 checks at one revision. The same callers as for CheckPermission may call it. A caller without
     * `identity:check` needs `self` in every element.
     * Errors: as for CheckPermission. A batch without checks, or with more than 1,000, is INVALID_ARGUMENT /
     * INVALID_FIELD, even for an unauthenticated caller. An invalid check is an error in its own result.
     * </pre>
     */
    public identity.v1.BatchCheckPermissionsResponse batchCheckPermissions(identity.v1.BatchCheckPermissionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBatchCheckPermissionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes an API key. The secret is in the answer and is never shown again.
     * - For the caller itself: needs `identity:self:write` on `users/&lt;own id&gt;`, a session and a Proof. An API key is not
     *   enough, and neither is the session of a one-time secret. The server mails the owner.
     * - For others: needs `identity:api_keys:write` on `users/&lt;owner id&gt;`. The caller must hold the scopes within
     *   `identity:` and `*`, for at least the lifetime of the key. Only a super admin makes keys of a super admin.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD, INVALID_SCOPE, REQUEST_ID_REUSED; PERMISSION_DENIED / PERMISSION_DENIED,
     * GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED, SESSION_REQUIRED, PROOF_REQUIRED; UNAUTHENTICATED / INVALID_CREDENTIALS
     * for a wrong proof; NOT_FOUND / NOT_FOUND; FAILED_PRECONDITION / LIMIT_REACHED beyond 100 working keys of an owner,
     * BUILT_IN for `anonymous`.
     * </pre>
     */
    public identity.v1.IssueApiKeyResponse issueApiKey(identity.v1.IssueApiKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getIssueApiKeyMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service IdentityService.
   * <pre>
   * Answers two questions: who is this, and may they do this?
   * A caller authenticates with metadata: `authorization: Bearer &lt;access token, API key, or token of a workload&gt;` or
   * `x-api-key: &lt;key&gt;`. If both are given, only `authorization` counts. Without them, a client certificate counts whose
   * URI a service account lists (docs/workloads.md).
   * - Every error carries google.rpc.ErrorInfo with an ErrorReason.
   * - Every RPC respects the caller's deadline. Without a deadline it takes at most 5 seconds.
   * - A request has at most 64 KiB, a batch 1 MiB.
   * </pre>
   */
  public static final class IdentityServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<IdentityServiceBlockingStub> {
    private IdentityServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IdentityServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IdentityServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Logs a person in, or exchanges an API key for an access token. Anyone may call it.
     * Every failed login is UNAUTHENTICATED / INVALID_CREDENTIALS, whatever its cause: unknown, wrong, locked, disabled.
     * Five wrong passwords lock the account for 30 seconds. Further wrong passwords double the time, up to 30 minutes.
     * If the account has a second factor, the right password returns an MfaChallenge. A second call with the challenge's
     * token and a code returns tokens. A challenge allows 5 minutes and 5 tries. Each code of the app works once. Ten
     * wrong codes in a row block the app's codes for a minute, doubling up to an hour. Recovery codes still work during
     * the block.
     * A call with `mfa`, without `challenge_token`, and with the access token of a session in the metadata steps up that
     * session. The answer has a new access token and no refresh token: the session's own refresh token stays valid.
     * An ID token logs in the account to which its issuer and subject are linked. If they are linked to none, the link
     * policy of the provider decides. A disabled or locked account cannot log in. The second factor of the account is
     * asked for, unless the provider is set to trust the one that the token shows. docs/providers.md has the whole story.
     * Errors:
     * - INVALID_ARGUMENT / INVALID_FIELD, INVALID_SCOPE.
     * - RESOURCE_EXHAUSTED / OVERLOADED, RATE_LIMITED (for a client address 5 failures a minute, and 3 accounts an hour
     *   that logins by ID token or Register create).
     * - UNAVAILABLE / PROVIDER_UNAVAILABLE if the provider of the ID token does not answer and its keys are not known
     *   yet.
     * - FAILED_PRECONDITION / EMAIL_NOT_VERIFIED if the server requires a verified address; only a caller with the right
     *   password or a good ID token gets it.
     * - FAILED_PRECONDITION / MFA_NOT_ENROLLED for a step-up.
     * - ABORTED / CONFLICT if the login lost against concurrent changes. Repeat it.
     * - UNKNOWN / COMMIT_IN_DOUBT. The login may have begun a session. A login by ID token may also have created an
     *   account, linked its identity, or changed roles.
     * </pre>
     */
    public identity.v1.AuthenticateResponse authenticate(identity.v1.AuthenticateRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAuthenticateMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Spends a refresh token and returns the next one with a fresh access token. Anyone who holds the token may call it.
     * A token is spent once. If the client loses the reply, it may send the same token again within 10 seconds. It then
     * gets the same successor, unless the successor has been used. Any other use of a spent token ends the session.
     * Errors: UNAUTHENTICATED / REFRESH_TOKEN_INVALID, REFRESH_TOKEN_REUSED; INVALID_ARGUMENT / INVALID_SCOPE.
     * </pre>
     */
    public identity.v1.RefreshResponse refresh(identity.v1.RefreshRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRefreshMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes a token, a session, an API key, or everything that a principal has.
     * - By secret: every holder of the secret may call it. An unknown, malformed or already revoked secret succeeds
     *   (RFC 7009).
     * - By id: the owner, or a caller with a permission on `users/&lt;owner id&gt;`. A session needs `identity:sessions:write`,
     *   a key `identity:api_keys:write`, a principal both. For an unknown id, the caller needs the permission everywhere.
     * It takes effect for every check that begins after the answer on the same server. On all servers, it takes effect
     * for every check that carries the consistency token. For other checks it takes effect within the documented bound.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; UNAUTHENTICATED / CALLER_UNKNOWN; PERMISSION_DENIED / PERMISSION_DENIED,
     * SUPER_ADMIN_REQUIRED; UNKNOWN / COMMIT_IN_DOUBT.
     * </pre>
     */
    public identity.v1.RevokeResponse revoke(identity.v1.RevokeRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Decides whether a subject has a permission on a resource.
     * The caller needs `identity:check`. With `self`, any authenticated caller may call it. A denial is an answer, not an
     * error. An error means "could not decide", never "allowed".
     * Errors:
     * - INVALID_ARGUMENT / INVALID_FIELD.
     * - FAILED_PRECONDITION / CONSISTENCY_TOKEN_UNKNOWN.
     * - DEADLINE_EXCEEDED if the facts that `consistency` requires do not arrive in time.
     * - UNAVAILABLE / STORAGE_UNAVAILABLE if these facts cannot arrive, or if the database has been unavailable for too
     *   long; PROVIDER_UNAVAILABLE if the server has no keys for the token of a workload.
     * </pre>
     */
    public identity.v1.CheckPermissionResponse checkPermission(identity.v1.CheckPermissionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCheckPermissionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Decides up to 1,000 checks at one revision. The same callers as for CheckPermission may call it. A caller without
     * `identity:check` needs `self` in every element.
     * Errors: as for CheckPermission. A batch without checks, or with more than 1,000, is INVALID_ARGUMENT /
     * INVALID_FIELD, even for an unauthenticated caller. An invalid check is an error in its own result.
     * </pre>
     */
    public identity.v1.BatchCheckPermissionsResponse batchCheckPermissions(identity.v1.BatchCheckPermissionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBatchCheckPermissionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes an API key. The secret is in the answer and is never shown again.
     * - For the caller itself: needs `identity:self:write` on `users/&lt;own id&gt;`, a session and a Proof. An API key is not
     *   enough, and neither is the session of a one-time secret. The server mails the owner.
     * - For others: needs `identity:api_keys:write` on `users/&lt;owner id&gt;`. The caller must hold the scopes within
     *   `identity:` and `*`, for at least the lifetime of the key. Only a super admin makes keys of a super admin.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD, INVALID_SCOPE, REQUEST_ID_REUSED; PERMISSION_DENIED / PERMISSION_DENIED,
     * GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED, SESSION_REQUIRED, PROOF_REQUIRED; UNAUTHENTICATED / INVALID_CREDENTIALS
     * for a wrong proof; NOT_FOUND / NOT_FOUND; FAILED_PRECONDITION / LIMIT_REACHED beyond 100 working keys of an owner,
     * BUILT_IN for `anonymous`.
     * </pre>
     */
    public identity.v1.IssueApiKeyResponse issueApiKey(identity.v1.IssueApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getIssueApiKeyMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service IdentityService.
   * <pre>
   * Answers two questions: who is this, and may they do this?
   * A caller authenticates with metadata: `authorization: Bearer &lt;access token, API key, or token of a workload&gt;` or
   * `x-api-key: &lt;key&gt;`. If both are given, only `authorization` counts. Without them, a client certificate counts whose
   * URI a service account lists (docs/workloads.md).
   * - Every error carries google.rpc.ErrorInfo with an ErrorReason.
   * - Every RPC respects the caller's deadline. Without a deadline it takes at most 5 seconds.
   * - A request has at most 64 KiB, a batch 1 MiB.
   * </pre>
   */
  public static final class IdentityServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<IdentityServiceFutureStub> {
    private IdentityServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected IdentityServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new IdentityServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Logs a person in, or exchanges an API key for an access token. Anyone may call it.
     * Every failed login is UNAUTHENTICATED / INVALID_CREDENTIALS, whatever its cause: unknown, wrong, locked, disabled.
     * Five wrong passwords lock the account for 30 seconds. Further wrong passwords double the time, up to 30 minutes.
     * If the account has a second factor, the right password returns an MfaChallenge. A second call with the challenge's
     * token and a code returns tokens. A challenge allows 5 minutes and 5 tries. Each code of the app works once. Ten
     * wrong codes in a row block the app's codes for a minute, doubling up to an hour. Recovery codes still work during
     * the block.
     * A call with `mfa`, without `challenge_token`, and with the access token of a session in the metadata steps up that
     * session. The answer has a new access token and no refresh token: the session's own refresh token stays valid.
     * An ID token logs in the account to which its issuer and subject are linked. If they are linked to none, the link
     * policy of the provider decides. A disabled or locked account cannot log in. The second factor of the account is
     * asked for, unless the provider is set to trust the one that the token shows. docs/providers.md has the whole story.
     * Errors:
     * - INVALID_ARGUMENT / INVALID_FIELD, INVALID_SCOPE.
     * - RESOURCE_EXHAUSTED / OVERLOADED, RATE_LIMITED (for a client address 5 failures a minute, and 3 accounts an hour
     *   that logins by ID token or Register create).
     * - UNAVAILABLE / PROVIDER_UNAVAILABLE if the provider of the ID token does not answer and its keys are not known
     *   yet.
     * - FAILED_PRECONDITION / EMAIL_NOT_VERIFIED if the server requires a verified address; only a caller with the right
     *   password or a good ID token gets it.
     * - FAILED_PRECONDITION / MFA_NOT_ENROLLED for a step-up.
     * - ABORTED / CONFLICT if the login lost against concurrent changes. Repeat it.
     * - UNKNOWN / COMMIT_IN_DOUBT. The login may have begun a session. A login by ID token may also have created an
     *   account, linked its identity, or changed roles.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.AuthenticateResponse> authenticate(
        identity.v1.AuthenticateRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAuthenticateMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Spends a refresh token and returns the next one with a fresh access token. Anyone who holds the token may call it.
     * A token is spent once. If the client loses the reply, it may send the same token again within 10 seconds. It then
     * gets the same successor, unless the successor has been used. Any other use of a spent token ends the session.
     * Errors: UNAUTHENTICATED / REFRESH_TOKEN_INVALID, REFRESH_TOKEN_REUSED; INVALID_ARGUMENT / INVALID_SCOPE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.RefreshResponse> refresh(
        identity.v1.RefreshRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRefreshMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Revokes a token, a session, an API key, or everything that a principal has.
     * - By secret: every holder of the secret may call it. An unknown, malformed or already revoked secret succeeds
     *   (RFC 7009).
     * - By id: the owner, or a caller with a permission on `users/&lt;owner id&gt;`. A session needs `identity:sessions:write`,
     *   a key `identity:api_keys:write`, a principal both. For an unknown id, the caller needs the permission everywhere.
     * It takes effect for every check that begins after the answer on the same server. On all servers, it takes effect
     * for every check that carries the consistency token. For other checks it takes effect within the documented bound.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD; UNAUTHENTICATED / CALLER_UNKNOWN; PERMISSION_DENIED / PERMISSION_DENIED,
     * SUPER_ADMIN_REQUIRED; UNKNOWN / COMMIT_IN_DOUBT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.RevokeResponse> revoke(
        identity.v1.RevokeRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Decides whether a subject has a permission on a resource.
     * The caller needs `identity:check`. With `self`, any authenticated caller may call it. A denial is an answer, not an
     * error. An error means "could not decide", never "allowed".
     * Errors:
     * - INVALID_ARGUMENT / INVALID_FIELD.
     * - FAILED_PRECONDITION / CONSISTENCY_TOKEN_UNKNOWN.
     * - DEADLINE_EXCEEDED if the facts that `consistency` requires do not arrive in time.
     * - UNAVAILABLE / STORAGE_UNAVAILABLE if these facts cannot arrive, or if the database has been unavailable for too
     *   long; PROVIDER_UNAVAILABLE if the server has no keys for the token of a workload.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.CheckPermissionResponse> checkPermission(
        identity.v1.CheckPermissionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCheckPermissionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Decides up to 1,000 checks at one revision. The same callers as for CheckPermission may call it. A caller without
     * `identity:check` needs `self` in every element.
     * Errors: as for CheckPermission. A batch without checks, or with more than 1,000, is INVALID_ARGUMENT /
     * INVALID_FIELD, even for an unauthenticated caller. An invalid check is an error in its own result.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.BatchCheckPermissionsResponse> batchCheckPermissions(
        identity.v1.BatchCheckPermissionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBatchCheckPermissionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes an API key. The secret is in the answer and is never shown again.
     * - For the caller itself: needs `identity:self:write` on `users/&lt;own id&gt;`, a session and a Proof. An API key is not
     *   enough, and neither is the session of a one-time secret. The server mails the owner.
     * - For others: needs `identity:api_keys:write` on `users/&lt;owner id&gt;`. The caller must hold the scopes within
     *   `identity:` and `*`, for at least the lifetime of the key. Only a super admin makes keys of a super admin.
     * Errors: INVALID_ARGUMENT / INVALID_FIELD, INVALID_SCOPE, REQUEST_ID_REUSED; PERMISSION_DENIED / PERMISSION_DENIED,
     * GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED, SESSION_REQUIRED, PROOF_REQUIRED; UNAUTHENTICATED / INVALID_CREDENTIALS
     * for a wrong proof; NOT_FOUND / NOT_FOUND; FAILED_PRECONDITION / LIMIT_REACHED beyond 100 working keys of an owner,
     * BUILT_IN for `anonymous`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<identity.v1.IssueApiKeyResponse> issueApiKey(
        identity.v1.IssueApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getIssueApiKeyMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_AUTHENTICATE = 0;
  private static final int METHODID_REFRESH = 1;
  private static final int METHODID_REVOKE = 2;
  private static final int METHODID_CHECK_PERMISSION = 3;
  private static final int METHODID_BATCH_CHECK_PERMISSIONS = 4;
  private static final int METHODID_ISSUE_API_KEY = 5;

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
        case METHODID_AUTHENTICATE:
          serviceImpl.authenticate((identity.v1.AuthenticateRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.AuthenticateResponse>) responseObserver);
          break;
        case METHODID_REFRESH:
          serviceImpl.refresh((identity.v1.RefreshRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.RefreshResponse>) responseObserver);
          break;
        case METHODID_REVOKE:
          serviceImpl.revoke((identity.v1.RevokeRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.RevokeResponse>) responseObserver);
          break;
        case METHODID_CHECK_PERMISSION:
          serviceImpl.checkPermission((identity.v1.CheckPermissionRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.CheckPermissionResponse>) responseObserver);
          break;
        case METHODID_BATCH_CHECK_PERMISSIONS:
          serviceImpl.batchCheckPermissions((identity.v1.BatchCheckPermissionsRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.BatchCheckPermissionsResponse>) responseObserver);
          break;
        case METHODID_ISSUE_API_KEY:
          serviceImpl.issueApiKey((identity.v1.IssueApiKeyRequest) request,
              (io.grpc.stub.StreamObserver<identity.v1.IssueApiKeyResponse>) responseObserver);
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
          getAuthenticateMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.AuthenticateRequest,
              identity.v1.AuthenticateResponse>(
                service, METHODID_AUTHENTICATE)))
        .addMethod(
          getRefreshMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.RefreshRequest,
              identity.v1.RefreshResponse>(
                service, METHODID_REFRESH)))
        .addMethod(
          getRevokeMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.RevokeRequest,
              identity.v1.RevokeResponse>(
                service, METHODID_REVOKE)))
        .addMethod(
          getCheckPermissionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.CheckPermissionRequest,
              identity.v1.CheckPermissionResponse>(
                service, METHODID_CHECK_PERMISSION)))
        .addMethod(
          getBatchCheckPermissionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.BatchCheckPermissionsRequest,
              identity.v1.BatchCheckPermissionsResponse>(
                service, METHODID_BATCH_CHECK_PERMISSIONS)))
        .addMethod(
          getIssueApiKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              identity.v1.IssueApiKeyRequest,
              identity.v1.IssueApiKeyResponse>(
                service, METHODID_ISSUE_API_KEY)))
        .build();
  }

  private static abstract class IdentityServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    IdentityServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return identity.v1.IdentityServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("IdentityService");
    }
  }

  private static final class IdentityServiceFileDescriptorSupplier
      extends IdentityServiceBaseDescriptorSupplier {
    IdentityServiceFileDescriptorSupplier() {}
  }

  private static final class IdentityServiceMethodDescriptorSupplier
      extends IdentityServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    IdentityServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (IdentityServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new IdentityServiceFileDescriptorSupplier())
              .addMethod(getAuthenticateMethod())
              .addMethod(getRefreshMethod())
              .addMethod(getRevokeMethod())
              .addMethod(getCheckPermissionMethod())
              .addMethod(getBatchCheckPermissionsMethod())
              .addMethod(getIssueApiKeyMethod())
              .build();
        }
      }
    }
    return result;
  }
}
