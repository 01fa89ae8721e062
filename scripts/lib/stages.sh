# shellcheck shell=bash
# The stages of scripts/test: each runs as a process of its own (scripts/test --stage NAME) with its output in a log.
# Needs say.sh, build.sh, limit.sh, ahead.sh; `root`, `logs`, ALL and NEEDS of scripts/test.
# shellcheck disable=SC2154 # those four

STAGE_SECONDS=${STAGE_SECONDS:-900} # the longest takes a third of it; installing packages may take more
TEST_SECONDS=${TEST_SECONDS:-3600}  # after that no further stage begins

# stages_wanted [NAME…]: all, or these and before each what it needs; nothing at all when one is unknown.
stages_wanted() {
    local name list=' '
    (($#)) || set -- "${ALL[@]}"
    for name in "$@"; do
        [[ " ${ALL[*]} " == *" $name "* ]] || return 0
        [[ -z ${NEEDS[$name]-} || $list == *" ${NEEDS[$name]} "* ]] || list+="${NEEDS[$name]} "
        [[ $list == *" $name "* ]] || list+="$name "
    done
    # shellcheck disable=SC2086 # one word per stage
    printf '%s\n' $list
}

# count PASSED FAILED: what the stage has counted; a stage that counts nothing is one check.
count() { printf '%s %s\n' "$1" "$2" >"$logs/$name.count"; }

# build_here PRESET: all of it, warnings are errors; says only what is wrong, without the compilers' command lines.
build_here() {
    build_lock "$1"
    cmake --preset "$1" -DWARNINGS_ARE_ERRORS=ON >"$logs/cmake-$1.log" || { cat "$logs/cmake-$1.log" && return 1; }
    ninja -C "build/$1" --quiet -k 0 -j "$(nproc)" | sed -E '\,^(/[^ ]*/)?(cc|gcc|clang-14) ,d'
}

STAGE_PID=''
stages_stop() {
    ahead_end
    [[ -z $STAGE_PID ]] || kill -s TERM -- "-$STAGE_PID" 2>/dev/null || true
}

stages_run() {
    local stage passed=0 failed=0 broken=' ' why
    for stage in "$@"; do
        why=''
        ((SECONDS < TEST_SECONDS)) || why="the tests have taken longer than $TEST_SECONDS s"
        [[ $broken != *" ${NEEDS[$stage]:-none} "* ]] || why="${NEEDS[$stage]} failed"
        if [[ -n $why ]]; then
            printf '%-8s not run: %s\n' "$stage" "$why"
            failed=$((failed + 1))
            continue
        fi
        ahead_before "$stage" "$@"
        run_stage "$stage" || broken+="$stage "
        ahead_after "$stage"
        [[ $stage != setup || $broken == ' ' ]] || die "the set-up failed"
    done
    say "$passed passed, $failed failed"
    ((failed == 0))
}

# Runs one stage, prints its line, adds to `passed` and `failed` of stages_run.
run_stage() {
    local stage=$1 log=$logs/$1.log status=0 good=0 bad=0 start=${EPOCHREALTIME/./} tenths limit=$STAGE_SECONDS
    [[ $stage != setup ]] || limit=$((2 * STAGE_SECONDS))
    rm -f "$logs/$stage.count" "$log"
    printf '%-8s ' "$stage"
    setsid "$root/scripts/test" --stage "$stage" >>"$log" 2>&1 </dev/null &
    STAGE_PID=$!
    await_within "$STAGE_PID" "$limit" >>"$log" || status=$?
    STAGE_PID=''
    [[ ! -s $logs/$stage.count ]] || read -r good bad <"$logs/$stage.count"
    ((status == 0 || bad > 0)) || bad=1
    ((good + bad > 0)) || good=1
    passed=$((passed + good)) failed=$((failed + bad))
    tenths=$(((${EPOCHREALTIME/./} - start) / 100000))
    printf '%4d passed, %d failed  %4d.%d s\n' "$good" "$bad" $((tenths / 10)) $((tenths % 10))
    ((bad == 0)) && return
    tail -n "${TEST_LOG_LINES:-80}" "$log" | sed 's/^/    /'
    say "    the whole log: $log"
    return 1
}
