#!/usr/bin/env bash
# nginx 1.22.1 sends fields of add_header with a 416, although 416 is none of the statuses they are for.
#
# Behaviour: "add_header Cache-Control max-age=31536000;" without "always" is for 200, 201, 204, 206, 301,
# 302, 303, 304, 307 and 308. A 404 lacks it. A 416 (a range beyond the end of the file) has it, also where
# error_page sends another file in its place.
#
# Why it surprises: the field was added while the status was still 200: the filter that refuses ranges runs
# after the one that adds headers. A refusal that a browser may keep for a year is what leaving out
# "always" is meant to prevent.
#
# Seen on 2026-11-30, with the nginx of Debian 12 (it is no Python package, so nothing is installed):
#   nginx version: nginx/1.22.1
#   whole: 200 max-age=31536000
#   missing: 404 None
#   range beyond the end: 416 max-age=31536000
#   range beyond the end, with error_page: 416 max-age=31536000
set -euo pipefail

if ! nginx=$(PATH=$PATH:/usr/sbin command -v nginx); then
    echo "skipped: no nginx is installed"
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/files"
echo "a picture" >"$folder/files/picture.txt"
echo "refused" >"$folder/files/refused.txt"
cat >"$folder/nginx.conf" <<CONF
daemon off; master_process off; pid $folder/pid;
events {}
http {
    access_log off; client_body_temp_path $folder/body; proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi; uwsgi_temp_path $folder/uwsgi; scgi_temp_path $folder/scgi;
    server {
        listen unix:$folder/nginx.sock;
        location /plain/ { alias $folder/files/; add_header Cache-Control max-age=31536000; }
        location /paged/ {
            alias $folder/files/; add_header Cache-Control max-age=31536000; error_page 416 /refused;
        }
        location = /refused { internal; alias $folder/files/refused.txt; }
    }
}
CONF
"$nginx" -v 2>&1
python3 - "$folder" "$nginx" <<'PYTHON'
import http.client, pathlib, socket, subprocess, sys, time

folder, nginx = pathlib.Path(sys.argv[1]), sys.argv[2]


def asked(title, path, headers):
    """Return the status and the Cache-Control of an answer."""
    client = http.client.HTTPConnection("localhost")
    client.sock = socket.socket(socket.AF_UNIX)
    client.sock.connect(str(folder / "nginx.sock"))
    client.request("GET", path, headers=headers)
    answer = client.getresponse()
    answer.read()
    print(f"{title}: {answer.status} {answer.getheader('Cache-Control')}")
    return answer.status, answer.getheader("Cache-Control")


server = subprocess.Popen([nginx, "-e", folder / "error.log", "-p", folder, "-c", folder / "nginx.conf"])
beyond, kept = {"Range": "bytes=1000-"}, "max-age=31536000"
try:
    for _ in range(50):
        if (folder / "nginx.sock").exists():
            break
        time.sleep(0.1)
    else:
        sys.exit(2)
    seen = [
        asked("whole", "/plain/picture.txt", {}),
        asked("missing", "/plain/none.txt", {}),
        asked("range beyond the end", "/plain/picture.txt", beyond),
        asked("range beyond the end, with error_page", "/paged/picture.txt", beyond),
    ]
finally:
    server.terminate()
    server.wait()
if seen != [(200, kept), (404, None), (416, kept), (416, kept)]:
    sys.exit(f"This has changed: status and Cache-Control are {seen}.")
PYTHON
