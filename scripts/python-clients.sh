#!/usr/bin/env bash
# Makes the virtual environment of the foreign clients the tests use (pinned), once.
set -eu
venv=.dev/python
stamp=$venv/pins
pins='confluent-kafka==2.12.1 fastavro==1.12.1'
if [ "$(cat "$stamp" 2>/dev/null)" != "$pins" ]; then
  echo "python: installing $pins into $venv"
  python3 -m venv "$venv"
  # shellcheck disable=SC2086
  "$venv/bin/pip" install --quiet --disable-pip-version-check $pins
  echo "$pins" > "$stamp"
fi
