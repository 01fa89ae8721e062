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

-- How many an avatar has is kept with it; its version and its event follow from that.
CREATE FUNCTION photos_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE step smallint := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    UPDATE avatars SET photos_count = photos_count + step, usable_photos = usable_photos + step, updated_at = now()
        WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.avatar_id ELSE OLD.avatar_id END;
    RETURN NULL;
END $$;
CREATE TRIGGER counted AFTER INSERT OR DELETE ON photos FOR EACH ROW EXECUTE FUNCTION photos_counted();
