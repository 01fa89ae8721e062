-- 400,000 pictures in the table: 200 of the user under test (:user), 200,000 of one who collects (token ais_collector), the
-- others of 999 neighbours.
INSERT INTO users (id, name) SELECT gen_random_uuid(), 'neighbour ' || n FROM generate_series(1, 1000) n;
SELECT count(account_open(id, 1000000000)) FROM users;
INSERT INTO avatars (id, user_id, name, gender, training_type, status, trigger_text, lora_url, is_main)
    SELECT gen_random_uuid(), id, 'A', 'other', 'portrait', 'completed', 'TOK', 'https://v3.fal.media/files/x.safetensors', true
    FROM users WHERE name LIKE 'neighbour%';
CREATE TEMP TABLE owners AS SELECT user_id, id AS avatar_id, row_number() OVER () AS n FROM avatars WHERE is_main AND user_id <> :'user';
-- The neighbours create generations: nobody reaches the limit of unfinished ones.
INSERT INTO api_tokens (id, user_id, sha256, name, scopes) SELECT gen_random_uuid(), user_id, sha256(('ais_bench' || n)::bytea), 'bench', 7 FROM owners;
CREATE FUNCTION pg_temp.id_at(g integer, what text) RETURNS uuid LANGUAGE sql AS $$ SELECT (lpad(to_hex(
    (extract(epoch FROM now() - interval '2 hours') * 1000)::bigint + g * 10), 12, '0') || '7' || substr(md5(g || what), 1, 3) ||
    '8' || substr(md5(g || what), 5, 15))::uuid $$;
CREATE TEMP TABLE plan AS SELECT g, CASE WHEN g % 1000 = 0 THEN :'user'::uuid ELSE o.user_id END AS user_id,
    CASE WHEN g % 1000 = 0 THEN (SELECT id FROM avatars WHERE user_id = :'user' AND is_main) ELSE o.avatar_id END AS avatar_id,
    pg_temp.id_at(g, 'n') AS id FROM generate_series(1, 200000) g JOIN owners o ON o.n = 1 + g % 999;
INSERT INTO plan SELECT g, user_id, avatar_id, pg_temp.id_at(g, 'c') FROM generate_series(1, 200000) g, owners WHERE n = 1000;
UPDATE api_tokens SET sha256 = sha256('ais_collector') WHERE user_id = (SELECT user_id FROM owners WHERE n = 1000);
INSERT INTO generations (id, user_id, avatar_id, status, prompt, final_prompt, preset, endpoint, num_images, parameters, input, cost, expected_seconds, finished_at, charged)
    SELECT id, user_id, avatar_id, 'completed', 'Портрет у окна, мягкий утренний свет, плёнка, номер ' || g, 'TOK портрет', 'balanced', 'fal-ai/flux-lora', 1, '{}', '{}', 4, 35, now(), 4 FROM plan;
INSERT INTO images (id, user_id, generation_id, position, avatar_id, object_key, content_type, width, height, bytes, sha256, placeholder, prompt, preset, endpoint, seed, has_nsfw_content)
    SELECT id, user_id, id, 0, avatar_id, '2026/01/31/' || id || '.jpg', 'image/jpeg', 1024, 1024, 180000, sha256(id::text::bytea), substr(sha256(id::text::bytea), 1, 24),
    'Портрет у окна, мягкий утренний свет, плёнка, номер ' || g, 'balanced', 'fal-ai/flux-lora', g, false FROM plan;
SELECT user_counts_rebuild();
VACUUM (ANALYZE) users, avatars, generations, images;
