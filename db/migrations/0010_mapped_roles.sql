-- Roles that claims of a provider give. Four lists, since a mapping has no life of its own.
ALTER TABLE identity_providers ADD COLUMN mapping_claims text[] NOT NULL DEFAULT '{}';
ALTER TABLE identity_providers ADD COLUMN mapping_values text[] NOT NULL DEFAULT '{}';
ALTER TABLE identity_providers ADD COLUMN mapping_roles text[] NOT NULL DEFAULT '{}';
ALTER TABLE identity_providers ADD COLUMN mapping_resources text[] NOT NULL DEFAULT '{}';
ALTER TABLE identity_providers ADD CONSTRAINT mappings_are_whole CHECK (
  cardinality(mapping_claims) = cardinality(mapping_values) AND cardinality(mapping_claims) = cardinality(mapping_roles)
  AND cardinality(mapping_claims) = cardinality(mapping_resources));
GRANT UPDATE (mapping_claims, mapping_values, mapping_roles, mapping_resources) ON identity_providers TO identity_app;

-- When the token was issued that gave a person the present roles: an older one must not bring former ones back.
ALTER TABLE external_identities ADD COLUMN claims_time timestamptz NOT NULL DEFAULT '-infinity';
GRANT UPDATE (claims_time) ON external_identities TO identity_app;

-- The bindings that claims made have the issuer as their origin, which no resource is.
CREATE INDEX bindings_mapped ON bindings (origin) WHERE origin LIKE 'https://%';
