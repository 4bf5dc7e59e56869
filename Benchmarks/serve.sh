#!/bin/sh
# serve.sh [OPTION…]: serves the same segments of 4 MB and 200 KB and the same playlist of 2 KB with Dougong and with nginx
# in turn, and prints Dougong's figures as multiples of the best that nginx reaches. Options go to Benchmarks/serve-load;
# `--help` lists them. All files lie on memory-backed disk (/dev/shm, or the folder BENCH_FOLDER names). Each segment is a file
# for both; SEGMENTS=tracks has Dougong send its segments out of one file for each track, where they begin at odd places: the
# system takes about a sixth longer over such a range, whoever asks for it.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
case ${1-} in -h | --help) exec "$here/Benchmarks/serve-load" --help ;; esac
program=${DOUGONG:-}
if [ -z "$program" ]; then
  "$here/scripts/setup" build bench serve
  swift build --package-path "$here" -c release --product dougong >&2
  program=$here/.build/release/dougong
fi
folder=$(mktemp -d "${BENCH_FOLDER:-/dev/shm}/dougong-serve.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# Filler makes segments of two seconds as large as their bit rate says, whatever the pictures are.
source() {
  ffmpeg -v error -nostdin -y -f lavfi -i "testsrc2=s=$3:r=25" -t 80 -c:v libx264 -preset ultrafast -g 50 -keyint_min 50 \
    -sc_threshold 0 -bf 0 -b:v "$2" -minrate "$2" -maxrate "$2" -bufsize "$2" -x264-params nal-hrd=cbr "$folder/$1.mp4"
}
source large 16M 640x360
source small 800k 320x180
mkdir "$folder/library"
"$program" package "$folder/large.mp4" "$folder/small.mp4" --segments "${SEGMENTS:-files}" -o "$folder/library/film" >/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost \
  -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2>/dev/null
"$here/Benchmarks/serve-load" --dougong "$program" --folder "$folder" "$@"
