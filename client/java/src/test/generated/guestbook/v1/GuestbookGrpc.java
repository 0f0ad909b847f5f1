package guestbook.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * What the drivers guard.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class GuestbookGrpc {

  private GuestbookGrpc() {}

  public static final java.lang.String SERVICE_NAME = "guestbook.v1.Guestbook";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<guestbook.v1.PostRequest,
      guestbook.v1.Seen> getReadMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Read",
      requestType = guestbook.v1.PostRequest.class,
      responseType = guestbook.v1.Seen.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<guestbook.v1.PostRequest,
      guestbook.v1.Seen> getReadMethod() {
    io.grpc.MethodDescriptor<guestbook.v1.PostRequest, guestbook.v1.Seen> getReadMethod;
    if ((getReadMethod = GuestbookGrpc.getReadMethod) == null) {
      synchronized (GuestbookGrpc.class) {
        if ((getReadMethod = GuestbookGrpc.getReadMethod) == null) {
          GuestbookGrpc.getReadMethod = getReadMethod =
              io.grpc.MethodDescriptor.<guestbook.v1.PostRequest, guestbook.v1.Seen>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Read"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  guestbook.v1.PostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  guestbook.v1.Seen.getDefaultInstance()))
              .setSchemaDescriptor(new GuestbookMethodDescriptorSupplier("Read"))
              .build();
        }
      }
    }
    return getReadMethod;
  }

  private static volatile io.grpc.MethodDescriptor<guestbook.v1.PostRequest,
      guestbook.v1.Seen> getUpdateMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Update",
      requestType = guestbook.v1.PostRequest.class,
      responseType = guestbook.v1.Seen.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<guestbook.v1.PostRequest,
      guestbook.v1.Seen> getUpdateMethod() {
    io.grpc.MethodDescriptor<guestbook.v1.PostRequest, guestbook.v1.Seen> getUpdateMethod;
    if ((getUpdateMethod = GuestbookGrpc.getUpdateMethod) == null) {
      synchronized (GuestbookGrpc.class) {
        if ((getUpdateMethod = GuestbookGrpc.getUpdateMethod) == null) {
          GuestbookGrpc.getUpdateMethod = getUpdateMethod =
              io.grpc.MethodDescriptor.<guestbook.v1.PostRequest, guestbook.v1.Seen>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Update"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  guestbook.v1.PostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  guestbook.v1.Seen.getDefaultInstance()))
              .setSchemaDescriptor(new GuestbookMethodDescriptorSupplier("Update"))
              .build();
        }
      }
    }
    return getUpdateMethod;
  }

  private static volatile io.grpc.MethodDescriptor<guestbook.v1.CountRequest,
      guestbook.v1.Seen> getCountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Count",
      requestType = guestbook.v1.CountRequest.class,
      responseType = guestbook.v1.Seen.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<guestbook.v1.CountRequest,
      guestbook.v1.Seen> getCountMethod() {
    io.grpc.MethodDescriptor<guestbook.v1.CountRequest, guestbook.v1.Seen> getCountMethod;
    if ((getCountMethod = GuestbookGrpc.getCountMethod) == null) {
      synchronized (GuestbookGrpc.class) {
        if ((getCountMethod = GuestbookGrpc.getCountMethod) == null) {
          GuestbookGrpc.getCountMethod = getCountMethod =
              io.grpc.MethodDescriptor.<guestbook.v1.CountRequest, guestbook.v1.Seen>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Count"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  guestbook.v1.CountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  guestbook.v1.Seen.getDefaultInstance()))
              .setSchemaDescriptor(new GuestbookMethodDescriptorSupplier("Count"))
              .build();
        }
      }
    }
    return getCountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<guestbook.v1.PostRequest,
      guestbook.v1.Seen> getPingMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Ping",
      requestType = guestbook.v1.PostRequest.class,
      responseType = guestbook.v1.Seen.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<guestbook.v1.PostRequest,
      guestbook.v1.Seen> getPingMethod() {
    io.grpc.MethodDescriptor<guestbook.v1.PostRequest, guestbook.v1.Seen> getPingMethod;
    if ((getPingMethod = GuestbookGrpc.getPingMethod) == null) {
      synchronized (GuestbookGrpc.class) {
        if ((getPingMethod = GuestbookGrpc.getPingMethod) == null) {
          GuestbookGrpc.getPingMethod = getPingMethod =
              io.grpc.MethodDescriptor.<guestbook.v1.PostRequest, guestbook.v1.Seen>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Ping"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  guestbook.v1.PostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  guestbook.v1.Seen.getDefaultInstance()))
              .setSchemaDescriptor(new GuestbookMethodDescriptorSupplier("Ping"))
              .build();
        }
      }
    }
    return getPingMethod;
  }

  private static volatile io.grpc.MethodDescriptor<guestbook.v1.PostRequest,
      guestbook.v1.Seen> getForgottenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "Forgotten",
      requestType = guestbook.v1.PostRequest.class,
      responseType = guestbook.v1.Seen.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<guestbook.v1.PostRequest,
      guestbook.v1.Seen> getForgottenMethod() {
    io.grpc.MethodDescriptor<guestbook.v1.PostRequest, guestbook.v1.Seen> getForgottenMethod;
    if ((getForgottenMethod = GuestbookGrpc.getForgottenMethod) == null) {
      synchronized (GuestbookGrpc.class) {
        if ((getForgottenMethod = GuestbookGrpc.getForgottenMethod) == null) {
          GuestbookGrpc.getForgottenMethod = getForgottenMethod =
              io.grpc.MethodDescriptor.<guestbook.v1.PostRequest, guestbook.v1.Seen>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "Forgotten"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  guestbook.v1.PostRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  guestbook.v1.Seen.getDefaultInstance()))
              .setSchemaDescriptor(new GuestbookMethodDescriptorSupplier("Forgotten"))
              .build();
        }
      }
    }
    return getForgottenMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static GuestbookStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GuestbookStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GuestbookStub>() {
        @java.lang.Override
        public GuestbookStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GuestbookStub(channel, callOptions);
        }
      };
    return GuestbookStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static GuestbookBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GuestbookBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GuestbookBlockingV2Stub>() {
        @java.lang.Override
        public GuestbookBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GuestbookBlockingV2Stub(channel, callOptions);
        }
      };
    return GuestbookBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static GuestbookBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GuestbookBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GuestbookBlockingStub>() {
        @java.lang.Override
        public GuestbookBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GuestbookBlockingStub(channel, callOptions);
        }
      };
    return GuestbookBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static GuestbookFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GuestbookFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GuestbookFutureStub>() {
        @java.lang.Override
        public GuestbookFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GuestbookFutureStub(channel, callOptions);
        }
      };
    return GuestbookFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * What the drivers guard.
   * </pre>
   */
  public interface AsyncService {

    /**
     */
    default void read(guestbook.v1.PostRequest request,
        io.grpc.stub.StreamObserver<guestbook.v1.Seen> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReadMethod(), responseObserver);
    }

    /**
     */
    default void update(guestbook.v1.PostRequest request,
        io.grpc.stub.StreamObserver<guestbook.v1.Seen> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateMethod(), responseObserver);
    }

    /**
     */
    default void count(guestbook.v1.CountRequest request,
        io.grpc.stub.StreamObserver<guestbook.v1.Seen> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCountMethod(), responseObserver);
    }

    /**
     */
    default void ping(guestbook.v1.PostRequest request,
        io.grpc.stub.StreamObserver<guestbook.v1.Seen> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPingMethod(), responseObserver);
    }

    /**
     */
    default void forgotten(guestbook.v1.PostRequest request,
        io.grpc.stub.StreamObserver<guestbook.v1.Seen> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getForgottenMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service Guestbook.
   * <pre>
   * What the drivers guard.
   * </pre>
   */
  public static abstract class GuestbookImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return GuestbookGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service Guestbook.
   * <pre>
   * What the drivers guard.
   * </pre>
   */
  public static final class GuestbookStub
      extends io.grpc.stub.AbstractAsyncStub<GuestbookStub> {
    private GuestbookStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GuestbookStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GuestbookStub(channel, callOptions);
    }

    /**
     */
    public void read(guestbook.v1.PostRequest request,
        io.grpc.stub.StreamObserver<guestbook.v1.Seen> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReadMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     */
    public void update(guestbook.v1.PostRequest request,
        io.grpc.stub.StreamObserver<guestbook.v1.Seen> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     */
    public void count(guestbook.v1.CountRequest request,
        io.grpc.stub.StreamObserver<guestbook.v1.Seen> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     */
    public void ping(guestbook.v1.PostRequest request,
        io.grpc.stub.StreamObserver<guestbook.v1.Seen> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPingMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     */
    public void forgotten(guestbook.v1.PostRequest request,
        io.grpc.stub.StreamObserver<guestbook.v1.Seen> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getForgottenMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service Guestbook.
   * <pre>
   * What the drivers guard.
   * </pre>
   */
  public static final class GuestbookBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<GuestbookBlockingV2Stub> {
    private GuestbookBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GuestbookBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GuestbookBlockingV2Stub(channel, callOptions);
    }

    /**
     */
    public guestbook.v1.Seen read(guestbook.v1.PostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReadMethod(), getCallOptions(), request);
    }

    /**
     */
    public guestbook.v1.Seen update(guestbook.v1.PostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateMethod(), getCallOptions(), request);
    }

    /**
     */
    public guestbook.v1.Seen count(guestbook.v1.CountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCountMethod(), getCallOptions(), request);
    }

    /**
     */
    public guestbook.v1.Seen ping(guestbook.v1.PostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPingMethod(), getCallOptions(), request);
    }

    /**
     */
    public guestbook.v1.Seen forgotten(guestbook.v1.PostRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getForgottenMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service Guestbook.
   * <pre>
   * What the drivers guard.
   * </pre>
   */
  public static final class GuestbookBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<GuestbookBlockingStub> {
    private GuestbookBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GuestbookBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GuestbookBlockingStub(channel, callOptions);
    }

    /**
     */
    public guestbook.v1.Seen read(guestbook.v1.PostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReadMethod(), getCallOptions(), request);
    }

    /**
     */
    public guestbook.v1.Seen update(guestbook.v1.PostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateMethod(), getCallOptions(), request);
    }

    /**
     */
    public guestbook.v1.Seen count(guestbook.v1.CountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCountMethod(), getCallOptions(), request);
    }

    /**
     */
    public guestbook.v1.Seen ping(guestbook.v1.PostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPingMethod(), getCallOptions(), request);
    }

    /**
     */
    public guestbook.v1.Seen forgotten(guestbook.v1.PostRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getForgottenMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service Guestbook.
   * <pre>
   * What the drivers guard.
   * </pre>
   */
  public static final class GuestbookFutureStub
      extends io.grpc.stub.AbstractFutureStub<GuestbookFutureStub> {
    private GuestbookFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GuestbookFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GuestbookFutureStub(channel, callOptions);
    }

    /**
     */
    public com.google.common.util.concurrent.ListenableFuture<guestbook.v1.Seen> read(
        guestbook.v1.PostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReadMethod(), getCallOptions()), request);
    }

    /**
     */
    public com.google.common.util.concurrent.ListenableFuture<guestbook.v1.Seen> update(
        guestbook.v1.PostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateMethod(), getCallOptions()), request);
    }

    /**
     */
    public com.google.common.util.concurrent.ListenableFuture<guestbook.v1.Seen> count(
        guestbook.v1.CountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCountMethod(), getCallOptions()), request);
    }

    /**
     */
    public com.google.common.util.concurrent.ListenableFuture<guestbook.v1.Seen> ping(
        guestbook.v1.PostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPingMethod(), getCallOptions()), request);
    }

    /**
     */
    public com.google.common.util.concurrent.ListenableFuture<guestbook.v1.Seen> forgotten(
        guestbook.v1.PostRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getForgottenMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_READ = 0;
  private static final int METHODID_UPDATE = 1;
  private static final int METHODID_COUNT = 2;
  private static final int METHODID_PING = 3;
  private static final int METHODID_FORGOTTEN = 4;

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
        case METHODID_READ:
          serviceImpl.read((guestbook.v1.PostRequest) request,
              (io.grpc.stub.StreamObserver<guestbook.v1.Seen>) responseObserver);
          break;
        case METHODID_UPDATE:
          serviceImpl.update((guestbook.v1.PostRequest) request,
              (io.grpc.stub.StreamObserver<guestbook.v1.Seen>) responseObserver);
          break;
        case METHODID_COUNT:
          serviceImpl.count((guestbook.v1.CountRequest) request,
              (io.grpc.stub.StreamObserver<guestbook.v1.Seen>) responseObserver);
          break;
        case METHODID_PING:
          serviceImpl.ping((guestbook.v1.PostRequest) request,
              (io.grpc.stub.StreamObserver<guestbook.v1.Seen>) responseObserver);
          break;
        case METHODID_FORGOTTEN:
          serviceImpl.forgotten((guestbook.v1.PostRequest) request,
              (io.grpc.stub.StreamObserver<guestbook.v1.Seen>) responseObserver);
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
          getReadMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              guestbook.v1.PostRequest,
              guestbook.v1.Seen>(
                service, METHODID_READ)))
        .addMethod(
          getUpdateMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              guestbook.v1.PostRequest,
              guestbook.v1.Seen>(
                service, METHODID_UPDATE)))
        .addMethod(
          getCountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              guestbook.v1.CountRequest,
              guestbook.v1.Seen>(
                service, METHODID_COUNT)))
        .addMethod(
          getPingMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              guestbook.v1.PostRequest,
              guestbook.v1.Seen>(
                service, METHODID_PING)))
        .addMethod(
          getForgottenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              guestbook.v1.PostRequest,
              guestbook.v1.Seen>(
                service, METHODID_FORGOTTEN)))
        .build();
  }

  private static abstract class GuestbookBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    GuestbookBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return guestbook.v1.GuestbookProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("Guestbook");
    }
  }

  private static final class GuestbookFileDescriptorSupplier
      extends GuestbookBaseDescriptorSupplier {
    GuestbookFileDescriptorSupplier() {}
  }

  private static final class GuestbookMethodDescriptorSupplier
      extends GuestbookBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    GuestbookMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (GuestbookGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new GuestbookFileDescriptorSupplier())
              .addMethod(getReadMethod())
              .addMethod(getUpdateMethod())
              .addMethod(getCountMethod())
              .addMethod(getPingMethod())
              .addMethod(getForgottenMethod())
              .build();
        }
      }
    }
    return result;
  }
}
