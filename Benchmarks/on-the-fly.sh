#!/bin/sh
# on-the-fly.sh [MEGABYTES] [ROUNDS]: one progressive MP4 of about that size (1200), served as it is by Dougong, as a packaged
# title by Dougong, as clips by nginx's mp4 module, and cut by FFmpeg. Prints how long the first playlist takes and what is
# read for it, then segments of two seconds per second and CPU time per GB, as multiples within each round (5).
#
# nginx-vod-module, which does this work, has no Debian package. Near it are nginx's mp4 module, which writes a new `moov` for
# each clip and sends the samples from the file, and `ffmpeg -c copy`, a process for each playlist or segment.
# The file lies in BENCH_FOLDER (/var/tmp): on a disk, so that what is read from it can be counted.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
megabytes=${1:-1200}
rounds=${2:-5}
program=${DOUGONG:-}
if [ -z "$program" ]; then
  "$here/scripts/setup" build bench serve
  swift build --package-path "$here" -c release --product dougong >&2
  program=$here/.build/release/dougong
fi
folder=$(mktemp -d "${BENCH_FOLDER:-/var/tmp}/dougong-on-the-fly.XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/library"
echo "on-the-fly.sh: making a source of $megabytes MB; this takes a minute" >&2
"$here/Benchmarks/make-source.sh" "$folder/library/film.mp4" "$megabytes"
"$program" package "$folder/library/film.mp4" -o "$folder/library/film" >/dev/null
"$here/Benchmarks/on-the-fly-load" "$program" "$folder" "$rounds"
