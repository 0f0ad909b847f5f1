-- OpenID providers whose ID tokens log people in.
CREATE TABLE identity_providers (
  name text PRIMARY KEY,
  issuer text NOT NULL UNIQUE,
  audiences text[] NOT NULL,
  jwks_uri text NOT NULL,
  algorithms text[] NOT NULL,
  name_claim text NOT NULL,
  email_claim text NOT NULL,
  email_verified_claim text NOT NULL,
  link_policy text NOT NULL CHECK (link_policy IN ('none', 'link', 'create')),
  trusted_amr text[] NOT NULL,
  trusted_acr text[] NOT NULL,
  disabled boolean NOT NULL,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  update_time timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, DELETE ON identity_providers TO identity_app;
GRANT UPDATE (audiences, jwks_uri, algorithms, name_claim, email_claim, email_verified_claim, link_policy, trusted_amr,
  trusted_acr, disabled, update_time) ON identity_providers TO identity_app;

-- Which account a person of another issuer has. The rows stay when a provider is deleted. A row that the owner removed
-- stays, so that the next login does not bring it back.
CREATE TABLE external_identities (
  issuer text NOT NULL,
  subject text NOT NULL,
  principal_id uuid NOT NULL REFERENCES principals,
  label text NOT NULL,
  link_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  unlink_time timestamptz,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX external_identities_principal ON external_identities (principal_id);
GRANT SELECT, INSERT, DELETE ON external_identities TO identity_app;
GRANT UPDATE (unlink_time) ON external_identities TO identity_app;

-- The database does it, so servers of the version before, which know nothing of identities, delete them too. At the end of
-- erase_principal, which has waited for the logins that are under way by then.
CREATE FUNCTION forget_identities() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
BEGIN
  DELETE FROM external_identities WHERE principal_id = OLD.id;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION forget_identities() FROM PUBLIC;
CREATE TRIGGER forget_identities AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION forget_identities();

-- The identity that is to be linked once its owner has answered the challenge.
ALTER TABLE mfa_challenges ADD COLUMN identity_issuer text;
ALTER TABLE mfa_challenges ADD COLUMN identity_subject text;
ALTER TABLE mfa_challenges ADD COLUMN identity_label text;
