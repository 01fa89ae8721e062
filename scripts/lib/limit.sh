# shellcheck shell=bash
# A limit on how long a part of the tests may take: what hangs is shown, ended with all it has started, and counted as
# failed. Needs say.sh.

# family PID: the processes of that session, and their descendants in sessions of their own; one pid a line.
family() {
    ps -e -o pid=,ppid=,sid= | awk -v leader="$1" '
        {parent[$1] = $2; session[$1] = $3}
        function belongs(pid, depth) {
            return pid == leader || session[pid] == leader || (depth < 50 && parent[pid] > 1 && belongs(parent[pid], depth + 1))
        }
        END {for (pid in parent) if (belongs(pid, 0)) print pid}'
}

# await_within PID SECONDS: waits for a child that leads a session. The child's status; 124 when it took longer: then it is
# gone with its family, and what they were at has been said.
await_within() {
    local end=$((SECONDS + $2))
    while kill -0 "$1" 2>/dev/null; do
        if ((SECONDS >= end)); then
            end_family "$1" "$2"
            wait "$1" || true
            return 124
        fi
        sleep 0.1
    done
    wait "$1"
}

# end_family PID SECONDS: says what runs there, and ends it.
end_family() {
    local -a pids
    mapfile -t pids < <(family "$1")
    say "took longer than $2 s; these were running (what the kernel waits for is the fourth column):"
    ps -o pid=,ppid=,stat=,wchan:20=,etimes=,args= -p "$(IFS=, && printf '%s' "${pids[*]}")" | cut -c 1-180
    kill -s TERM -- "${pids[@]}" 2>/dev/null || true
    sleep 2
    kill -s KILL -- "${pids[@]}" 2>/dev/null || true
}
