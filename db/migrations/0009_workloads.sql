-- Providers whose tokens workloads have. The audiences are ours: a token for somebody else must not count here.
ALTER TABLE identity_providers ADD COLUMN workload_audiences text[] NOT NULL DEFAULT '{}';
ALTER TABLE identity_providers ADD COLUMN default_workloads boolean NOT NULL DEFAULT false;
GRANT UPDATE (workload_audiences, default_workloads) ON identity_providers TO identity_app;

-- Which service account a workload is.
CREATE TABLE workloads (
  issuer text NOT NULL,
  subject text NOT NULL,
  service_account_id uuid NOT NULL REFERENCES principals,
  scopes text[] NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX workloads_service_account ON workloads (service_account_id);
GRANT SELECT, INSERT, DELETE ON workloads TO identity_app;
GRANT UPDATE (description) ON service_accounts TO identity_app;

-- Persons and workloads of other issuers that are refused, whether or not they are anybody here.
CREATE TABLE external_revocations (
  issuer text NOT NULL,
  subject text NOT NULL,
  revoke_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (issuer, subject)
);
GRANT SELECT, INSERT, DELETE ON external_revocations TO identity_app;

CREATE FUNCTION forget_workloads() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
BEGIN
  DELETE FROM workloads WHERE service_account_id = OLD.id;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION forget_workloads() FROM PUBLIC;
CREATE TRIGGER forget_workloads AFTER DELETE ON service_accounts FOR EACH ROW EXECUTE FUNCTION forget_workloads();
