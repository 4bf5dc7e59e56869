#!/bin/sh
# make-source.sh FILE [MEGABYTES]: a 4K H.264 + AAC file of about that size (1900 unless told), for
# the packaging benchmark. Needs ffmpeg (Debian). Twenty seconds are encoded, then repeated by copy.
set -eu
out=${1:?usage: make-source.sh FILE [MEGABYTES]}
megabytes=${2:-1900}
part="$out.part.mp4"
trap 'rm -f "$part"' EXIT
ffmpeg -v error -nostdin -y -threads 2 \
  -f lavfi -i 'testsrc2=s=3840x2160:r=30000/1001,noise=alls=12:allf=t' \
  -f lavfi -i 'sine=f=330:r=48000' -t 20 \
  -c:v libx264 -preset ultrafast -b:v 25M -maxrate 30M -bufsize 30M -g 60 -keyint_min 60 \
  -sc_threshold 0 -bf 2 -pix_fmt yuv420p -c:a aac -b:a 128k -ac 2 "$part"
size=$(stat -c %s "$part")
times=$((megabytes * 1000000 / size))
[ "$times" -ge 1 ] || times=1
ffmpeg -v error -nostdin -y -stream_loop $((times - 1)) -i "$part" -c copy -movflags +faststart "$out"
