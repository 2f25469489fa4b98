"""A scripted resource provider, for the Azure CLI to reach through the simulated Azure: rp.py CERT KEY AUTHORITY PORTFILE.

It keeps clusters in memory and says what the real one says; each operation ends at its second poll. Every request has to
carry ARM's certificate and headers."""
import json
import os
import re
import ssl
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

clusters = {}
operations = {}
subscriptions = {}


def redacted(cluster):
    copy = json.loads(json.dumps(cluster))
    copy["properties"].get("servicePrincipalProfile", {}).pop("clientSecret", None)
    return copy


class Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body=None, **headers):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status, code):
        self.reply(status, {"error": {"code": code, "message": code + "."}})

    def begin(self, state):
        """The URL of a new operation, where ARM said that the request came from."""
        name = "%032d" % (len(operations) + 1)
        operations[name] = {"state": state, "polls": 0}
        outer = urllib.parse.urlsplit(self.headers["Referer"])
        path = "%s/providers/Microsoft.RedHatOpenShift/locations/eastus/operationsstatus/%s" % (
            "/".join(self.path.split("/")[:3]), name)
        return "%s://%s%s?%s" % (outer.scheme, outer.netloc, path, outer.query)

    def serve(self):
        path = self.path.split("?")[0]
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        key = path.lower()
        if not self.connection.getpeercert() or not self.headers.get("Referer"):
            return self.refuse(403, "Forbidden")
        if re.fullmatch("/subscriptions/[^/]*", key):
            subscriptions[key] = body
            return self.reply(201, body)
        if key.split("/providers/")[0].split("/resourcegroups")[0] not in subscriptions:
            return self.refuse(400, "InvalidSubscriptionState")
        operation = operations.get(key.rsplit("/", 1)[1])
        if operation:
            operation["polls"] += 1
            ended = operation["polls"] > 1
            return self.reply(200, {"id": path, "name": key.rsplit("/", 1)[1],
                                    "status": "Succeeded" if ended else operation["state"]}, Retry_After="1")
        if key.endswith("/openshiftclusters"):
            return self.reply(200, {"value": [redacted(c) for c in clusters.values()]})
        if key.endswith("/listcredentials"):
            return self.reply(200, {"kubeadminUsername": "kubeadmin", "kubeadminPassword": "password"})
        return self.serve_cluster(path, key, body)

    def serve_cluster(self, path, key, body):
        if self.command == "PUT":
            body.update(id=path, name=path.rsplit("/", 1)[1], type="Microsoft.RedHatOpenShift/OpenShiftClusters")
            body["properties"].update(provisioningState="Succeeded", consoleProfile={"url": "https://console/"})
            body["systemData"] = json.loads(self.headers["x-ms-arm-resource-system-data"])
            clusters[key] = body
            return self.reply(201, redacted(body), Azure_AsyncOperation=self.begin("Creating"), Retry_After="1")
        if key not in clusters:
            return self.refuse(404, "ResourceNotFound") if self.command != "DELETE" else self.reply(204)
        if self.command == "PATCH":
            clusters[key]["properties"].update((body or {}).get("properties", {}))
            return self.reply(200, redacted(clusters[key]), Azure_AsyncOperation=self.begin("Updating"),
                              Retry_After="1")
        if self.command == "DELETE":
            del clusters[key]
            return self.reply(202, Azure_AsyncOperation=self.begin("Deleting"), Retry_After="1")
        return self.reply(200, redacted(clusters[key]))

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = serve


def main():
    cert, key, authority, port_file = sys.argv[1:]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_OPTIONAL
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with open(port_file + ".new", "w", encoding="ascii") as out:
        out.write(str(server.server_address[1]))
    os.rename(port_file + ".new", port_file)
    server.serve_forever()


main()
