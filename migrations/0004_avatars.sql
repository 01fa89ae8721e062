-- One main avatar per user, always, and no more avatars than allowed. What decides about that must see all avatars of
-- the user: a statement sees what was committed when it began, not what it then had to wait for. In these functions
-- each statement begins anew, behind the lock of the user's row.

CREATE FUNCTION avatars_lock(owner uuid, OUT taken bigint, OUT has_main boolean) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM users WHERE id = owner FOR NO KEY UPDATE;
    SELECT count(*), coalesce(bool_or(is_main), false) INTO taken, has_main
        FROM avatars WHERE user_id = owner AND deleted_at IS NULL;
END $$;

-- Makes it the main one, with other changes on the way: new_name NULL is the old one, new_scale counts when with_scale.
-- The avatars that changed; none: there is no such avatar, or it is not completed.
CREATE FUNCTION avatar_make_main(owner uuid, chosen uuid, new_name text, with_scale boolean, new_scale double precision)
RETURNS SETOF avatars LANGUAGE plpgsql AS $$
BEGIN
    PERFORM avatars_lock(owner);
    PERFORM FROM avatars WHERE id = chosen AND user_id = owner AND status = 'completed' AND deleted_at IS NULL
        FOR NO KEY UPDATE;
    IF FOUND THEN
        RETURN QUERY UPDATE avatars SET is_main = false, updated_at = now()
            WHERE user_id = owner AND is_main AND id <> chosen RETURNING *;
        RETURN QUERY UPDATE avatars SET is_main = true, name = coalesce(new_name, name),
            default_lora_scale = CASE WHEN with_scale THEN new_scale ELSE default_lora_scale END, updated_at = now()
            WHERE id = chosen RETURNING *;
    END IF;
END $$;

-- The avatars that changed: the deleted one, and the main one that takes its place; none: there is no such avatar, or
-- it has unfinished generations. Where its model is stays known: a generation may just have been accepted.
CREATE FUNCTION avatar_delete(owner uuid, chosen uuid) RETURNS SETOF avatars LANGUAGE plpgsql AS $$
BEGIN
    PERFORM avatars_lock(owner);
    RETURN QUERY UPDATE avatars SET is_main = false, deleted_at = now(), updated_at = now()
        WHERE id = chosen AND user_id = owner AND deleted_at IS NULL AND NOT EXISTS (SELECT FROM generations
            WHERE user_id = owner AND avatar_id = chosen AND status NOT IN ('completed', 'failed', 'cancelled')) RETURNING *;
    IF FOUND AND NOT EXISTS (SELECT FROM avatars WHERE user_id = owner AND is_main) THEN
        RETURN QUERY UPDATE avatars SET is_main = true, updated_at = now() WHERE id = (SELECT id FROM avatars
            WHERE user_id = owner AND status = 'completed' AND deleted_at IS NULL ORDER BY id DESC LIMIT 1) RETURNING *;
    END IF;
END $$;
