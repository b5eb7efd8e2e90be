# What the scripts share. To be sourced by bash, from the root of the project.

# A heading for what comes, and the time that it took when the next one comes.
step() {
  finish_step
  STEP="$1"
  STEP_STARTED=$SECONDS
  printf '\n== %s\n' "$STEP"
}

finish_step() {
  [ -n "${STEP:-}" ] || return 0
  printf -- '-- %s: %s s\n' "$STEP" $((SECONDS - STEP_STARTED))
  STEP=
}

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# The packages of the page as its lock file names them, fetched again only when that file has changed.
install_ui_packages() {
  local stamp=ui/node_modules/.juxta-lock
  if [ "${1:-}" != --clean ] && cmp -s ui/package-lock.json "$stamp"; then
    return 0
  fi
  npm --prefix ui ci --no-audit --no-fund
  cp ui/package-lock.json "$stamp"
}

# The page goes into the app when the app is compiled, so it is built first.
build_ui() {
  npm --prefix ui run --silent build
}

# Where cargo puts what it builds, whoever chose that.
target_folder() {
  cargo metadata --no-deps --format-version 1 --offline 2>/dev/null |
    node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).target_directory'
}
