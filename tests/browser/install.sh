#!/bin/sh
# Make sure a Chromium is there for the tests that drive the report in a real browser.
# Installs the distribution's package where that is possible; otherwise says how, and the tests
# skip with the same words.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium for the browser tests ..."
  export DEBIAN_FRONTEND=noninteractive
  if timeout 300 sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core' >/dev/null 2>&1; then
    exit 0
  fi
  echo "Chromium could not be installed; the browser tests will be skipped."
  exit 0
fi
echo "No Chromium was found; the browser tests will be skipped. On Debian or Ubuntu: apt-get install chromium"
