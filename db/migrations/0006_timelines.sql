-- The first revision that was made on each timeline of each database server. Until then, a timeline continued the one
-- before. So a consistency token of an earlier timeline still says whether its change is in this database.
CREATE TABLE timelines (
  system_identifier bigint NOT NULL,
  timeline bigint NOT NULL,
  first_revision bigint NOT NULL,
  PRIMARY KEY (system_identifier, timeline)
);
GRANT SELECT, INSERT ON timelines TO identity_app;
