# shellcheck shell=bash
# Settings from files, and secrets. Needs say.sh.

# env_file FILE: takes its NAME=value lines into the environment, as data and never as code; what is set already stays.
env_file() {
    local line name value
    [[ -r $1 ]] || return 0
    while IFS= read -r line || [[ -n $line ]]; do
        [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Z][A-Z0-9_]*)=(.*)$ ]] || continue
        name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
        value=${value%$'\r'}
        value=${value%"${value##*[![:space:]]}"}
        [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]] && value=${BASH_REMATCH[1]}
        [[ -v $name ]] || export "$name=$value"
    done <"$1"
}

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# secrets_file FILE: made once, readable by its owner alone. A new SECRET_KEY would end every session and signed URL.
secrets_file() {
    [[ -s $1 ]] && return
    (umask 077 && printf 'SECRET_KEY=%s\nSERVICE_TOKEN=%s\nFAL_WEBHOOK_SECRET=%s\n' \
        "$(random_hex 32)" "$(random_hex 32)" "$(random_hex 32)" >"$1.new" && mv "$1.new" "$1") ||
        die "$1 cannot be written"
}

# json_text VALUE: as a JSON string; json_get NAME <LINE: the text of one member of a flat object without escapes.
json_text() {
    local value=${1//\\/\\\\}
    printf '"%s"' "${value//\"/\\\"}"
}
json_get() { sed -nE 's/.*"'"$1"'" *: *"([^"]*)".*/\1/p' | sed 's,\\/,/,g'; }
