-- Avatars have versions as generations do, and every change of an avatar or a picture writes its event, whoever makes
-- it: what a user's streams are told does not hang on the statement that brings it about.

ALTER TABLE avatars ADD version integer NOT NULL DEFAULT 1; -- grows with every change that a client may see

CREATE FUNCTION avatar_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM event_add(NEW.user_id, 'avatar', NEW.id, 'created', NEW.status, NEW.version, NEW.training_progress);
    RETURN NULL;
END $$;
CREATE TRIGGER made AFTER INSERT ON avatars FOR EACH ROW EXECUTE FUNCTION avatar_made();

CREATE FUNCTION avatar_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    PERFORM event_add(NEW.user_id, 'avatar', NEW.id,
        CASE WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN 'deleted' ELSE 'updated' END,
        NEW.status, NEW.version, NEW.training_progress);
    RETURN NEW;
END $$;
CREATE TRIGGER changed BEFORE UPDATE ON avatars FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION avatar_changed();

-- A picture has no versions: it comes, is called otherwise, goes into the trash, and comes back.
CREATE FUNCTION image_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM event_add(NEW.user_id, 'image', NEW.id,
        CASE WHEN NEW.deleted_at IS NOT NULL AND OLD.deleted_at IS NULL THEN 'deleted'
             WHEN TG_OP = 'INSERT' OR (NEW.deleted_at IS NULL AND OLD.deleted_at IS NOT NULL) THEN 'created'
             ELSE 'updated' END, NULL, NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER made AFTER INSERT ON images FOR EACH ROW EXECUTE FUNCTION image_changed();
CREATE TRIGGER changed AFTER UPDATE ON images FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION image_changed();

-- What waits on a worker's own disk is looked up by the picture's id.
CREATE INDEX generation_outputs_image ON generation_outputs (image_id);
