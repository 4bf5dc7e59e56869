#!/bin/sh
# episode-cache.sh LIBRARY EPISODE [VIEWERS]: nginx as a cache in front of the origin, and viewers (1000) who choose at
# random. Prints how much of the media and of the documents the cache had, and how often the origin was asked for one
# segment. The cache begins empty.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 2 ] || { sed -n 2,4p "$0" >&2; exit 2; }
library=$1
episode=$2
viewers=${3:-1000}
program=${DOUGONG:-$here/.build/release/dougong}
[ -x "$program" ] || { echo "episode-cache.sh: $program is not built" >&2; exit 1; }
folder=$(mktemp -d)
origin='' cache=''
trap 'kill $origin $cache 2>/dev/null || :; wait; rm -rf "$folder"' EXIT

"$program" serve "$library" --port 0 >"$folder/origin.log" 2>&1 &
origin=$!
for _ in $(seq 100); do
  url=$(grep -o 'http://[0-9.]*:[0-9]*' "$folder/origin.log" || :)
  [ -n "$url" ] && break
  sleep 0.1
done
[ -n "$url" ] || { cat "$folder/origin.log" >&2; exit 1; }
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# Workers of another user could not write into the folder.
user=''
[ "$(id -u)" != 0 ] || user='user root;'
cat >"$folder/nginx.conf" <<END
$user daemon off; worker_processes 2; pid $folder/nginx.pid; error_log $folder/error.log;
events { worker_connections 4096; }
http {
  log_format cache '\$upstream_cache_status \$status \$uri';
  access_log $folder/access.log cache buffer=64k flush=1s;
  client_body_temp_path $folder/a; fastcgi_temp_path $folder/b; uwsgi_temp_path $folder/c; scgi_temp_path $folder/d;
  proxy_temp_path $folder/e; proxy_cache_path $folder/cache keys_zone=episode:64m max_size=8g inactive=1d;
  keepalive_requests 1000000;
  upstream origin { server ${url#http://}; keepalive 64; }
  server {
    listen 127.0.0.1:$port;
    location / {
      proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection '';
      proxy_cache episode; proxy_cache_lock on; proxy_cache_lock_timeout 60s; proxy_cache_lock_age 60s;
    }
  }
}
END
nginx -c "$folder/nginx.conf" 2>"$folder/start.log" &
cache=$!
"$here/Benchmarks/episode-load" "http://127.0.0.1:$port" "$episode" "$viewers"
kill -QUIT "$cache"
wait "$cache" || :
cache=''
python3 - "$folder/access.log" <<'END'
import collections, sys
kinds = {"media": collections.Counter(), "documents": collections.Counter()}
misses, bad = collections.Counter(), 0
for line in open(sys.argv[1]):
    cache, status, uri = line.split(" ", 2)
    bad += status not in ("200", "206")
    media = uri.rstrip().rsplit(".", 1)[-1] in ("m4s", "vtt", "mp4")
    kinds["media" if media else "documents"]["hit" if cache == "HIT" else "miss"] += 1
    if cache != "HIT" and media:
        misses[uri] += 1
for kind, seen in kinds.items():
    total = seen["hit"] + seen["miss"]
    print(f"{kind}: {total:,} requests, {seen['hit'] / max(1, total):.3%} from the cache, {seen['miss']:,} from the origin")
print(f"segments and headers: {len(misses):,}, each asked of the origin {max(misses.values(), default=0)} time(s) at most")
print(f"answers that were no success: {bad}")
END
