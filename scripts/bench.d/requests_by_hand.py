"""A webhook as plain CGI passes it: body and variables."""

import hashlib
import hmac
import json


def webhook(index, size, secret):
    event = {"type": "message", "id": f"cgi-{index}", "from": f"+6099{index:07}", "text": ""}
    bare = len(json.dumps({"events": [event]}))
    event["text"] = "x" * (size - bare)
    body = json.dumps({"events": [event]}).encode()
    signature = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    return body, {
        "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": "POST",
        "PATH_INFO": "/bench/inbound", "SCRIPT_NAME": "/cgi-bin/sluice-inbound", "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_SANDBOX_SIGNATURE": f"sha256={signature}"}
