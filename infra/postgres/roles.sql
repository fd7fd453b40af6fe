-- Roles and rights of a MiniGram server, run as superuser inside the database "minigram" (rights on
-- functions belong to one database). Safe to repeat. ${UPPER_CASE} is filled in at start.
--     createdb minigram && envsubst < roles.sql | psql minigram
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'minigram') THEN
        CREATE ROLE minigram LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'replicator') THEN
        CREATE ROLE replicator LOGIN REPLICATION;
    END IF;
END
$$;
ALTER ROLE minigram PASSWORD '${DATABASE_PASSWORD}';
ALTER ROLE replicator PASSWORD '${REPLICATION_PASSWORD}';
-- The site owns its database and nothing else.
ALTER DATABASE minigram OWNER TO minigram;
-- What each statement costs: SELECT * FROM pg_stat_statements.
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
-- The site watches the lag of its replicas.
GRANT pg_monitor TO minigram;
-- manage.py keeper sets which replicas must have a write before it is acknowledged; nothing else.
GRANT ALTER SYSTEM ON PARAMETER synchronous_standby_names TO minigram;
GRANT EXECUTE ON FUNCTION pg_reload_conf() TO minigram;
