package identity.client;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Guards the methods of a gRPC server. It refuses a method that has no rule. Thread-safe.
 *
 * <p>It waits for the decision in the thread of the call, so the server needs an executor for its handlers, as by
 * default; not {@code directExecutor()}.
 */
public final class GrpcGuard implements ServerInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> API_KEY = Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<Decision> DECISION = Context.key("identity.client.Decision");

  private final Guard guard;
  private final Map<String, Optional<Rule>> rules;  // by the full name of the method; empty: public

  private GrpcGuard(Builder builder) {
    guard = new Guard(builder.client);
    rules = Map.copyOf(builder.rules);
  }

  /** Begins the rules of a guard. {@code client} asks with its own credential, which needs {@code identity:check}. */
  public static Builder with(IdentityClient client) {
    return new Builder(client);
  }

  /** In a handler: the decision about the call that it serves. Empty in a public method. */
  public static Optional<Decision> decision() {
    return Optional.ofNullable(DECISION.get());
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Optional<Rule> rule = rules.get(call.getMethodDescriptor().getFullMethodName());
    try {
      if (rule == null) throw Refusal.withoutRule();
      if (rule.isEmpty()) return next.startCall(call, headers);
      Credential credential = Credential.from(headers.getAll(AUTHORIZATION), headers.getAll(API_KEY));
      call.request(1);
      return new WaitingForRequest<>(call, headers, next, rule.get(), credential);
    } catch (Refusal refusal) {
      close(call, refusal);
      return new ServerCall.Listener<>() {};
    }
  }

  private static void close(ServerCall<?, ?> call, Refusal refusal) {
    StatusRuntimeException error = StatusProto.toStatusRuntimeException(toStatus(refusal));
    call.close(error.getStatus(), error.getTrailers());
  }

  private static com.google.rpc.Status toStatus(Refusal refusal) {
    com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
        .setCode(refusal.code().value())
        .setMessage(refusal.getMessage())
        .addDetails(Any.pack(
            ErrorInfo.newBuilder().setReason(refusal.reason()).setDomain(Refusal.DOMAIN).build()));
    refusal.retryDelay().ifPresent(delay -> status.addDetails(Any.pack(RetryInfo.newBuilder()
        .setRetryDelay(com.google.protobuf.Duration.newBuilder()
            .setSeconds(delay.getSeconds()).setNanos(delay.getNano()))
        .build())));
    return status.build();
  }

  /** Holds a call back until its request is there and allowed. gRPC calls the methods one after the other. */
  private final class WaitingForRequest<Q, R> extends ServerCall.Listener<Q> {
    private final ServerCall<Q, R> call;
    private final Metadata headers;
    private final ServerCallHandler<Q, R> next;
    private final Rule rule;
    private final Credential credential;
    private ServerCall.Listener<Q> handler;  // null: not yet allowed

    WaitingForRequest(ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next, Rule rule,
        Credential credential) {
      this.call = call;
      this.headers = headers;
      this.next = next;
      this.rule = rule;
      this.credential = credential;
    }

    @Override
    public void onMessage(Q request) {
      if (handler == null) {
        handler = begin(request);
        if (call.isReady()) handler.onReady();  // It has missed this.
      }
      handler.onMessage(request);
    }

    private ServerCall.Listener<Q> begin(Q request) {
      try {
        String resource = rule.resource(field -> valueOf(field, (Message) request));
        Decision decision = guard.ask(credential, rule.permission(), resource);
        Context context = Context.current().withValue(DECISION, decision);
        return Contexts.interceptCall(context, call, headers, next);
      } catch (Refusal refusal) {
        close(call, refusal);
        return new ServerCall.Listener<>() {};
      }
    }

    @Override
    public void onHalfClose() {
      if (handler == null) {
        call.close(Status.INTERNAL.withDescription("the call has no request"), new Metadata());
      } else {
        handler.onHalfClose();
      }
    }

    @Override
    public void onReady() {
      if (handler != null) handler.onReady();
    }

    @Override
    public void onCancel() {
      if (handler != null) handler.onCancel();
    }

    @Override
    public void onComplete() {
      if (handler != null) handler.onComplete();
    }
  }

  /**
   * The value of a field such as {@code post.id}.
   *
   * @throws IllegalArgumentException if the message has no such field, or if it is neither text nor an integer. This
   *     depends on the type of the message alone.
   */
  private static String valueOf(String path, Message message) {
    String[] names = path.split("\\.", 2);
    FieldDescriptor field = message.getDescriptorForType().findFieldByName(names[0]);
    if (field == null || field.isRepeated()) throw notAField(path, message);
    Object value = message.getField(field);
    if (names.length == 2) {
      if (value instanceof Message inner) return valueOf(names[1], inner);
      throw notAField(path, message);
    }
    return switch (field.getType()) {
      case STRING, INT32, SINT32, SFIXED32, INT64, SINT64, SFIXED64 -> value.toString();
      case UINT32, FIXED32 -> Integer.toUnsignedString((Integer) value);
      case UINT64, FIXED64 -> Long.toUnsignedString((Long) value);
      default -> throw notAField(path, message);
    };
  }

  private static IllegalArgumentException notAField(String path, Message message) {
    return new IllegalArgumentException(
        path + ": " + message.getDescriptorForType().getFullName() + " has no such text or integer");
  }

  /** The rules of a guard. They are checked here, so that a typing error is found when the server starts. */
  public static final class Builder {
    private final IdentityClient client;
    private final Map<String, Optional<Rule>> rules = new HashMap<>();

    private Builder(IdentityClient client) {
      this.client = client;
    }

    /**
     * Callers of {@code method} need a permission.
     *
     * @param method such as {@code GuestbookGrpc.getReadMethod()}; the client must send one message
     * @param resource a template; braces name a field of the request: {@code orgs/{org}/posts/{post.id}}
     */
    public Builder rule(MethodDescriptor<?, ?> method, String permission, String resource) {
      if (!method.getType().clientSendsOneMessage()) {
        // Each message could name another resource.
        throw new IllegalArgumentException(method.getFullMethodName() + " takes a stream of messages");
      }
      Rule rule = new Rule(permission, resource);
      rule.fields().forEach(field -> valueOf(field, emptyRequestOf(method)));
      return add(method, Optional.of(rule));
    }

    /** Anyone may call {@code method}, and the service is not asked. */
    public Builder publicMethod(MethodDescriptor<?, ?> method) {
      return add(method, Optional.empty());
    }

    public GrpcGuard build() {
      return new GrpcGuard(this);
    }

    private Builder add(MethodDescriptor<?, ?> method, Optional<Rule> rule) {
      if (rules.putIfAbsent(method.getFullMethodName(), rule) != null) {
        throw new IllegalArgumentException(method.getFullMethodName() + " has two rules");
      }
      return this;
    }

    private static Message emptyRequestOf(MethodDescriptor<?, ?> method) {
      if (method.getRequestMarshaller() instanceof PrototypeMarshaller<?> marshaller
          && marshaller.getMessagePrototype() instanceof Message message) {
        return message;
      }
      throw new IllegalArgumentException(method.getFullMethodName() + " takes no message of Protobuf");
    }
  }
}
