-- Keys of several algorithms, each with one active key. Servers of the version before know only EdDSA, and take every
-- row of `signing_keys` for such a key. So that name becomes a view of these. A later version drops the view.
ALTER TABLE signing_keys RENAME TO all_signing_keys;
ALTER TABLE all_signing_keys RENAME COLUMN sealed_seed TO sealed_private_key;
ALTER TABLE all_signing_keys ADD COLUMN algorithm text NOT NULL DEFAULT 'EdDSA'
  CHECK (algorithm IN ('EdDSA', 'ES256', 'RS256'));
DROP INDEX signing_keys_one_active;
CREATE UNIQUE INDEX all_signing_keys_one_active ON all_signing_keys (algorithm) WHERE state = 'active';

CREATE VIEW signing_keys AS
  SELECT kid, state, public_key, sealed_private_key AS sealed_seed, master_key_id, create_time, retire_time
    FROM all_signing_keys WHERE algorithm = 'EdDSA';
-- The rights on the table stay as they are.
GRANT SELECT, INSERT, UPDATE (state, retire_time), DELETE ON signing_keys TO identity_app;
