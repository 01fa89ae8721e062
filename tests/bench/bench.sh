#!/usr/bin/env bash
# Figures of the release build on this machine: requests per second and CPU per request, beside a bare libh2o and
# pgbench of the same statements. Run by hand: scripts/with-postgres tests/bench/bench.sh [SECONDS] [ROUNDS]
# BUILD names another build than build/release.
# Needs wrk and pgbench. The cluster of with-postgres does not sync to disk: writes cost more on a real one.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-3} rounds=${2:-3}
build=${BUILD:-build/release} work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

free_port() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }
read -ra flags <<<"$(pkg-config --cflags --libs libh2o libuv)"
cc -O2 -DH2O_USE_LIBUV=1 tests/bench/hello.c -o "$work/hello" "${flags[@]}" -lssl -lcrypto

port=$(free_port) hello_port=$(free_port) sim_port=$(free_port)
export SECRET_KEY=bench-bench-bench-bench-bench-bench-bench LISTEN=127.0.0.1:$port OBJECTS_DIR=$work/objects AISHA_ROOT=.
export AVATAR_TEST_MODE=true FALSIM_URL=http://127.0.0.1:$sim_port LOG_LEVEL=warn HTTP_THREADS=${HTTP_THREADS:-1}
"$build/aisha" migrate >/dev/null 2>&1
"$build/aisha" demo >"$work/demo.json"
user=$(jq -r .user_id "$work/demo.json")
TOKEN=$(jq -r .api_token "$work/demo.json")
psql -q -v user="$user" -f tests/bench/seed.sql "$DATABASE_URL"

began=$(date +%s%N)
"$build/aisha" serve --roles http 2>"$work/aisha.log" & server=$!; pids+=("$server")
until curl -sf "http://127.0.0.1:$port/health/ready" >/dev/null; do :; done
echo "start to ready: $((($(date +%s%N) - began) / 1000000)) ms; RSS idle: $(awk '/VmRSS/{print $2}' /proc/$server/status) KB"
"$work/hello" "$hello_port" & hello=$!; pids+=("$hello")

ticks() { awk '{print $14+$15}' "/proc/$1/stat" 2>/dev/null || echo 0; }
postgres_ticks() { # of the cluster: the postmaster's living children and the dead ones it has counted
  local sum=0 pid
  for pid in $(pgrep -P "$POSTGRES_PID") "$POSTGRES_PID"; do sum=$((sum + $(ticks "$pid"))); done
  echo $((sum + $(awk '{print $16+$17}' "/proc/$POSTGRES_PID/stat")))
}
hz=$(getconf CLK_TCK)
load() { # name, pid, connections, url, wrk options…
  local name=$1 pid=$2 connections=$3 url=$4; shift 4
  local s0 p0 out requests s1 p1
  s0=$(ticks "$pid"); p0=$(postgres_ticks)
  out=$(wrk -t1 -c"$connections" -d"${seconds}s" --latency "$@" "$url")
  s1=$(ticks "$pid"); p1=$(postgres_ticks)
  requests=$(awk '/requests in/{print $1}' <<<"$out")
  awk -v n="$name" -v c="$connections" -v r="$requests" -v s=$((s1 - s0)) -v p=$((p1 - p0)) -v hz="$hz" -v t="$seconds" \
    -v p99="$(awk '/99%/{print $2}' <<<"$out")" -v bad="$(awk '/Non-2xx/{print $NF}' <<<"$out")" \
    'BEGIN{printf "%-28s c=%-4d %8.0f req/s  server %6.1f us  postgres %6.1f us  sum %6.1f us  p99 %s%s\n", n, c, r/t, s/hz*1e6/r, p/hz*1e6/r, (s+p)/hz*1e6/r, p99, bad?"  NON-2XX "bad:""}'
}
# The two statements of the list alone, by PostgreSQL's own client.
cat >"$work/list.sql" <<SQL
SELECT t.id, t.scopes, u.id, u.locale FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE t.sha256 = sha256('$TOKEN'::bytea) AND t.revoked_at IS NULL;
SELECT id, generation_id, avatar_id, object_key, content_type, width, height, bytes, seed, placeholder, prompt, preset, endpoint, custom_name, is_favorite, has_nsfw_content, created_at FROM images WHERE user_id = '$user' AND id < 'ffffffff-ffff-ffff-ffff-ffffffffffff' AND deleted_at IS NULL ORDER BY id DESC LIMIT 25;
SQL
pgbench_list() {
  local p0 p1 out tps
  p0=$(postgres_ticks)
  out=$(pgbench -n -M prepared -c 8 -j 1 -T "$seconds" -f "$work/list.sql" "$DATABASE_URL" 2>&1)
  p1=$(postgres_ticks)
  tps=$(awk '/^tps/{print $3}' <<<"$out")
  awk -v t="$tps" -v p=$((p1 - p0)) -v hz="$hz" -v s="$seconds" \
    'BEGIN{printf "%-28s c=8    %8.0f req/s                     postgres %6.1f us\n", "pgbench of its statements", t, p/hz*1e6/(t*s)}'
}
# What a POST writes at the least, by PostgreSQL's own client: a row and its idempotency key or place in the queue, one commit.
cat >"$work/post.sql" <<SQL
BEGIN;
INSERT INTO bench_wishes (prompt) VALUES ('on a balcony in the evening sun') RETURNING id \\gset
INSERT INTO bench_queue (id) VALUES (:id);
COMMIT;
SQL
psql -q "$DATABASE_URL" -c "CREATE TABLE bench_wishes (id bigserial PRIMARY KEY, prompt text); CREATE TABLE bench_queue (id bigint PRIMARY KEY)"
pgbench_post() {
  local p0 p1 tps
  p0=$(postgres_ticks)
  tps=$(pgbench -n -M prepared -c 8 -j 1 -T "$seconds" -f "$work/post.sql" "$DATABASE_URL" 2>&1 | awk '/^tps/{print $3}')
  p1=$(postgres_ticks)
  awk -v t="$tps" -v p=$((p1 - p0)) -v hz="$hz" -v s="$seconds" \
    'BEGIN{printf "%-28s c=8    %8.0f req/s                     postgres %6.1f us\n", "pgbench: two rows, one commit", t, p/hz*1e6/(t*s)}'
}
# A session, as a browser gets it: the link's page, its form, the cookie. curl keeps no Secure cookie of plain HTTP.
cookie_of() { awk -v name="$1" 'tolower($1) == "set-cookie:" && index($2, name "=") == 1 {sub(/;$/, "", $2); print $2}' "$2"; }
link=$(jq -r .sign_in_url "$work/demo.json")
link=http://127.0.0.1:$port/${link#*://*/}
curl -sf -D "$work/link.head" -o "$work/link.html" "$link"
nonce=$(sed -n 's/.*name="csrf_token" value="\([^"]*\)".*/\1/p' "$work/link.html")
curl -sf -o /dev/null -D "$work/session.head" -H "Cookie: $(cookie_of __Host-login "$work/link.head")" --data-urlencode "csrf_token=$nonce" "$link"
session=(-H "Cookie: $(cookie_of __Host-sid "$work/session.head")")
auth=(-H "Authorization: Bearer $TOKEN") collector=(-H "Authorization: Bearer ais_collector")
for ((round = 1; round <= rounds; round++)); do
  echo "-- round $round"
  load "bare libh2o" "$hello" 32 "http://127.0.0.1:$hello_port/"
  load "GET /health/live" "$server" 32 "http://127.0.0.1:$port/health/live"
  pgbench_list
  load "GET /images (24 of 200)" "$server" 32 "http://127.0.0.1:$port/api/v1/images" "${auth[@]}"
  load "GET /images (24 of 200)" "$server" 256 "http://127.0.0.1:$port/api/v1/images" "${auth[@]}"
  load "GET /generations (24 of 200)" "$server" 32 "http://127.0.0.1:$port/api/v1/generations" "${auth[@]}"
  load "GET /images (24 of 200,000)" "$server" 32 "http://127.0.0.1:$port/api/v1/images" "${collector[@]}"
  load "GET /generations (of 200,000)" "$server" 32 "http://127.0.0.1:$port/api/v1/generations" "${collector[@]}"
  load "GET /me/stats (of 200)" "$server" 32 "http://127.0.0.1:$port/api/v1/me/stats" "${auth[@]}"
  load "GET /me/stats (of 200,000)" "$server" 32 "http://127.0.0.1:$port/api/v1/me/stats" "${collector[@]}"
  load "GET /api/v1/images, session" "$server" 32 "http://127.0.0.1:$port/api/v1/images" "${session[@]}"
  load "page /images (24 of 200)" "$server" 32 "http://127.0.0.1:$port/images" "${session[@]}"
  pgbench_post
  load "POST /generations" "$server" 32 "http://127.0.0.1:$port/api/v1/generations" -s tests/bench/post.lua
  psql -q "$DATABASE_URL" -c "UPDATE generations SET status='cancelled', finished_at=now() WHERE status='pending'; TRUNCATE jobs, events"
done
grep -c . "$work/aisha.log" | sed 's/^/log lines at warn: /'
