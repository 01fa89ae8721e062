-- The names of time zones that the database knows. pg_timezone_names reads some 600 files each time (55 ms), which is too
-- much for a request. After an update of the server's tzdata: REFRESH MATERIALIZED VIEW time_zones.

CREATE MATERIALIZED VIEW time_zones AS
    SELECT name FROM pg_timezone_names WHERE name NOT LIKE 'posix%' AND name <> 'localtime';
CREATE UNIQUE INDEX time_zones_by_name ON time_zones (name);
