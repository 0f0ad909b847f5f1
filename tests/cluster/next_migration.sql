-- A version that does not exist yet: additions to the tables that checks and changes use.
ALTER TABLE principals ADD COLUMN next_version text NOT NULL DEFAULT 'none';
ALTER TABLE bindings ADD COLUMN next_version text NOT NULL DEFAULT 'none';
ALTER TABLE api_keys ADD COLUMN next_version text NOT NULL DEFAULT 'none';
ALTER TABLE roles ADD COLUMN next_version text NOT NULL DEFAULT 'none';
ALTER TABLE changes ADD COLUMN next_version text NOT NULL DEFAULT 'none';
ALTER TABLE audit_events ADD COLUMN next_version text NOT NULL DEFAULT 'none';
CREATE INDEX ON bindings (next_version);
