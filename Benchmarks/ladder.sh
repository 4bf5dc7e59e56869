#!/bin/sh
# ladder.sh [FILE] [ROUNDS]: one source (24 s of 4K that Media/ holds) into five rungs of H.264 by `dougong package --ladder`,
# and into the same rungs by one ffmpeg command with the same settings; in turn, ROUNDS (3) times. Prints seconds, pictures a
# second, CPU and memory of each, the multiple within each round, what packaging alone takes of the CPU, and what four chunks take
# in sum beside the film in one chunk. PRESET (veryfast) is the encoder's; MEMORY is given as --memory.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
source=${1:-$here/Media/dougong-2160p.mp4}
rounds=${2:-3}
preset=${PRESET:-veryfast}
memory=${MEMORY:+--memory $MEMORY}
program=${DOUGONG:-$here/.build/release/dougong}
[ -x "$program" ] || { echo "ladder.sh: $program is not built" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/bench.yaml" <<END
ladder: 1
name: bench
presets: {h264: $preset}
rungs:
  - {size: 3840x2160, h264: 12000}
  - {size: 1920x1080, h264: 5000}
  - {size: 1280x720, h264: 2500}
  - {size: 960x540, h264: 1500}
  - {size: 640x360, h264: 600}
END
rate=$(ffprobe -v error -select_streams v:0 -show_entries stream=r_frame_rate -of csv=p=0 "$source")
pictures=$(ffprobe -v error -select_streams v:0 -count_packets -show_entries stream=nb_read_packets -of csv=p=0 "$source")
group=$(awk -v r="$rate" 'BEGIN { split(r, p, "/"); printf "%d", 2 * p[1] / p[2] + 0.5 }')
# The peak, three halves of the average, over a segment of two seconds: its four fifths flow, the rest is buffer.
encode() { # number average-in-kbit threads
  echo "-map [v$1] -c:v:$1 libx264 -preset:v:$1 $preset -profile:v:$1 high -b:v:$1 ${2}k -maxrate:v:$1 $(($2 * 6 / 5))k" \
    "-bufsize:v:$1 $(($2 * 3 / 5))k -bf:v:$1 3 -threads:v:$1 $3"
}
measure() { # name command…
  name=$1
  shift
  /usr/bin/time -f "%e %U %S %M" -o "$folder/time" "$@" >"$folder/out" 2>&1 || { cat "$folder/out" >&2; exit 1; }
  awk -v n="$name" -v p="$pictures" '{ printf "  %-8s %7.1f s  %6.1f pictures/s  %7.1f s CPU  %5.0f MB\n", n, $1, p / $1, $2 + $3, $4 / 1024 }' "$folder/time"
}
for round in $(seq "$rounds"); do
  echo "round $round"
  rm -rf "$folder/title" "$folder/parts"
  # shellcheck disable=SC2086
  measure dougong "$program" package "$source" --ladder "$folder/bench.yaml" --parts "$folder/parts" --no-similarity \
    $memory -o "$folder/title"
  read -r ours user system _ <"$folder/time"
  # shellcheck disable=SC2046
  measure ffmpeg ffmpeg -v error -nostdin -y -i "$source" -filter_complex \
    "[0:v]split=2[v0][a];[a]scale=1920:1080:flags=bicubic,split=2[v1][b];[b]scale=1280:720:flags=bicubic,split=2[v2][c];[c]scale=960:540:flags=bicubic,split=2[v3][d];[d]scale=640:360:flags=bicubic[v4]" \
    -g "$group" -keyint_min 1 -sc_threshold 0 -flags +cgop \
    $(encode 0 12000 4) $(encode 1 5000 2) $(encode 2 2500 1) $(encode 3 1500 1) $(encode 4 600 1) "$folder/ffmpeg.mp4"
  read -r theirs _ <"$folder/time"
  awk -v o="$ours" -v t="$theirs" 'BEGIN { printf "  dougong encodes at %.2f of ffmpeg\n", t / o }'
  # All parts are there: what is left is the work beside encoding.
  rm -rf "$folder/title"
  measure packaging "$program" package "$source" --ladder "$folder/bench.yaml" --parts "$folder/parts" --no-similarity \
    -o "$folder/title"
  read -r _ own kernel _ <"$folder/time"
  awk -v a="$own" -v b="$kernel" -v u="$user" -v s="$system" 'BEGIN { printf "  packaging is %.1f %% of the CPU\n", 100 * (a + b) / (u + s) }'
done
# One chunk after another, so that neither has the other's share of the caches.
for chunk in 600 $(((pictures + 4 * group - 1) / (4 * group))); do
  { cat "$folder/bench.yaml" && echo "chunk: $chunk"; } >"$folder/cut.yaml"
  rm -rf "$folder/title" "$folder/parts"
  measure "cut $chunk" "$program" package "$source" --ladder "$folder/cut.yaml" --parts "$folder/parts" --no-similarity \
    --threads 1 -o "$folder/title"
  read -r _ user system _ <"$folder/time"
  echo "$user $system" >>"$folder/sums"
done
awk 'NR == 1 { whole = $1 + $2 } NR == 2 { printf "  in four chunks it takes %.3f of the CPU\n", ($1 + $2) / whole }' "$folder/sums"
