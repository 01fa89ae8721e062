-- Styles: those that users saved for themselves, and which ones they like. The shipped ones are files; their names stand
-- in generations.template_id as the ids of own ones do.

CREATE TABLE own_styles (
    id uuid PRIMARY KEY, -- version 7
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 64),
    prompt text NOT NULL CHECK (char_length(prompt) BETWEEN 1 AND 1000),
    preset text NOT NULL CHECK (char_length(preset) BETWEEN 1 AND 23),
    tags text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 8 AND array_position(tags, NULL) IS NULL),
    image_id uuid, -- the picture that it was made from; it may be gone
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX own_styles_of_user ON own_styles (user_id, id);

CREATE TABLE style_favorites (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    template_id text NOT NULL CHECK (char_length(template_id) BETWEEN 1 AND 39),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, template_id)
);

-- What caches hold of either is known by users.taste.
CREATE FUNCTION styles_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM taste_changed(OLD.user_id);
    ELSE
        PERFORM taste_changed(NEW.user_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER own_styles_changed AFTER INSERT OR UPDATE OR DELETE ON own_styles
    FOR EACH ROW EXECUTE FUNCTION styles_changed();
CREATE TRIGGER style_favorites_changed AFTER INSERT OR UPDATE OR DELETE ON style_favorites
    FOR EACH ROW EXECUTE FUNCTION styles_changed();

-- A style that is deleted is nobody's favourite any more.
CREATE FUNCTION own_style_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM style_favorites WHERE user_id = OLD.user_id AND template_id = OLD.id::text;
    RETURN NULL;
END $$;
CREATE TRIGGER own_style_gone AFTER DELETE ON own_styles FOR EACH ROW EXECUTE FUNCTION own_style_gone();

-- How many somebody has saved, decided under the user's lock.
CREATE FUNCTION own_styles_lock(owner uuid, OUT taken bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM users WHERE id = owner FOR NO KEY UPDATE;
    SELECT count(*) INTO taken FROM own_styles WHERE user_id = owner;
END $$;
