#!/usr/bin/env bash
# Makes sure that a Redis server is there and prints the command that starts it, one word a line: tests/redis.sh <7|8>
# In order: a fitting redis-server on the PATH; else Debian's own package. It is fetched by apt from the mirrors that this machine uses, with the keys that it trusts, and unpacked under .tools/;
# nothing is installed, no root is needed, and apt's folders stay as they are.
set -uo pipefail
export LC_ALL=C

version=${1:-}
case $version in
    7) suites=(bookworm) ;;
    8) suites=(trixie) ;;
    *) echo "Usage: $0 <7|8>" >&2; exit 2 ;;
esac

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.tools
home=$tools/redis-$version-$HOSTTYPE
tried=()

print_unpacked() {
    # Its own loader and libraries: the machine's may be of another release.
    printf '%s\n' "$home"/lib/ld-linux*.so.* --inhibit-cache --library-path "$home/lib" "$home/redis-server"
}

# The major version of the server that a command starts; nothing if it is no Redis or does not run.
major_of() {
    [[ $("$@" --version 2>&1) =~ ^Redis\ server\ v=([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

find_on_path() {
    local server major
    server=$(type -P redis-server) || { tried+=("redis-server on the PATH: none"); return 1; }
    major=$(major_of "$server")
    if (( ${major:-0} == version || ${major:-0} > 8 && version == 8 )); then
        echo "$server"
    else
        tried+=("redis-server on the PATH: $server is version ${major:-unknown}")
        return 1
    fi
}

# Writes this machine's package sources, each into a file of its own, for another suite: write_sources <suite> <folder>
write_sources() {
    local list=/dev/null parts=/dev/null files=() file
    eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    for file in "$list" "${parts%/}"/*.list "${parts%/}"/*.sources; do [ -f "$file" ] && files+=("$file"); done
    (( ${#files[@]} > 0 )) || return 0
    awk -v suite="$1" -v folder="$2" '
        function write(uris, components, key,   text) {
            if (uris ~ /^[ \t\n]*$/ || components ~ /^[ \t\n]*$/) return
            text = "Types: deb\nURIs:" uris "\nSuites: " suite "\nComponents:" components "\nTargets: Packages\n"
            if (key != "") text = text "Signed-By:" key "\n"
            if (!(text in seen)) printf "%s", text > (folder "/" sprintf("%02d", ++count) ".sources")
            seen[text] = 1
        }
        function end_stanza() {
            if (field["types"] ~ /(^|[ \t])deb([ \t]|$)/ && tolower(field["enabled"]) !~ /no|false|0/) write(field["uris"], field["components"], field["signed-by"])
            split("", field)
        }
        FNR == 1 { end_stanza() }
        /^[ \t]*#/ { next }
        FILENAME !~ /\.sources$/ {
            line = $0
            sub(/[ \t]#.*/, "", line)
            key = components = ""
            if (match(line, /^[ \t]*deb[ \t]+\[[^]]*\]/)) {
                count_of_options = split(substr(line, index(line, "[") + 1, RLENGTH - index(line, "[") - 1), option, /[ \t]+/)
                for (i = 1; i <= count_of_options; i++) if (option[i] ~ /^signed-by=/) key = " " substr(option[i], 11)
                line = "deb" substr(line, RSTART + RLENGTH)
            }
            words = split(line, word, " ")
            for (i = 4; i <= words; i++) components = components " " word[i]
            if (word[1] == "deb" && word[2] !~ /^cdrom:/) write(" " word[2], components, key)
            next
        }
        /^[ \t]*$/ { end_stanza(); next }
        /^[ \t]/ { field[name] = field[name] "\n" $0; next }
        { name = tolower(substr($0, 1, index($0, ":") - 1)); field[name] = substr($0, index($0, ":") + 1) }
        END { end_stanza() }' "${files[@]}"
}

# An apt of its own for one source: the machine's settings (proxy, credentials, keys), but another source and folders, and none of its pins and hooks.
write_apt_configuration() {
    mkdir -p "$1"/{state/lists/partial,cache/archives/partial,log,none}
    : > "$1/status"
    cat > "$1/apt.conf" << CONFIGURATION
#clear APT::Update;
#clear APT::Default-Release;
Dir::Etc::sourcelist "$2";
Dir::Etc::sourceparts "$1/none";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$1/none";
Dir::State "$1/state";
Dir::State::status "$1/status";
Dir::Cache "$1/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Log "$1/log";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Get::AllowUnauthenticated "false";
// The checkout may lie where no other user can write; nothing here needs one.
APT::Sandbox::User "root";
CONFIGURATION
}

# Fetches redis-tools, which holds the server's program, with all that it needs on a bare machine; keeps the program and the libraries: fetch <source> <work folder>
fetch() {
    local package
    write_apt_configuration "$2" "$1" &&
        apt-get -c "$2/apt.conf" -q update &&
        apt-get -c "$2/apt.conf" -qq -y --no-install-recommends --download-only install redis-tools || return 1
    mkdir -p "$2/unpacked" "$2/ready/lib"
    for package in "$2"/cache/archives/*.deb; do dpkg-deb -x "$package" "$2/unpacked" || return 1; done
    mv "$2"/unpacked/usr/bin/redis-check-rdb "$2/ready/redis-server" || return 1
    # Up to bookworm libraries lie in /lib as well as in /usr/lib.
    find "$2"/unpacked/lib/*-linux-* "$2"/unpacked/usr/lib/*-linux-* -maxdepth 1 -name '*.so*' -exec mv -t "$2/ready/lib" {} + 2> /dev/null
    [[ $(major_of "$2"/ready/lib/ld-linux*.so.* --inhibit-cache --library-path "$2/ready/lib" "$2/ready/redis-server") == "$version" ]] ||
        { echo "What was unpacked is no Redis $version that runs here."; return 1; }
}

unpack_from_debian() {
    local program own suite source work attempts=0
    for program in apt-get apt-config dpkg-deb flock awk find; do
        type -P "$program" > /dev/null || { tried+=("Debian's packages: there is no $program here"); return 1; }
    done
    mkdir -p "$tools" && exec 9> "$tools/redis-$version.lock" && flock 9 || { tried+=("Debian's packages: $tools can't be written"); return 1; }
    [ -e "$home" ] && return 0

    # The lock is ours: what else bears the name is left from a run that was killed.
    rm -rf "$tools/redis-$version".work.*
    work=$(mktemp -d "$tools/redis-$version.work.XXXXXX") || { tried+=("Debian's packages: $tools can't be written"); return 1; }
    # shellcheck disable=SC2064 # The folder's name as it is now.
    trap "rm -rf '$work'" EXIT
    own=$(. /etc/os-release 2> /dev/null && echo "${VERSION_CODENAME:-}")
    [[ -z $own || " ${suites[*]} " == *" $own "* ]] || suites+=("$own")

    for suite in "${suites[@]}"; do
        mkdir "$work/$suite"
        write_sources "$suite" "$work/$suite"
        for source in "$work/$suite"/*.sources; do
            [ -e "$source" ] || { tried+=("Debian's $suite: this machine has no package sources to derive it from"); break; }
            attempts=$((attempts + 1))
            if fetch "$source" "$work/$attempts" > "$work/$attempts.log" 2>&1; then
                # In one step: a reader sees all of it or nothing.
                mv -T "$work/$attempts/ready" "$home" && return 0
            fi
            tried+=("Debian's $suite from$(sed -n 's/^URIs://p' "$source" | sed 's#//[^/@]*@#//#'): $(grep -v '^[WN]:' "$work/$attempts.log" | tail -n 3 | tr '\n' ' ')")
        done
    done
    return 1
}

find_on_path && exit
[ -e "$home" ] || unpack_from_debian || {
    echo "No Redis $version for the tests. Tried:" >&2
    printf ' - %s\n' "${tried[@]}" >&2
    echo "Put a redis-server of version $version on the PATH." >&2
    exit 1
}
print_unpacked
