-- What a review asked for. Names are unique over all principals, and some are nobody's. Resources have no segments "." and
-- "..". Principals can be deleted. What was ended costs nothing.

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

-- Principals that hold a name which they could not get any more are renamed. Users can still log in by their address.
WITH renamed AS (
  UPDATE principals p SET username = left(username, 37) || '-' || right(id::text, 12)
   WHERE type <> 'anonymous'
     AND (username IN ('anonymous', 'identity', 'self')
          OR type = 'service_account'
             AND EXISTS (SELECT FROM principals u WHERE u.type = 'user' AND u.username = p.username))
   RETURNING id
)
INSERT INTO changes (revision, what, whose) SELECT value, 'principal', id::text FROM renamed, revision;
-- The previous version still needs the constraint on type and name together.
CREATE UNIQUE INDEX principals_username ON principals (username);
SELECT pg_notify('identity_changes', value::text) FROM revision;

-- A deleted principal keeps only its row, so that nobody else gets its name at once.
ALTER TABLE principals ADD COLUMN delete_time timestamptz;
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
  DELETE FROM bindings WHERE principal_id = erased;
  DELETE FROM sessions WHERE principal_id = erased;
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

-- Frees the names of principals that were deleted 30 days ago, which is fixed here. Returns how many.
CREATE FUNCTION free_deleted_names(most bigint) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
  WITH freed AS (
    DELETE FROM principals WHERE id IN (
      SELECT id FROM principals WHERE delete_time < clock_timestamp() - interval '30 days' LIMIT most
         FOR UPDATE SKIP LOCKED)
    RETURNING id)
  SELECT count(*) FROM freed
$$;
REVOKE ALL ON FUNCTION free_deleted_names(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION free_deleted_names(bigint) TO identity_app;

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

-- What an owner has made and ended costs nothing later: look-ups read only what is alive.
CREATE INDEX api_keys_live ON api_keys (owner_id, expire_time) WHERE revoke_time IS NULL;
CREATE INDEX api_keys_list ON api_keys (owner_id, id);
DROP INDEX api_keys_owner;
CREATE INDEX sessions_live ON sessions (principal_id, epoch, id) WHERE revoke_time IS NULL;

-- When a second factor counts for roles that need one: a day after its confirmation, at once when it was confirmed in a session
-- from before the role was bound, or when an administrator said so.
ALTER TABLE totp_factors ADD COLUMN confirm_session_time timestamptz;
ALTER TABLE totp_factors ADD COLUMN trust_time timestamptz;
GRANT UPDATE (confirm_session_time, trust_time) ON totp_factors TO identity_app;

-- Devices on which a user has logged in. Guesses with a device's token are counted here, apart from those of strangers.
CREATE TABLE trusted_devices (
  id uuid PRIMARY KEY,
  principal_id uuid NOT NULL REFERENCES users,
  hash bytea NOT NULL,
  failures integer NOT NULL DEFAULT 0,
  locked_until timestamptz NOT NULL DEFAULT '-infinity',
  expire_time timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX trusted_devices_principal ON trusted_devices (principal_id);
CREATE INDEX trusted_devices_expire ON trusted_devices (expire_time);
GRANT SELECT, INSERT, DELETE ON trusted_devices TO identity_app;
GRANT UPDATE (failures, locked_until, expire_time) ON trusted_devices TO identity_app;
