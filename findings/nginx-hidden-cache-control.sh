#!/usr/bin/env bash
# nginx 1.22.1 passes on a Cache-Control that proxy_hide_header hides, if the answer is X-Accel-Redirect.
#
# Behaviour: with "proxy_hide_header Cache-Control" a plain answer of the upstream loses the field. An
# answer with X-Accel-Redirect does not: nginx sends the file with the upstream's Cache-Control, and with
# its Expires, though both are hidden.
#
# Why it surprises: the directive is there to keep a field from the client, and a redirect inside of
# nginx is no exception that its name suggests. Who hides the upstream's field to add another sends both,
# and only with the files, which are what gets cached.
#
# Seen on 2026-11-30, with the nginx of Debian 12 (it is no Python package, so nothing is installed):
#   nginx version: nginx/1.22.1
#   /plain: []
#   /redirect: ['Cache-Control: no-store', 'Expires: Thu, 01 Jan 2026 00:00:00 GMT']
set -euo pipefail

if ! nginx=$(PATH=$PATH:/usr/sbin command -v nginx); then
    echo "skipped: no nginx is installed"
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/files"
echo "a picture" >"$folder/files/picture.txt"
cat >"$folder/nginx.conf" <<CONF
daemon off; master_process off; pid $folder/pid;
events {}
http {
    access_log off; client_body_temp_path $folder/body; proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi; uwsgi_temp_path $folder/uwsgi; scgi_temp_path $folder/scgi;
    server {
        listen unix:$folder/nginx.sock;
        proxy_hide_header Cache-Control;
        proxy_hide_header Expires;
        location / { proxy_pass http://unix:$folder/upstream.sock:; }
        location /files/ { internal; alias $folder/files/; }
    }
}
CONF
"$nginx" -v 2>&1
python3 - "$folder" "$nginx" <<'PYTHON'
import http.client, http.server, pathlib, socket, socketserver, subprocess, sys, threading, time

folder, nginx = pathlib.Path(sys.argv[1]), sys.argv[2]


class Upstream(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        if self.path == "/redirect":
            self.send_header("X-Accel-Redirect", "/files/picture.txt")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Expires", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def fields(path):
    """Return how many of the two fields the client gets, and the body."""
    client = http.client.HTTPConnection("localhost")
    client.sock = socket.socket(socket.AF_UNIX)
    client.sock.connect(str(folder / "nginx.sock"))
    client.request("GET", path)
    answer = client.getresponse()
    body = answer.read()
    hidden = ("Cache-Control", "Expires")
    found = [f"{name}: {value}" for name, value in answer.getheaders() if name in hidden]
    print(f"{path}: {found}")
    return len(found), body


upstream = socketserver.UnixStreamServer(str(folder / "upstream.sock"), Upstream)
threading.Thread(target=upstream.serve_forever, daemon=True).start()
server = subprocess.Popen([nginx, "-e", folder / "error.log", "-p", folder, "-c", folder / "nginx.conf"])
try:
    for _ in range(50):
        if (folder / "nginx.sock").exists():
            break
        time.sleep(0.1)
    seen = fields("/plain"), fields("/redirect")
finally:
    server.terminate()
    server.wait()
if seen != ((0, b""), (2, b"a picture\n")):
    sys.exit(f"This has changed: fields and body of a plain answer and of a redirect are {seen}.")
PYTHON
