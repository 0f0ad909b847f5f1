import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import {
  type DescMessage,
  type DescMethod,
  type DescService,
  type Message,
  type MessageInitShape,
  type MessageShape,
  create,
  fromBinary,
  toBinary,
} from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { conceal } from "./conceal.js";
import { type TokenSource, bearerOf } from "./credential.js";
import { IdentityError } from "./errors.js";
import { AccountService } from "./gen/identity/v1/account_service_pb.js";
import { AdminService } from "./gen/identity/v1/admin_service_pb.js";
import { IdentityService } from "./gen/identity/v1/identity_service_pb.js";
import { mayRepeat, pauseMs, repeatOf } from "./retry.js";

/** The settings of a client. */
export interface ClientOptions {
  /** HOST:PORT, several of them separated by commas, or a target of gRPC such as "dns:///identity:50051". */
  readonly address: string;
  /** Calls without TLS. Excludes the files. */
  readonly plaintext?: boolean;
  /** A PEM file with the roots that replace those of the system. Files are read once. */
  readonly rootsFile?: string;
  /** PEM files of the client's own certificate chain and its key, for servers that demand one. Both or none. */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /**
   * An API key, an access token, or a source of tokens. Without this member, the client's certificate is its
   * credential. A member that is empty or undefined, as by a variable that is not set, is an error.
   */
  readonly credential?: string | TokenSource | undefined;
  /** Of each call with all its retries: 2 seconds by default. */
  readonly deadlineMs?: number;
}

/** The settings of one call, which replace those of the client. */
export interface CallOptions {
  readonly credential?: string | TokenSource;
  readonly deadlineMs?: number;
}

/** The RPCs of a service. Each takes the fields of its request. */
export type Calls<Service extends DescService> = {
  readonly [Name in keyof Service["method"]]: Service["method"][Name] extends {
    input: infer Input extends DescMessage;
    output: infer Output extends DescMessage;
  }
    ? (request: MessageInitShape<Input>, options?: CallOptions) => Promise<MessageShape<Output>>
    : never;
};

/**
 * A client of the identity service. Make one and keep it: it holds a connection to each replica.
 *
 * Calls fail with an IdentityError. An error of a check means "not decided": deny.
 */
export class Client {
  readonly identity: Calls<typeof IdentityService>;
  readonly account: Calls<typeof AccountService>;
  readonly admin: Calls<typeof AdminService>;

  readonly #channels: readonly grpc.Client[];
  readonly #credential: string | TokenSource | undefined;
  readonly #deadlineMs: number;
  #turn = 0;

  /** Does not wait for a connection. */
  constructor(options: ClientOptions) {
    if ("credential" in options && !options.credential) throw new TypeError("credential is empty or undefined");
    const credentials = channelCredentialsOf(options);
    this.#channels = targetsOf(options.address).map((target) => new grpc.Client(target, credentials, channelOptions));
    this.#credential = options.credential;
    this.#deadlineMs = options.deadlineMs ?? 2_000;
    this.identity = this.#callsOf(IdentityService);
    this.account = this.#callsOf(AccountService);
    this.admin = this.#callsOf(AdminService);
  }

  close(): void {
    for (const channel of this.#channels) channel.close();
  }

  #callsOf<Service extends DescService>(service: Service): Calls<Service> {
    const calls = service.methods.map((method) => [
      method.localName,
      (request: MessageInitShape<DescMessage>, options: CallOptions = {}) => this.#call(method, request, options),
    ]);
    return Object.fromEntries(calls) as Calls<Service>;
  }

  async #call(method: DescMethod, fields: MessageInitShape<DescMessage>, options: CallOptions): Promise<Message> {
    const deadline = Date.now() + (options.deadlineMs ?? this.#deadlineMs);
    const request = create(method.input, fields);
    const repeat = repeatOf(method.name, request);
    const metadata = await this.#metadata(options);
    for (let made = 1; ; made++) {
      try {
        return await this.#attempt(method, request, metadata, deadline);
      } catch (error) {
        if (!(error instanceof IdentityError) || !mayRepeat(error, repeat, made)) throw error;
        const pause = pauseMs(error, made, Math.random());
        if (Date.now() + pause >= deadline) throw error;
        await setTimeout(pause);
      }
    }
  }

  async #metadata(options: CallOptions): Promise<grpc.Metadata> {
    const metadata = new grpc.Metadata();
    // A caller who wants another credential and has none must not act as this program.
    const isOwn = !("credential" in options);
    const credential = isOwn ? this.#credential : (options.credential ?? "");
    if (credential !== undefined) metadata.set("authorization", await bearerOf(credential));
    return metadata;
  }

  #attempt(method: DescMethod, request: Message, metadata: grpc.Metadata, deadline: number): Promise<Message> {
    return new Promise((resolve, reject) => {
      this.#nextChannel().makeUnaryRequest(
        `/${method.parent.typeName}/${method.name}`,
        (message: Message) => Buffer.from(toBinary(method.input, message)),
        (bytes) => conceal(method.output, fromBinary(method.output, bytes)),
        request,
        metadata,
        { deadline },
        (error, response) => (error ? reject(IdentityError.from(error)) : resolve(response!)),
      );
    });
  }

  // The addresses take turns. One without a connection is passed over while another has one.
  #nextChannel(): grpc.Client {
    const ready = this.#channels.filter(
      (channel) => channel.getChannel().getConnectivityState(true) === grpc.connectivityState.READY,
    );
    const candidates = ready.length > 0 ? ready : this.#channels;
    return candidates[this.#turn++ % candidates.length]!;
  }
}

// One channel for each address, so that TLS expects of each host its own name. gRPC takes lists only of IP addresses,
// and then expects the name of the first one of all.
function targetsOf(address: string | undefined): string[] {
  if (address && /^(dns|ipv4|ipv6|unix):/.test(address)) return [address];
  const targets = (address ?? "").split(",").map((text) => text.trim());
  if (targets.some((text) => text === "" || /^https?:\/\//.test(text))) {
    throw new TypeError("address: HOST:PORT is required, such as localhost:50051");
  }
  return targets;
}

function channelCredentialsOf(options: ClientOptions): grpc.ChannelCredentials {
  const { plaintext = false, rootsFile, keyFile, certificateFile } = options;
  if (typeof plaintext !== "boolean") throw new TypeError("plaintext is true or false"); // the text "false" is true
  const files = [rootsFile, keyFile, certificateFile];
  if (plaintext) {
    if (files.some((name) => name !== undefined)) throw new TypeError("give either plaintext or files for TLS");
    return grpc.credentials.createInsecure();
  }
  const [roots, key, certificate] = files.map((name) => (name === undefined ? null : readFileSync(name)));
  return grpc.credentials.createSsl(roots, key, certificate);
}

const channelOptions: grpc.ChannelOptions = {
  "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  "grpc.service_config_disable_resolution": 1,
  "grpc.max_receive_message_length": 8 * 1024 * 1024, // a batch of 1,000 with explanations
  // Does not share connections, because another client of the process may be drained or throttled.
  "grpc.use_local_subchannel_pool": 1,
  // Not more often than servers accept. A connection to a host that vanished ends after both together.
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.keepalive_permit_without_calls": 1,
  // A replica that comes back gets calls within a second.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
  // New replicas are found when a server closes its connection.
  "grpc.dns_min_time_between_resolutions_ms": 5_000,
};
