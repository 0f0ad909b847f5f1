-- What a replica that starts reads: which sessions were revoked lately.
CREATE INDEX sessions_revoke ON sessions (revoke_time) WHERE revoke_time IS NOT NULL;
