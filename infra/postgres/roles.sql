-- The roles of a MiniGram server; safe to repeat. ${UPPER_CASE} is filled in at start.
-- The site owns its database and nothing else.
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
-- The site watches the lag of its replicas.
GRANT pg_monitor TO minigram;
-- manage.py keeper sets which replicas must have a write before it is acknowledged; nothing else.
GRANT ALTER SYSTEM ON PARAMETER synchronous_standby_names TO minigram;
GRANT EXECUTE ON FUNCTION pg_reload_conf() TO minigram;
