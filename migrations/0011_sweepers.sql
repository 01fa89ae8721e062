-- Workers that die with a job again and again, one process that looks after what others left, and what it has found.

ALTER TABLE jobs ADD crashes integer NOT NULL DEFAULT 0; -- workers that died with it, in a row
ALTER TABLE workers ADD host text NOT NULL DEFAULT '', ADD pid integer NOT NULL DEFAULT 0;

CREATE TABLE leaders (
    name text PRIMARY KEY,
    holder uuid NOT NULL, -- one for every run of a process
    epoch integer NOT NULL DEFAULT 1, -- grows with every change of hands
    until timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE sweeps (
    name text PRIMARY KEY,
    place text NOT NULL DEFAULT '', -- where the next look begins
    found bigint NOT NULL DEFAULT 0,
    mended bigint NOT NULL DEFAULT 0,
    last_found timestamptz,
    looked_at timestamptz
) WITH (fillfactor = 50);
