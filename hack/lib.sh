# shellcheck shell=bash
# lib.sh - what the check scripts share; sourced, run from the repository's root.

# list_files PATTERN...: files that git knows or would add, that exist, and that match. Outside a git
# checkout (an image build, a tarball): everything but build output.
list_files() {
    if git rev-parse --git-dir >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while IFS= read -r file; do
            [ ! -f "$file" ] || printf '%s\n' "$file"
        done
    else
        local pattern arguments=()
        for pattern in "$@"; do
            arguments+=(-o -path "./$pattern" -o -name "$pattern")
        done
        find . \( -name build -o -name 'build-*' -o -name node_modules -o -name .git \) -prune -o \
            -type f \( "${arguments[@]:1}" \) -print | sed 's,^\./,,' | sort -u
    fi
}
