# shellcheck shell=bash
# Words for the person at the terminal. Sourced by the scripts, never run.

say() { printf '%s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# What a failed command's output usually means, in words; nothing when it tells nothing.
say_cause() {
    local log=$1 text
    text=$(tail -n 60 "$log" 2>/dev/null) || return 0
    case $text in
    *'No space left on device'* | *'not enough free space'* | *ENOSPC*)
        say "cause: the disk is full:" && df -h "$(dirname "$log")" ;;
    *'Could not resolve'* | *'Temporary failure'* | *ENOTFOUND* | *EAI_AGAIN* | *ETIMEDOUT* | *ECONNREFUSED* | \
        *'Network is unreachable'* | *'Unable to connect'* | *'Cannot initiate the connection'*)
        say "cause: no network: a package server could not be reached" ;;
    *'Unable to locate package'* | *'has no installation candidate'*)
        say "cause: the package lists of this system do not have it; Debian 12 (bookworm, main) does" ;;
    *'Address already in use'* | *EADDRINUSE*) say "cause: the port is in use by another program" ;;
    *'Permission denied'* | *EACCES*) say "cause: this account ($(id -un)) may not write there" ;;
    esac
}

# logged LOG WHAT COMMAND…: runs the command with its output in LOG; when it fails, shows the end of it and exits.
logged() {
    local log=$1 what=$2
    shift 2
    "$@" >>"$log" 2>&1 </dev/null && return
    {
        say "the last lines of $log:"
        tail -n 30 "$log" | sed 's/^/    /'
        say_cause "$log"
    } >&2
    die "$what failed"
}

# need_disk DIRECTORY MEGABYTES WHAT
need_disk() {
    local free
    free=$(df -Pm "$1" | awk 'NR == 2 {print $4}')
    ((free >= $2)) || die "no disk space: $3 needs $2 MB in $1, $free MB are free"
}
