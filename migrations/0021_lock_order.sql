-- The end of a training locks its avatar before the account, as who renames or deletes an avatar does since names and
-- ends of avatars raise accounts.history (0015_versions.sql): users, avatars, account. The other way round each could
-- hold what the other waits for.

CREATE OR REPLACE FUNCTION training_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.progress := greatest(OLD.progress, NEW.progress); -- never backwards
    IF NEW.status IN ('completed', 'failed', 'cancelled') AND OLD.charged IS NULL THEN
        PERFORM FROM avatars WHERE id = NEW.avatar_id FOR NO KEY UPDATE;
        NEW.charged := training_settle(NEW);
        NEW.queue_position := NULL;
        IF NEW.status <> 'completed' THEN
            UPDATE avatars SET training_progress = CASE WHEN has.model THEN 100 ELSE 0 END, error_code = NEW.error_code,
                status = CASE WHEN has.model THEN 'completed' WHEN NEW.status = 'failed' THEN 'error' ELSE 'draft' END,
                updated_at = now() FROM (SELECT lora_url IS NOT NULL OR finetune_id IS NOT NULL AS model FROM avatars
                    WHERE id = NEW.avatar_id) has WHERE id = NEW.avatar_id AND status = 'training';
        END IF;
        IF OLD.status = 'storing' AND NEW.status <> 'completed' THEN -- what was stored of a model that nobody gets
            INSERT INTO object_trash (bucket, object_key) SELECT 'aisha-v2-models', NEW.avatar_id || '/' || NEW.id || ending
                FROM unnest(ARRAY['.safetensors', '.json']) ending ON CONFLICT DO NOTHING;
        END IF;
    ELSIF OLD.charged IS NULL THEN
        UPDATE avatars SET training_progress = NEW.progress, updated_at = now()
            WHERE id = NEW.avatar_id AND status = 'training';
    END IF;
    RETURN NEW;
END $$;
