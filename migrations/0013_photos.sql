-- Training photos. Only those that may be used have a row; what was refused is said once, in the answer.

CREATE TABLE photos (
    id uuid PRIMARY KEY, -- version 7: in the order of their coming
    avatar_id uuid NOT NULL REFERENCES avatars ON DELETE CASCADE,
    user_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('valid', 'warning')),
    code text, -- of a warning: the gravest
    file_name text NOT NULL DEFAULT '' CHECK (char_length(file_name) <= 200),
    file_hash bytea NOT NULL CHECK (length(file_hash) = 16), -- MD5 of what was sent
    file_size integer NOT NULL CHECK (file_size > 0),        -- of what was sent
    look bigint NOT NULL, -- perceptual hash, 64 bits
    width integer NOT NULL, -- as sent, upright
    height integer NOT NULL,
    object_key text NOT NULL, -- of the clean JPEG in the bucket of photos; its thumbnail stands beside it
    bytes integer NOT NULL,   -- of that JPEG
    placeholder bytea NOT NULL, -- ThumbHash
    face_count smallint,      -- NULL: nobody looked for faces
    face_share real,          -- height of the largest face to that of the picture; NULL: no face
    sharpness real NOT NULL,  -- log10 of the variance of a Laplacian
    brightness real NOT NULL, -- mean of the luma, 0 to 255
    quality real NOT NULL CHECK (quality BETWEEN 0 AND 1),
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((status = 'warning') = (code IS NOT NULL)),
    UNIQUE (avatar_id, file_hash)
);
CREATE INDEX photos_of_avatar ON photos (user_id, avatar_id, id);

-- Objects that nothing refers to any more, from when they are due: faces are private, so those are due at once. Written
-- in the transaction that takes the reference away; a sweep deletes the object, then the row.
CREATE TABLE object_trash (
    bucket text NOT NULL,
    object_key text NOT NULL,
    due_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bucket, object_key)
);
CREATE INDEX object_trash_due ON object_trash (due_at);

CREATE FUNCTION photo_throw_away(VARIADIC keys text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO object_trash (bucket, object_key) SELECT 'aisha-v2-photos', unnest(keys) ON CONFLICT DO NOTHING
$$;

-- The thumbnail of a photo stands beside it.
CREATE FUNCTION photo_small_key(jpeg_key text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(jpeg_key, '\.jpg$', '_small.webp')
$$;

CREATE FUNCTION photo_upload_key(avatar uuid, upload uuid) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'incoming/' || avatar || '/' || upload || '.bin'
$$;

-- Photos on their way straight to the bucket, until they are judged. Their objects: incoming/{avatar}/{id}.bin
CREATE TABLE photo_uploads (
    id uuid PRIMARY KEY,
    avatar_id uuid NOT NULL REFERENCES avatars ON DELETE CASCADE,
    file_name text NOT NULL DEFAULT '' CHECK (char_length(file_name) <= 200),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX photo_uploads_of_avatar ON photo_uploads (avatar_id);

-- How many an avatar has is kept with it; its version and its event follow from that: one for all photos of a statement.
CREATE FUNCTION photos_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE avatars SET photos_count = photos_count + n, usable_photos = usable_photos + n, updated_at = now()
        FROM (SELECT avatar_id, count(*)::smallint AS n FROM come GROUP BY avatar_id) c WHERE id = avatar_id;
    RETURN NULL;
END $$;
CREATE TRIGGER added AFTER INSERT ON photos REFERENCING NEW TABLE AS come FOR EACH STATEMENT
    EXECUTE FUNCTION photos_added();

CREATE FUNCTION photos_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM photo_throw_away(object_key, photo_small_key(object_key)) FROM gone;
    UPDATE avatars SET photos_count = photos_count - n, usable_photos = usable_photos - n, updated_at = now()
        FROM (SELECT avatar_id, count(*)::smallint AS n FROM gone GROUP BY avatar_id) g
        WHERE id = avatar_id AND deleted_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER removed AFTER DELETE ON photos REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION photos_removed();

-- Of a deleted avatar nothing is kept that shows a face.
CREATE FUNCTION photos_of_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM photos WHERE avatar_id = NEW.id AND user_id = NEW.user_id;
    PERFORM photo_throw_away(photo_upload_key(avatar_id, id)) FROM photo_uploads WHERE avatar_id = NEW.id;
    DELETE FROM photo_uploads WHERE avatar_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER photos_gone AFTER UPDATE OF deleted_at ON avatars FOR EACH ROW
    WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION photos_of_deleted();

-- What of a request's photos became of it: 'added', 'duplicate', 'limit_reached', 'training', 'gone', in their order.
-- The objects of those that were not added are thrown away, and so are the uploads that they came from.
CREATE FUNCTION photos_add(owner uuid, chosen uuid, given jsonb, most integer, spent uuid[])
RETURNS TABLE (photo uuid, outcome text) LANGUAGE plpgsql AS $$
DECLARE
    is_now text;
    room bigint;
BEGIN
    SELECT a.status INTO is_now FROM avatars a WHERE a.id = chosen AND a.user_id = owner AND a.deleted_at IS NULL
        FOR NO KEY UPDATE;
    SELECT most - count(*) INTO room FROM photos p WHERE p.user_id = owner AND p.avatar_id = chosen;
    RETURN QUERY WITH asked AS MATERIALIZED (
        SELECT * FROM ROWS FROM (jsonb_to_recordset(given) AS (id uuid, status text, code text, file_name text,
            file_hash bytea, file_size integer, look bigint, width integer, height integer, object_key text,
            bytes integer, placeholder bytea, face_count smallint, face_share real, sharpness real, brightness real,
            quality real)) WITH ORDINALITY AS t (id, status, code, file_name, file_hash, file_size, look, width, height,
            object_key, bytes, placeholder, face_count, face_share, sharpness, brightness, quality, n)
    ), fresh AS (
        SELECT a.*, row_number() OVER (ORDER BY a.n) AS place FROM asked a WHERE is_now <> 'training' AND NOT EXISTS (
            SELECT FROM photos p WHERE p.avatar_id = chosen AND p.file_hash = a.file_hash)
    ), made AS (
        INSERT INTO photos (id, avatar_id, user_id, status, code, file_name, file_hash, file_size, look, width, height,
            object_key, bytes, placeholder, face_count, face_share, sharpness, brightness, quality)
            SELECT f.id, chosen, owner, f.status, f.code, f.file_name, f.file_hash, f.file_size, f.look, f.width,
                f.height, f.object_key, f.bytes, f.placeholder, f.face_count, f.face_share, f.sharpness, f.brightness,
                f.quality FROM fresh f WHERE f.place <= room ORDER BY f.n
            RETURNING photos.id
    ), thrown AS (
        SELECT photo_throw_away(a.object_key, photo_small_key(a.object_key)) FROM asked a WHERE a.id NOT IN (SELECT m.id FROM made m)
    )
    SELECT a.id, CASE WHEN is_now IS NULL THEN 'gone' WHEN is_now = 'training' THEN 'training'
        WHEN a.id IN (SELECT m.id FROM made m) THEN 'added'
        WHEN a.id IN (SELECT f.id FROM fresh f) THEN 'limit_reached' ELSE 'duplicate' END
        FROM asked a, (SELECT count(*) FROM thrown) done ORDER BY a.n;
    PERFORM photo_throw_away(photo_upload_key(chosen, u.id)) FROM photo_uploads u
        WHERE u.id = ANY (spent) AND u.avatar_id = chosen;
    DELETE FROM photo_uploads u WHERE u.id = ANY (spent) AND u.avatar_id = chosen;
END $$;

-- 'open', 'full', 'training', 'gone'. What was opened two hours ago gives way: its address ended after one.
CREATE FUNCTION photo_upload_open(owner uuid, chosen uuid, new_id uuid, name text, most integer) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE is_now text;
BEGIN
    SELECT a.status INTO is_now FROM avatars a WHERE a.id = chosen AND a.user_id = owner AND a.deleted_at IS NULL
        FOR NO KEY UPDATE;
    IF is_now IS NULL OR is_now = 'training' THEN
        RETURN coalesce(is_now, 'gone');
    END IF;
    PERFORM photo_throw_away(photo_upload_key(u.avatar_id, u.id)) FROM photo_uploads u
        WHERE u.avatar_id = chosen AND u.created_at < now() - interval '2 hours';
    DELETE FROM photo_uploads u WHERE u.avatar_id = chosen AND u.created_at < now() - interval '2 hours';
    IF (SELECT count(*) FROM photo_uploads WHERE avatar_id = chosen) >= most THEN
        RETURN 'full';
    END IF;
    INSERT INTO photo_uploads (id, avatar_id, file_name) VALUES (new_id, chosen, name);
    RETURN 'open';
END $$;

-- 'removed', 'training', 'gone'
CREATE FUNCTION photo_remove(owner uuid, chosen uuid, photo uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE is_now text;
BEGIN
    SELECT a.status INTO is_now FROM avatars a WHERE a.id = chosen AND a.user_id = owner AND a.deleted_at IS NULL
        FOR NO KEY UPDATE;
    IF is_now = 'training' AND EXISTS (SELECT FROM photos p WHERE p.id = photo AND p.avatar_id = chosen) THEN
        RETURN 'training';
    END IF;
    DELETE FROM photos p WHERE p.id = photo AND p.avatar_id = chosen AND p.user_id = owner AND is_now <> 'training';
    RETURN CASE WHEN FOUND THEN 'removed' ELSE 'gone' END;
END $$;
