-- Accounts that people make and keep by themselves: addresses, second factors, mail; quotas, imports, and counts for a dashboard.

-- An address that was only claimed belongs to nobody: it has no folded form, so it is no login name and keeps it from no
-- other, until whoever reads its mail has shown the token that was sent there.
ALTER TABLE users ALTER COLUMN email_folded DROP NOT NULL;
-- What shall become the address once it is verified; null when there is no such wish.
ALTER TABLE users ADD COLUMN pending_email text;

-- What the role lists itself counts only for so long after a second factor was shown; null: without one, too.
ALTER TABLE roles ADD COLUMN mfa_max_age interval;

-- 0: no quota of the key's own.
ALTER TABLE api_keys ADD COLUMN requests_per_minute integer NOT NULL DEFAULT 0;

-- An authenticator app (RFC 6238). It counts once it is confirmed. `last_step` is the newest step that was accepted.
CREATE TABLE totp_factors (
  principal_id uuid PRIMARY KEY REFERENCES users,
  sealed_secret bytea NOT NULL,
  master_key_id text NOT NULL,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  confirm_time timestamptz,
  last_step bigint NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  blocked_until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 70);

-- One row for each code that was not used yet.
CREATE TABLE recovery_codes (
  principal_id uuid NOT NULL REFERENCES users,
  hash bytea NOT NULL,
  PRIMARY KEY (principal_id, hash)
);

-- A login whose second factor is due, with all that its session will be made from.
CREATE TABLE mfa_challenges (
  id uuid PRIMARY KEY,
  hash bytea NOT NULL,
  principal_id uuid NOT NULL REFERENCES principals,
  epoch bigint NOT NULL,
  client_id text NOT NULL,
  audience text NOT NULL,
  scopes text[] NOT NULL,
  amr text[] NOT NULL,
  password_change_required boolean NOT NULL,
  user_agent text NOT NULL,
  device_name text NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  expire_time timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX mfa_challenges_expire ON mfa_challenges (expire_time);
CREATE INDEX mfa_challenges_principal ON mfa_challenges (principal_id);

-- What was mailed to prove that an address is somebody's. Used once: then the row goes.
CREATE TABLE mailed_tokens (
  id uuid PRIMARY KEY,
  hash bytea NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
  principal_id uuid NOT NULL REFERENCES users,
  email text NOT NULL,
  expire_time timestamptz NOT NULL
);
CREATE INDEX mailed_tokens_expire ON mailed_tokens (expire_time);
CREATE INDEX mailed_tokens_principal ON mailed_tokens (principal_id);

-- Mail that is to be sent, written with the change that it tells of. Sealed, for it holds tokens.
CREATE TABLE outbox (
  id uuid PRIMARY KEY DEFAULT uuid_v7(),
  kind text NOT NULL,
  sealed bytea NOT NULL,
  master_key_id text NOT NULL,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempt_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts integer NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX outbox_attempt ON outbox (attempt_time);

-- How far a file of users has been read in, by a fingerprint of its contents.
CREATE TABLE user_imports (
  fingerprint bytea PRIMARY KEY,
  lines bigint NOT NULL,
  bytes bigint NOT NULL,
  imported bigint NOT NULL,
  refused bigint NOT NULL,
  update_time timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX audit_events_actor ON audit_events (actor_id, id);
CREATE INDEX audit_events_event ON audit_events (event, id);

-- Counts for a dashboard, kept by triggers so that nobody has to count rows. Each is the sum of its shards; writers of one
-- count rarely meet on a shard.
CREATE TABLE totals (
  name text NOT NULL,
  shard integer NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (name, shard)
) WITH (fillfactor = 50);
CREATE TABLE daily_counts (
  day date NOT NULL,
  event text NOT NULL,
  outcome text NOT NULL,
  shard integer NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (day, event, outcome, shard)
) WITH (fillfactor = 50);

CREATE FUNCTION add_to_total(which text, change bigint) RETURNS void
  LANGUAGE sql SET search_path = identity, pg_temp
AS $$
  INSERT INTO totals AS t (name, shard, count) SELECT which, pg_backend_pid() % 16, change WHERE change <> 0
    ON CONFLICT (name, shard) DO UPDATE SET count = t.count + excluded.count
$$;
REVOKE ALL ON FUNCTION add_to_total(text, bigint) FROM PUBLIC;

CREATE FUNCTION count_new_principals() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
BEGIN
  PERFORM add_to_total('users', (SELECT count(*) FROM made WHERE type = 'user'));
  PERFORM add_to_total('service_accounts', (SELECT count(*) FROM made WHERE type = 'service_account'));
  PERFORM add_to_total('disabled_users', (SELECT count(*) FROM made WHERE type = 'user' AND disabled_time IS NOT NULL));
  RETURN NULL;
END
$$;
CREATE TRIGGER count_new AFTER INSERT ON principals
  REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION count_new_principals();

CREATE FUNCTION count_new_users() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
BEGIN
  PERFORM add_to_total('verified_users', (SELECT count(*) FROM made WHERE email_verify_time IS NOT NULL));
  RETURN NULL;
END
$$;
CREATE TRIGGER count_new AFTER INSERT ON users
  REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION count_new_users();

-- The trigger's argument names the total and its condition says that the row came to count, or ceased to.
CREATE FUNCTION count_one_more() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
BEGIN
  PERFORM add_to_total(TG_ARGV[0], 1);
  RETURN NULL;
END
$$;
CREATE FUNCTION count_one_less() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
BEGIN
  PERFORM add_to_total(TG_ARGV[0], -1);
  RETURN NULL;
END
$$;
CREATE TRIGGER count_disabled AFTER UPDATE ON principals FOR EACH ROW
  WHEN (NEW.type = 'user' AND OLD.disabled_time IS NULL AND NEW.disabled_time IS NOT NULL)
  EXECUTE FUNCTION count_one_more('disabled_users');
CREATE TRIGGER count_enabled AFTER UPDATE ON principals FOR EACH ROW
  WHEN (NEW.type = 'user' AND OLD.disabled_time IS NOT NULL AND NEW.disabled_time IS NULL)
  EXECUTE FUNCTION count_one_less('disabled_users');
CREATE TRIGGER count_verified AFTER UPDATE ON users FOR EACH ROW
  WHEN (OLD.email_verify_time IS NULL AND NEW.email_verify_time IS NOT NULL)
  EXECUTE FUNCTION count_one_more('verified_users');
CREATE TRIGGER count_unverified AFTER UPDATE ON users FOR EACH ROW
  WHEN (OLD.email_verify_time IS NOT NULL AND NEW.email_verify_time IS NULL)
  EXECUTE FUNCTION count_one_less('verified_users');
CREATE TRIGGER count_confirmed AFTER UPDATE ON totp_factors FOR EACH ROW
  WHEN (OLD.confirm_time IS NULL AND NEW.confirm_time IS NOT NULL)
  EXECUTE FUNCTION count_one_more('mfa_users');
CREATE TRIGGER count_removed AFTER DELETE ON totp_factors FOR EACH ROW
  WHEN (OLD.confirm_time IS NOT NULL)
  EXECUTE FUNCTION count_one_less('mfa_users');
CREATE TRIGGER count_key AFTER INSERT ON api_keys FOR EACH ROW
  EXECUTE FUNCTION count_one_more('api_keys');
CREATE TRIGGER count_revoked_key AFTER UPDATE ON api_keys FOR EACH ROW
  WHEN (OLD.revoke_time IS NULL AND NEW.revoke_time IS NOT NULL)
  EXECUTE FUNCTION count_one_less('api_keys');

CREATE FUNCTION count_event() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
BEGIN
  INSERT INTO daily_counts AS d (day, event, outcome, shard, count)
    VALUES ((NEW.event_time AT TIME ZONE 'UTC')::date, NEW.event, NEW.outcome, pg_backend_pid() % 16, 1)
    ON CONFLICT (day, event, outcome, shard) DO UPDATE SET count = d.count + 1;
  RETURN NULL;
END
$$;
CREATE TRIGGER count_event AFTER INSERT ON audit_events FOR EACH ROW
  WHEN (NEW.event IN ('login', 'user.registered'))
  EXECUTE FUNCTION count_event();

INSERT INTO totals (name, shard, count)
  SELECT 'users', 0, count(*) FROM principals WHERE type = 'user' UNION ALL
  SELECT 'service_accounts', 0, count(*) FROM principals WHERE type = 'service_account' UNION ALL
  SELECT 'disabled_users', 0, count(*) FROM principals WHERE type = 'user' AND disabled_time IS NOT NULL UNION ALL
  SELECT 'verified_users', 0, count(*) FROM users WHERE email_verify_time IS NOT NULL UNION ALL
  SELECT 'mfa_users', 0, 0 UNION ALL
  SELECT 'api_keys', 0, count(*) FROM api_keys WHERE revoke_time IS NULL;

GRANT SELECT ON totp_factors, recovery_codes, mfa_challenges, mailed_tokens, outbox, user_imports, totals, daily_counts
  TO identity_app;
GRANT INSERT, DELETE ON totp_factors, recovery_codes, mfa_challenges, mailed_tokens, outbox TO identity_app;
GRANT INSERT, DELETE ON user_imports TO identity_app;
GRANT UPDATE (lines, bytes, imported, refused, update_time) ON user_imports TO identity_app;
GRANT UPDATE (confirm_time, last_step, failures, blocked_until) ON totp_factors TO identity_app;
GRANT UPDATE (tries) ON mfa_challenges TO identity_app;
GRANT UPDATE (attempt_time, attempts) ON outbox TO identity_app;
GRANT UPDATE (email, email_folded, email_verify_time, pending_email, full_name) ON users TO identity_app;
GRANT UPDATE (one_time, change_time) ON passwords TO identity_app;
GRANT UPDATE (mfa_max_age) ON roles TO identity_app;
GRANT UPDATE (expire_time) ON api_keys TO identity_app;
GRANT UPDATE (epoch, auth_time, amr, password_change_required) ON sessions TO identity_app;
GRANT UPDATE (state, retire_time) ON signing_keys TO identity_app;
GRANT DELETE ON signing_keys TO identity_app;
