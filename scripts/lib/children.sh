# shellcheck shell=bash
# Programs that a script starts, watches and stops. Needs say.sh.
# Each child is the leader of a session of its own, so that Ctrl-C in a terminal reaches the script alone and it can stop
# them in order. The kernel stops them when the script itself is killed.

declare -A CHILD_PID=() CHILD_LOG=() CHILD_FROM=() CHILD_SIGNAL=() CHILD_GRACE=()
CHILDREN=() # in the order of their start

# child_start NAME LOG SIGNAL GRACE_S COMMAND…: SIGNAL asks it to stop; after GRACE_S seconds it is killed.
# CHILD_ACCOUNT, when set, is who runs it.
child_start() {
    local name=$1 log=$2 signal=$3 grace=$4
    local -a as=(setsid setpriv --pdeathsig "$signal")
    shift 4
    [[ -z ${CHILD_ACCOUNT-} ]] ||
        as+=(--reuid "$CHILD_ACCOUNT" --regid "$(id -g "$CHILD_ACCOUNT")" --init-groups)
    log_begin "$name" "$log"
    "${as[@]}" -- "$@" >>"$log" 2>&1 </dev/null &
    CHILD_PID[$name]=$! CHILD_SIGNAL[$name]=$signal CHILD_GRACE[$name]=$grace
    CHILDREN+=("$name")
}

# log_begin NAME LOG: notes where this start begins in the log. One of more than 20 MB begins anew, the old one beside it.
log_begin() {
    local size
    size=$(stat -c %s "$2" 2>/dev/null) || size=0
    ((size < 20000000)) || { mv "$2" "$2.old" && size=0; }
    CHILD_LOG[$1]=$2 CHILD_FROM[$1]=$((size + 1))
}

# log_end NAME: the last lines since then, and what they usually mean.
log_end() {
    say "the last lines of ${CHILD_LOG[$1]}:"
    tail -c "+${CHILD_FROM[$1]}" "${CHILD_LOG[$1]}" | tail -n 20 | sed 's/^/    /'
    say_cause "${CHILD_LOG[$1]}"
}

child_alive() { kill -0 "${CHILD_PID[$1]}" 2>/dev/null; }

# children_check: exits with words when one of them has died.
children_check() {
    local name
    for name in "${CHILDREN[@]}"; do
        child_alive "$name" || child_died "$name"
    done
}

child_died() {
    local status=0
    wait "${CHILD_PID[$1]}" 2>/dev/null || status=$?
    {
        say "$1 ended by itself ($(status_words "$status"))"
        log_end "$1"
    } >&2
    die "$1 is not running"
}

status_words() {
    if (($1 > 128)); then say "signal $(kill -l "$1")"; else say "exit status $1"; fi
}

# children_wait: for ever, or until one of them dies. It looks twice a second: bash's `wait -n` misses a child that ended
# before it was called. A read that never gets anything is a sleep without a process, and a trapped signal ends it at once.
children_wait() {
    local never
    exec {never}<> <(:)
    while :; do
        children_check
        read -r -t 0.5 -u "$never" || true
    done
}

# child_await NAME SECONDS COMMAND…: until the command succeeds.
child_await() {
    local name=$1 limit=$((SECONDS + $2))
    shift 2
    until "$@"; do
        children_check
        ((SECONDS < limit)) || die "$name does not answer; its log is ${CHILD_LOG[$name]}"
        sleep 0.03
    done
}

child_stop() {
    local name=$1 pid=${CHILD_PID[$1]} tenths
    kill -s "${CHILD_SIGNAL[$name]}" "$pid" 2>/dev/null || return 0
    for ((tenths = CHILD_GRACE[$name] * 20; tenths > 0; tenths--)); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.05
    done
    say "$name did not stop within ${CHILD_GRACE[$name]} s; it is killed"
    kill -s KILL "$pid" 2>/dev/null || true
}

# children_stop: the last started first.
children_stop() {
    local i
    for ((i = ${#CHILDREN[@]} - 1; i >= 0; i--)); do
        child_stop "${CHILDREN[i]}"
    done
    CHILDREN=()
}

# in_front COMMAND…: runs it to its end; a signal to the script stops it, too (bash alone would first let it finish).
FRONT_PID=''
in_front() {
    local status=0
    setsid -- "$@" </dev/null &
    FRONT_PID=$!
    wait "$FRONT_PID" || status=$?
    FRONT_PID=''
    return "$status"
}
front_stop() {
    local tenths
    [[ -n $FRONT_PID ]] || return 0
    kill -s TERM -- "-$FRONT_PID" 2>/dev/null || return 0
    for ((tenths = 150; tenths > 0; tenths--)); do
        kill -0 -- "-$FRONT_PID" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -s KILL -- "-$FRONT_PID" 2>/dev/null || true
}
