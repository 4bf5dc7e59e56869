#!/bin/sh
# ladder.sh [FILE] [ROUNDS]: one source (24 s of 4K that Media/ holds) into five rungs of H.264 by `dougong package --ladder`,
# and into the same rungs by one ffmpeg command with the same settings; in turns of two seconds, ROUNDS (3) times. Prints seconds,
# pictures a second, CPU and memory of each, the multiple within each round, what packaging alone takes of the CPU, and what four
# chunks take in sum beside the film in one chunk. PRESET (veryfast) is the encoder's; MEMORY is given as --memory.
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
table() { # of what in-turn printed
  awk -v p="$pictures" '{ printf "  %-9s %7.1f s  %6.1f pictures/s  %7.1f s CPU  %5.0f MB\n", $1, $2, p / $2, $3 + $4, $5 / 1024 }' "$folder/turns"
}
ours() { # ladder threads folder
  echo "'$program' package '$source' --ladder '$1' --parts '$3/parts' --no-similarity --threads $2 $memory -o '$3/title' >'$3.log' 2>&1"
}
turns() { # in-turn's arguments
  "$here/Benchmarks/in-turn" "$@" >"$folder/turns" || { cat "$folder"/*.log >&2; exit 1; }
}
for round in $(seq "$rounds"); do
  echo "round $round"
  rm -rf "$folder/whole"
  mkdir "$folder/whole"
  turns dougong "$(ours "$folder/bench.yaml" "$(nproc)" "$folder/whole")" ffmpeg "ffmpeg -v error -nostdin -y -i '$source' -filter_complex \
    '[0:v]split=2[v0][a];[a]scale=1920:1080:flags=bicubic,split=2[v1][b];[b]scale=1280:720:flags=bicubic,split=2[v2][c];[c]scale=960:540:flags=bicubic,split=2[v3][d];[d]scale=640:360:flags=bicubic[v4]' \
    -g $group -keyint_min 1 -sc_threshold 0 -flags +cgop \
    $(encode 0 12000 4) $(encode 1 5000 2) $(encode 2 2500 1) $(encode 3 1500 1) $(encode 4 600 1) '$folder/ffmpeg.mp4' >'$folder/ffmpeg.log' 2>&1"
  table
  awk '{ s[$1] = $2 } END { printf "  dougong encodes at %.3f of ffmpeg\n", s["ffmpeg"] / s["dougong"] }' "$folder/turns"
  encoding=$(awk '/^dougong/ { print $3 + $4 }' "$folder/turns")
  # All parts are there: what is left is the work beside encoding.
  rm -rf "$folder/whole/title"
  turns packaging "$(ours "$folder/bench.yaml" "$(nproc)" "$folder/whole")"
  table
  awk -v e="$encoding" '{ printf "  packaging is %.1f %% of the CPU\n", 100 * ($3 + $4) / e }' "$folder/turns"
done
# One chunk after another, so that neither has the other's share of the caches.
for chunk in 600 $(((pictures + 4 * group - 1) / (4 * group))); do
  { cat "$folder/bench.yaml" && echo "chunk: $chunk"; } >"$folder/$chunk.yaml"
  mkdir "$folder/$chunk"
done
turns whole "$(ours "$folder/600.yaml" 1 "$folder/600")" four "$(ours "$folder/$chunk.yaml" 1 "$folder/$chunk")"
table
awk '{ c[$1] = $3 + $4 } END { printf "  in four chunks it takes %.3f of the CPU\n", c["four"] / c["whole"] }' "$folder/turns"
