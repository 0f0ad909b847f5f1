-- Principals, roles, credentials, sessions, and the revision that orders every change a decision depends on.
-- The owner of this schema alone may change it; the server works as a member of identity_app.

DO $$
BEGIN
  CREATE ROLE identity_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END
$$;

-- A version 7 UUID (RFC 9562) of the database's clock: 48 bits of milliseconds, 12 bits below a millisecond, 62 random bits.
CREATE FUNCTION uuid_v7(at timestamptz DEFAULT clock_timestamp()) RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL SAFE
AS $$
  SELECT encode(
    set_byte(
      overlay(
        overlay(uuid_send(gen_random_uuid())
                PLACING substring(int8send(floor(us / 1000)::bigint) FROM 3) FROM 1 FOR 6)
        PLACING substring(int8send(x'7000'::bigint | ((us % 1000) * 4096 / 1000)::bigint) FROM 7) FROM 7 FOR 2),
      8, 128 | (get_byte(uuid_send(gen_random_uuid()), 0) & 63)),
    'hex')::uuid
  FROM (SELECT floor(extract(epoch FROM at) * 1000000) AS us) AS clock
$$;

-- The lowest version 7 UUID of a moment: where a partition begins.
CREATE FUNCTION uuid_v7_floor(at timestamptz) RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;

-- One row: how many changes have been committed. It is locked first, so that revisions are in the order of their commits.
CREATE TABLE revision (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  value bigint NOT NULL
);
INSERT INTO revision (value) VALUES (0);

-- What each revision changed, for the replicas' feeds.
CREATE TABLE changes (
  revision bigint NOT NULL,
  what text NOT NULL,
  whose text NOT NULL,
  change_time timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX changes_revision ON changes (revision);

CREATE TABLE principals (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  type text NOT NULL CHECK (type IN ('user', 'service_account', 'anonymous')),
  username text NOT NULL,
  disabled_time timestamptz,
  epoch bigint NOT NULL DEFAULT 0,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (type, username)
);
INSERT INTO principals (id, type, username) VALUES ('00000000-0000-7000-8000-000000000001', 'anonymous', 'anonymous');

CREATE TABLE users (
  id uuid PRIMARY KEY REFERENCES principals,
  email text NOT NULL,
  email_folded text NOT NULL CONSTRAINT users_email UNIQUE,
  email_verify_time timestamptz,
  full_name text NOT NULL DEFAULT '',
  last_login_time timestamptz
);
-- Searches by a beginning.
CREATE INDEX users_email_prefix ON users (email_folded text_pattern_ops);
CREATE INDEX principals_username_prefix ON principals (username text_pattern_ops) WHERE type = 'user';

CREATE TABLE service_accounts (
  id uuid PRIMARY KEY REFERENCES principals,
  description text NOT NULL DEFAULT ''
);

-- A guess is reserved here before its password is hashed, so that parallel guesses cannot outrun the count.
CREATE TABLE passwords (
  principal_id uuid PRIMARY KEY REFERENCES users,
  hash text NOT NULL,
  one_time boolean NOT NULL DEFAULT false,
  change_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  failures integer NOT NULL DEFAULT 0,
  locked_until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 70);

-- Logins without a password to count against write here instead, so that the cost does not tell them apart.
CREATE TABLE decoy_guesses (
  bucket integer PRIMARY KEY,
  guesses bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO decoy_guesses (bucket) SELECT generate_series(0, 255);

CREATE TABLE roles (
  name text PRIMARY KEY,
  description text NOT NULL DEFAULT '',
  permissions text[] NOT NULL DEFAULT '{}',
  built_in boolean NOT NULL DEFAULT false,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  update_time timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE role_inherits (
  role text NOT NULL REFERENCES roles ON DELETE CASCADE,
  inherits text NOT NULL CONSTRAINT role_is_inherited REFERENCES roles,
  PRIMARY KEY (role, inherits)
);
CREATE INDEX role_inherits_inherits ON role_inherits (inherits);
INSERT INTO roles (name, description, permissions, built_in) VALUES
  ('super_admin', 'Everything', '{*}', true),
  ('admin', 'Everything in the identity service', '{identity:*}', true),
  ('checker', 'Asks for decisions about others', '{identity:check}', true),
  ('frontend', 'Vouches for its clients'' addresses', '{identity:client_info:vouch}', true),
  ('self', 'What every user may do with their own account',
   '{identity:self:*,read:own_profile,update:own_profile}', true);

CREATE TABLE bindings (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  principal_id uuid NOT NULL REFERENCES principals,
  role text NOT NULL CONSTRAINT role_is_bound REFERENCES roles,
  resource text NOT NULL,
  expire_time timestamptz NOT NULL DEFAULT 'infinity',
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT bindings_once UNIQUE (principal_id, role, resource)
);
CREATE INDEX bindings_role ON bindings (role);
CREATE INDEX bindings_resource ON bindings (resource text_pattern_ops);

CREATE TABLE api_keys (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  owner_id uuid NOT NULL REFERENCES principals,
  display_name text NOT NULL,
  hash bytea NOT NULL,
  scopes text[] NOT NULL,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  expire_time timestamptz NOT NULL DEFAULT 'infinity',
  last_use_time timestamptz,
  revoke_time timestamptz
);
CREATE INDEX api_keys_owner ON api_keys (owner_id);

-- A login and all the refresh tokens that follow from it.
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  principal_id uuid NOT NULL REFERENCES principals,
  epoch bigint NOT NULL,
  client_id text NOT NULL,
  audience text NOT NULL,
  scopes text[] NOT NULL,
  amr text[] NOT NULL,
  auth_time timestamptz NOT NULL,
  expire_time timestamptz NOT NULL,
  revoke_time timestamptz,
  password_change_required boolean NOT NULL DEFAULT false,
  ip_address text NOT NULL DEFAULT '',
  user_agent text NOT NULL DEFAULT '',
  device_name text NOT NULL DEFAULT ''
);
CREATE INDEX sessions_principal ON sessions (principal_id);
CREATE INDEX sessions_expire ON sessions (expire_time);

-- Spent ones stay, so that a second use shows. `sealed_child` holds the child's secret for a few seconds, under a key from
-- the parent's own.
CREATE TABLE refresh_tokens (
  id uuid PRIMARY KEY,
  session_id uuid NOT NULL,
  hash bytea NOT NULL,
  expire_time timestamptz NOT NULL,
  spend_time timestamptz,
  child_id uuid,
  sealed_child bytea
) PARTITION BY RANGE (id);
CREATE INDEX refresh_tokens_sealed ON refresh_tokens (spend_time) WHERE sealed_child IS NOT NULL;

-- Access tokens that were revoked one by one; of no use after they have expired.
CREATE TABLE revoked_access_tokens (
  id uuid PRIMARY KEY,
  expire_time timestamptz NOT NULL
);
CREATE INDEX revoked_access_tokens_expire ON revoked_access_tokens (expire_time);

CREATE TABLE signing_keys (
  kid text PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('next', 'active', 'retiring')),
  public_key bytea NOT NULL,
  sealed_seed bytea NOT NULL,
  master_key_id text NOT NULL,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  retire_time timestamptz
);
CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys (state) WHERE state = 'active';

-- What creating calls answered, by the caller's own id for the call.
CREATE TABLE remembered_requests (
  caller_id uuid NOT NULL,
  request_id uuid NOT NULL,
  fingerprint bytea NOT NULL,
  object_id text NOT NULL,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (caller_id, request_id)
);
CREATE INDEX remembered_requests_create ON remembered_requests (create_time);

CREATE TABLE audit_events (
  id uuid PRIMARY KEY,
  event_time timestamptz NOT NULL,
  event text NOT NULL,
  outcome text NOT NULL,
  actor_id uuid,
  subject_id uuid,
  target text NOT NULL DEFAULT '',
  ip_address text NOT NULL DEFAULT '',
  user_agent text NOT NULL DEFAULT '',
  details text NOT NULL DEFAULT ''
) PARTITION BY RANGE (id);
CREATE INDEX audit_events_subject ON audit_events (subject_id, id);

-- Makes the partitions that cover yesterday to a week ahead and drops those whose last row is past its retention, which is
-- fixed here: the server may ask for the work, not choose what is lost. Partitions begin with a week or month in UTC.
CREATE FUNCTION maintain_partitions() RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
  policy record;
  part record;
  part_name text;
  lower_bound timestamptz;
  upper_bound timestamptz;
  changed integer := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('identity.maintain_partitions')) THEN
    RETURN 0;
  END IF;
  FOR policy IN
    SELECT * FROM (VALUES
      ('refresh_tokens', 'week', interval '1 week', interval '38 days'),
      ('audit_events', 'month', interval '1 month', interval '400 days')
    ) AS p (parent, unit, step, retention)
  LOOP
    lower_bound := date_trunc(policy.unit, now() - interval '1 day', 'UTC');
    WHILE lower_bound < now() + interval '7 days' LOOP
      upper_bound := date_trunc(policy.unit, lower_bound + policy.step + interval '12 hours', 'UTC');
      part_name := policy.parent || to_char(lower_bound AT TIME ZONE 'UTC', '_YYYYMMDD');
      IF to_regclass(part_name) IS NULL THEN
        -- Made apart and then attached, which takes no lock that readers or writers of the parent would wait for.
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part_name, policy.parent);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       policy.parent, part_name, uuid_v7_floor(lower_bound), uuid_v7_floor(upper_bound));
        changed := changed + 1;
      END IF;
      lower_bound := upper_bound;
    END LOOP;
    FOR part IN
      SELECT child.relname AS name, to_timestamp(right(child.relname, 8), 'YYYYMMDD') AS begins
        FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
       WHERE inhparent = policy.parent::regclass
    LOOP
      IF part.begins + policy.step + policy.retention < now() THEN
        EXECUTE format('DROP TABLE %I', part.name);
        changed := changed + 1;
      END IF;
    END LOOP;
  END LOOP;
  RETURN changed;
END
$$;
REVOKE ALL ON FUNCTION maintain_partitions() FROM PUBLIC;
SELECT maintain_partitions();

GRANT USAGE ON SCHEMA identity TO identity_app;
GRANT EXECUTE ON FUNCTION maintain_partitions() TO identity_app;
GRANT SELECT ON ALL TABLES IN SCHEMA identity TO identity_app;
GRANT UPDATE ON revision, decoy_guesses TO identity_app;
GRANT INSERT, DELETE ON changes, remembered_requests, revoked_access_tokens TO identity_app;
GRANT INSERT ON principals, users, service_accounts, passwords, roles, api_keys, sessions, refresh_tokens, signing_keys
  TO identity_app;
-- Of what stands, no more than the server has to change: never an owner, a type, a key's hash, or what is built in.
GRANT UPDATE (disabled_time, epoch) ON principals TO identity_app;
GRANT UPDATE (last_login_time) ON users TO identity_app;
GRANT UPDATE (hash, failures, locked_until) ON passwords TO identity_app;
GRANT UPDATE (description, permissions, update_time) ON roles TO identity_app;
GRANT UPDATE (last_use_time, revoke_time) ON api_keys TO identity_app;
GRANT UPDATE (revoke_time) ON sessions TO identity_app;
GRANT UPDATE (spend_time, child_id, sealed_child) ON refresh_tokens TO identity_app;
GRANT DELETE ON roles, sessions TO identity_app;
GRANT INSERT, DELETE ON role_inherits, bindings TO identity_app;
GRANT INSERT ON audit_events TO identity_app;
