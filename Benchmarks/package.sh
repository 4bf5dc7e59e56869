#!/bin/sh
# package.sh [SOURCE] [ROUNDS]: packages one 4K source with Dougong, FFmpeg, Shaka Packager and cp in turn and
# prints wall time as a multiple of cp's in the same round (min / median / max) and peak memory.
# Source and output lie on memory-backed disk (/dev/shm, or the folder BENCH_FOLDER names).
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
folder=${BENCH_FOLDER:-/dev/shm}
source=${1:-$folder/dougong-bench-source.mp4}
rounds=${2:-5}
"$here/scripts/setup" build bench
. "$here/scripts/packages"
swift build --package-path "$here" -c release --product dougong >&2
if ! [ -f "$source" ]; then
  echo "package.sh: making a 4K source at $source; this takes some minutes" >&2
  "$here/Benchmarks/make-source.sh" "$source"
fi
if ! [ -x "$here/.tools/bench/bin/python" ]; then
  python3 -m venv "$here/.tools/bench"
  echo "package.sh: installing $shaka_wheel from PyPI into .tools/bench" >&2
  "$here/.tools/bench/bin/pip" install -q "$shaka_wheel"
fi
shaka=$(find "$here/.tools/bench" -type f -name 'packager-linux-x64' | head -1)
out=$folder/dougong-bench.$$
results=$out.results
trap 'rm -rf "$out" "$results" "$out.time"' EXIT
cat "$source" >/dev/null

measure() {
  name=$1
  shift
  rm -rf "$out"
  mkdir "$out"
  /usr/bin/time -f '%e %M' -o "$out.time" "$@" >/dev/null 2>"$out/log" || {
    echo "package.sh: $name failed:" >&2
    tail -3 "$out/log" >&2
    return 0
  }
  echo "$round $name $(tail -1 "$out.time")" >>"$results"
}

round=0
while [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  measure cp cp "$source" "$out/copy.mp4"
  measure dougong "$here/.build/release/dougong" package "$source" -o "$out/title"
  measure dougong-1-thread "$here/.build/release/dougong" package "$source" -o "$out/title" --threads 1
  measure dougong-ffmpeg "$here/.build/release/dougong" package "$source" -o "$out/title" --ffmpeg
  measure ffmpeg ffmpeg -v error -nostdin -i "$source" -c copy -map 0:v -map 0:a -f dash -seg_duration 2 \
    -hls_playlist 1 -single_file 1 "$out/manifest.mpd"
  [ -z "$shaka" ] || measure shaka "$shaka" \
    "in=$source,stream=video,output=$out/v.mp4,playlist_name=v.m3u8" \
    "in=$source,stream=audio,output=$out/a.mp4,playlist_name=a.m3u8,hls_group_id=audio,hls_name=audio" \
    --segment_duration 2 --fragment_duration 2 --temp_dir "$out" \
    --mpd_output "$out/manifest.mpd" --hls_master_playlist_output "$out/main.m3u8"
done

echo "$(stat -c %s "$source") bytes, $rounds rounds; wall time as a multiple of cp's in the same round"
awk '
  $2 == "cp" { base[$1] = $3 }
  { wall[$1 " " $2] = $3; if (!($2 in seen)) { seen[$2] = ++n; names[n] = $2 }
    if ($4 > memory[$2]) memory[$2] = $4 }
  END {
    printf "%-18s %6s %6s %6s %10s\n", "", "min", "median", "max", "peak MiB"
    for (i = 1; i <= n; i++) {
      count = 0
      for (key in wall) {
        split(key, part, " ")
        if (part[2] == names[i] && part[1] in base) ratios[++count] = wall[key] / base[part[1]]
      }
      for (a = 1; a <= count; a++) for (b = a + 1; b <= count; b++)
        if (ratios[b] < ratios[a]) { t = ratios[a]; ratios[a] = ratios[b]; ratios[b] = t }
      middle = count % 2 ? ratios[(count + 1) / 2] : (ratios[count / 2] + ratios[count / 2 + 1]) / 2
      printf "%-18s %6.2f %6.2f %6.2f %10.0f\n", names[i], ratios[1], middle, ratios[count], memory[names[i]] / 1024
    }
  }' "$results"
