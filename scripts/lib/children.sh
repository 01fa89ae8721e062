# shellcheck shell=bash
# Programs that a script starts, watches and stops. Needs say.sh.
# Each child is the leader of a session of its own, so that Ctrl-C in a terminal reaches the script alone and it can stop
# them in order. The kernel stops them when the script itself is killed.

declare -A CHILD_PID=() CHILD_LOG=() CHILD_SIGNAL=() CHILD_GRACE=()
CHILDREN=() # in the order of their start

# child_start NAME LOG SIGNAL GRACE_S COMMAND…: SIGNAL asks it to stop; after GRACE_S seconds it is killed.
# CHILD_ACCOUNT, when set, is who runs it.
child_start() {
    local name=$1 log=$2 signal=$3 grace=$4
    local -a as=(setsid setpriv --pdeathsig "$signal")
    shift 4
    [[ -z ${CHILD_ACCOUNT-} ]] ||
        as+=(--reuid "$CHILD_ACCOUNT" --regid "$(id -g "$CHILD_ACCOUNT")" --init-groups)
    log_shorten "$log"
    "${as[@]}" -- "$@" >>"$log" 2>&1 </dev/null &
    CHILD_PID[$name]=$! CHILD_LOG[$name]=$log CHILD_SIGNAL[$name]=$signal CHILD_GRACE[$name]=$grace
    CHILDREN+=("$name")
}

# A log of more than 20 MB begins anew at the next start; the old one is kept beside it.
log_shorten() {
    [[ ! -f $1 ]] || (($(stat -c %s "$1") < 20000000)) || mv "$1" "$1.old"
}

child_alive() { kill -0 "${CHILD_PID[$1]}" 2>/dev/null; }

# children_check: exits with words when one of them has died.
children_check() {
    local name
    for name in "${CHILDREN[@]}"; do
        child_alive "$name" || child_died "$name"
    done
}

# child_died NAME [STATUS]
child_died() {
    local status=${2-0}
    [[ -n ${2-} ]] || wait "${CHILD_PID[$1]}" 2>/dev/null || status=$?
    {
        say "$1 ended by itself ($(status_words "$status")); the last lines of ${CHILD_LOG[$1]}:"
        tail -n 20 "${CHILD_LOG[$1]}" | sed 's/^/    /'
        say_cause "${CHILD_LOG[$1]}"
    } >&2
    die "$1 is not running"
}

status_words() {
    if (($1 > 128)); then say "signal $(kill -l "$1")"; else say "exit status $1"; fi
}

# children_wait: until one of them dies. A trapped signal ends the wait.
children_wait() {
    local dead='' name status=0
    wait -n -p dead "${CHILD_PID[@]}" || status=$?
    [[ -n $dead ]] || return 0
    for name in "${CHILDREN[@]}"; do
        [[ ${CHILD_PID[$name]} != "$dead" ]] || child_died "$name" "$status"
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
