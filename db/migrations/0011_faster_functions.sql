-- PostgreSQL before version 18 plans a function in SQL again in each statement that calls it, unless it can replace the
-- call by the function's expression. It plans one in PL/pgSQL once in each connection.

-- As in 0001_core.sql, but with one random UUID instead of two: its text from the variant on.
CREATE OR REPLACE FUNCTION uuid_v7(at timestamptz DEFAULT clock_timestamp()) RETURNS uuid
  LANGUAGE plpgsql VOLATILE PARALLEL SAFE
AS $$
DECLARE
  us bigint := extract(epoch FROM at) * 1000000;
BEGIN
  RETURN (lpad(to_hex(us / 1000), 12, '0') || to_hex(x'7000'::bigint | us % 1000 * 4096 / 1000)
          || substring(gen_random_uuid()::text FROM 20))::uuid;
END
$$;

-- Only functions that set the search path call it, so it need not set it again, which costs time.
CREATE OR REPLACE FUNCTION add_to_total(which text, change bigint) RETURNS void
  LANGUAGE plpgsql
AS $$
BEGIN
  IF change <> 0 THEN
    INSERT INTO totals AS t (name, shard, count) VALUES (which, pg_backend_pid() % 16, change)
      ON CONFLICT (name, shard) DO UPDATE SET count = t.count + excluded.count;
  END IF;
END
$$;

-- Reads the new rows once.
CREATE OR REPLACE FUNCTION count_new_principals() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
DECLARE
  users bigint;
  service_accounts bigint;
  disabled_users bigint;
BEGIN
  SELECT count(*) FILTER (WHERE type = 'user'), count(*) FILTER (WHERE type = 'service_account'),
         count(*) FILTER (WHERE type = 'user' AND disabled_time IS NOT NULL)
    INTO users, service_accounts, disabled_users FROM made;
  PERFORM add_to_total('users', users), add_to_total('service_accounts', service_accounts),
          add_to_total('disabled_users', disabled_users);
  RETURN NULL;
END
$$;

-- These functions of triggers run as the owner of the schema. In a trigger on a temporary table, a caller could give them
-- values of a type whose casts the caller has written.
REVOKE ALL ON FUNCTION count_new_principals(), count_new_users(), count_one_more(), count_one_less(), count_event(),
  renew_roles_version() FROM PUBLIC;
