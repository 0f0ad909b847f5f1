-- Protections against attackers who have something already: a name, a link, a password or a right. The statements that
-- take long come first. Those that make other transactions wait come last, so that the others wait briefly.

-- Look-ups read only keys and sessions that are alive, so an owner's ended ones cost nothing.
CREATE INDEX api_keys_live ON api_keys (owner_id, expire_time) WHERE revoke_time IS NULL;
CREATE INDEX api_keys_list ON api_keys (owner_id, id);
CREATE INDEX sessions_live ON sessions (principal_id, epoch, id) WHERE revoke_time IS NULL;

-- Changes whenever a role does, so that a server need not read all roles to know that they are the same as before. Random, so
-- that no two states have the same version, not even after a failover.
CREATE TABLE roles_version (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  value uuid NOT NULL
);
INSERT INTO roles_version (value) VALUES (gen_random_uuid());
CREATE FUNCTION renew_roles_version() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
BEGIN
  UPDATE roles_version SET value = gen_random_uuid();
  RETURN NULL;
END
$$;
CREATE TRIGGER renew_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON roles
  FOR EACH STATEMENT EXECUTE FUNCTION renew_roles_version();
CREATE TRIGGER renew_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON role_inherits
  FOR EACH STATEMENT EXECUTE FUNCTION renew_roles_version();
GRANT SELECT ON roles_version TO identity_app;

-- Devices on which a user has logged in. Guesses with a device's token are counted here, apart from those of strangers.
-- A device ends with the epoch of its principal.
CREATE TABLE trusted_devices (
  id uuid PRIMARY KEY,
  principal_id uuid NOT NULL REFERENCES users,
  epoch bigint NOT NULL,
  hash bytea NOT NULL,
  failures integer NOT NULL DEFAULT 0,
  locked_until timestamptz NOT NULL DEFAULT '-infinity',
  expire_time timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX trusted_devices_principal ON trusted_devices (principal_id);
CREATE INDEX trusted_devices_expire ON trusted_devices (expire_time);
GRANT SELECT, INSERT, DELETE ON trusted_devices TO identity_app;
GRANT UPDATE (failures, locked_until, expire_time) ON trusted_devices TO identity_app;

-- When a second factor counts for roles that need one: a day after its confirmation, at once when it was confirmed in a session
-- from before the role was bound, or when an administrator said so.
ALTER TABLE totp_factors ADD COLUMN confirm_session_time timestamptz;
ALTER TABLE totp_factors ADD COLUMN trust_time timestamptz;
GRANT UPDATE (confirm_session_time, trust_time) ON totp_factors TO identity_app;

-- Whether an address of the account was ever verified: the first verification ends what strangers may have made.
ALTER TABLE users ADD COLUMN ever_verified boolean NOT NULL DEFAULT false;
GRANT UPDATE (ever_verified) ON users TO identity_app;

-- By which right a binding was made: the resource of the first delegated right in the chain, "" for a right everywhere. One
-- such resource gives a principal only so many bindings.
ALTER TABLE bindings ADD COLUMN origin text NOT NULL DEFAULT '';

-- A deleted principal keeps only its row, so that nobody else gets its name at once.
ALTER TABLE principals ADD COLUMN delete_time timestamptz;
-- The previous version does not know deleted principals, and must not enable one.
ALTER TABLE principals ADD CONSTRAINT principals_deleted_is_disabled
  CHECK (delete_time IS NULL OR disabled_time IS NOT NULL);
CREATE INDEX principals_delete ON principals (delete_time) WHERE delete_time IS NOT NULL;

-- Deletes everything about a principal but its row and the audit. Returns whether it did. Revoke its API keys before, so that
-- replicas notice.
CREATE FUNCTION erase_principal(erased uuid) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
DECLARE
  kind text;
BEGIN
  UPDATE principals
     SET delete_time = clock_timestamp(), disabled_time = coalesce(disabled_time, clock_timestamp()), epoch = epoch + 1
   WHERE id = erased AND type <> 'anonymous' AND delete_time IS NULL
   RETURNING type INTO kind;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  -- In the order in which logins lock, which may be under way.
  PERFORM FROM passwords WHERE principal_id = erased FOR UPDATE;
  PERFORM FROM totp_factors WHERE principal_id = erased FOR UPDATE;
  DELETE FROM bindings WHERE principal_id = erased;
  UPDATE api_keys SET revoke_time = clock_timestamp() WHERE owner_id = erased AND revoke_time IS NULL;
  DELETE FROM api_keys WHERE owner_id = erased;
  DELETE FROM passwords WHERE principal_id = erased;
  DELETE FROM recovery_codes WHERE principal_id = erased;
  DELETE FROM totp_factors WHERE principal_id = erased;
  DELETE FROM mfa_challenges WHERE principal_id = erased;
  DELETE FROM mailed_tokens WHERE principal_id = erased;
  DELETE FROM trusted_devices WHERE principal_id = erased;
  DELETE FROM remembered_requests WHERE caller_id = erased;
  DELETE FROM service_accounts WHERE id = erased;
  -- Only so many that others do not wait for long. None is alive, and housekeeping deletes the rest.
  DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE principal_id = erased LIMIT 1000);
  UPDATE users SET email_verify_time = NULL WHERE id = erased AND email_verify_time IS NOT NULL;
  DELETE FROM users WHERE id = erased;
  IF kind = 'user' THEN
    PERFORM add_to_total('users', -1);
    PERFORM add_to_total('disabled_users', -1);
  ELSE
    PERFORM add_to_total('service_accounts', -1);
  END IF;
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION erase_principal(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_principal(uuid) TO identity_app;

-- Deletes at most `most` sessions that deleted principals still have. Frees at most `most` names of principals that were
-- deleted 30 days ago, which is fixed here. Returns how many rows it deleted.
CREATE FUNCTION clean_deleted_principals(most bigint) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
DECLARE
  due uuid[];
  sessions_deleted bigint;
BEGIN
  DELETE FROM sessions WHERE id IN (
    SELECT s.id FROM principals p JOIN sessions s ON s.principal_id = p.id WHERE p.delete_time IS NOT NULL LIMIT most);
  GET DIAGNOSTICS sessions_deleted = ROW_COUNT;
  SELECT array_agg(id) INTO due FROM (
    SELECT id FROM principals p WHERE delete_time < clock_timestamp() - interval '30 days'
       AND NOT EXISTS (SELECT FROM sessions s WHERE s.principal_id = p.id) LIMIT most FOR UPDATE SKIP LOCKED) AS found;
  IF due IS NULL THEN
    RETURN sessions_deleted;
  END IF;
  -- The previous version may have written these since.
  DELETE FROM bindings WHERE principal_id = ANY (due);
  DELETE FROM mfa_challenges WHERE principal_id = ANY (due);
  DELETE FROM api_keys WHERE owner_id = ANY (due);
  DELETE FROM principals WHERE id = ANY (due);
  RETURN sessions_deleted + cardinality(due);
END
$$;
REVOKE ALL ON FUNCTION clean_deleted_principals(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clean_deleted_principals(bigint) TO identity_app;

DROP INDEX api_keys_owner;

-- A new database has no replica that must notice.
UPDATE revision SET value = value + 1 WHERE value > 0;
INSERT INTO changes (revision, what, whose)
  SELECT value, 'principal', '00000000-0000-7000-8000-000000000001' FROM revision WHERE value > 0;

-- A service that joins paths could read such a segment as another place than the one that was granted.
WITH gone AS (
  DELETE FROM bindings WHERE resource ~ '(^|/)\.\.?(/|$)' RETURNING id, principal_id, role, resource
), audited AS (
  INSERT INTO audit_events (id, event_time, event, outcome, subject_id, target, details)
    SELECT uuid_v7(), clock_timestamp(), 'binding.deleted', 'success', principal_id, id::text,
           role || ' on ' || resource || ': by an upgrade, since "." and ".." are no longer segments of resources'
      FROM gone
)
INSERT INTO changes (revision, what, whose)
  SELECT DISTINCT value, 'principal', principal_id::text FROM gone, revision;
ALTER TABLE bindings ADD CONSTRAINT bindings_resource_without_dots CHECK (resource !~ '(^|/)\.\.?(/|$)');

-- Principals that hold a name which they could not get any more are renamed: of two, the one that was made later, since it may
-- have been made to be taken for the other. Users can still log in by their address.
WITH renamed AS (
  UPDATE principals p SET username = left(username, 37) || '-' || right(id::text, 12)
   WHERE type <> 'anonymous'
     AND (username IN ('anonymous', 'identity', 'self')
          OR EXISTS (SELECT FROM principals o WHERE o.username = p.username AND o.type <> p.type AND o.id < p.id))
   RETURNING id, username
), audited AS (
  INSERT INTO audit_events (id, event_time, event, outcome, subject_id, target, details)
    SELECT uuid_v7(), clock_timestamp(), 'principal.renamed', 'success', id, id::text,
           'to ' || username || ' by an upgrade, since the name is reserved or another principal had it before'
      FROM renamed
)
INSERT INTO changes (revision, what, whose) SELECT value, 'principal', id::text FROM renamed, revision;
-- The previous version still needs the constraint on type and name together.
CREATE UNIQUE INDEX principals_username ON principals (username);
SELECT pg_notify('identity_changes', value::text) FROM revision;
