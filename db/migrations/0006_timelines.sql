-- The first revision that was made on each timeline of each database server. Until then, a timeline continued the one
-- before. So a consistency token of an earlier timeline still says whether its change is in this database.
CREATE TABLE timelines (
  system_identifier bigint NOT NULL,
  timeline bigint NOT NULL,
  first_revision bigint NOT NULL,
  PRIMARY KEY (system_identifier, timeline)
);
GRANT SELECT ON timelines TO identity_app;

-- The database does it, so servers of the version before and later migrations cannot forget it.
CREATE FUNCTION remember_timeline() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp
AS $$
BEGIN
  INSERT INTO timelines (system_identifier, timeline, first_revision)
    SELECT system_identifier, ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint, NEW.value
      FROM pg_control_system()
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION remember_timeline() FROM PUBLIC;
CREATE TRIGGER remember_timeline AFTER UPDATE ON revision FOR EACH ROW EXECUTE FUNCTION remember_timeline();
