#!/usr/bin/env bash
# Gradescope runs this once, as it builds the image. Everything is in the archive already; an archive may have lost the
# permission to execute.
set -euo pipefail
source_folder="${AUTOGRADER:-/autograder}/source"
chmod +x "$source_folder/bin/tensorctl" "$source_folder"/bin/tensorctl.d/* 2>/dev/null || true
if [[ ! -x "$source_folder/bin/tensorctl" ]]; then
  echo "setup.sh: bin/tensorctl is missing: make the archive with make-zip" >&2
  exit 1
fi
