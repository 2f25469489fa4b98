#!/bin/sh
# editor.sh FILE - the editor of `kubectl edit`: runs the sed command of EDIT over the file.
exec sed -i -e "${EDIT:?}" "$1"
