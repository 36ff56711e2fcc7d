#!/bin/sh
# Installs what the browser tests need from the system's own packages: Chromium and a font with Chinese characters.
# It never fails the build: without a browser the tests skip and say why (in CI they fail instead).
set -u

has() { command -v "$1" >/dev/null 2>&1; }

has_browser() {
  { [ -n "${WENXIAO_CHROMIUM:-}" ] && [ -x "$WENXIAO_CHROMIUM" ]; } || has chromium || has chromium-browser || has google-chrome
}

has_chinese_font() {
  has fc-list && [ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]
}

say() { echo "browser tests: $*"; }

missing=""
has_browser || missing="chromium"
has_chinese_font || missing="$missing fontconfig fonts-noto-cjk"
[ -z "$missing" ] && exit 0

if ! has apt-get; then
  say "not installed ($missing): this system has no apt-get; install Chromium yourself or set WENXIAO_CHROMIUM to its path"
  exit 0
fi

if [ "$(id -u)" -eq 0 ]; then
  as_root=""
elif has sudo && sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  say "not installed ($missing): that needs root; run 'sudo apt-get install $missing' once, or set WENXIAO_CHROMIUM"
  exit 0
fi

say "installing $missing"
if ! $as_root apt-get update -qq; then
  say "not installed ($missing): the package lists could not be fetched"
  exit 0
fi
# shellcheck disable=SC2086 # the list is meant to be split into words
if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null; then
  say "not installed ($missing): apt-get refused, see above"
fi
exit 0
