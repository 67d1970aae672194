"""What the providers' official libraries say of webhooks: whether one is authentic, and, where a library
can sign, the headers with which it would be. Reads a JSON array of requests from standard input, and
writes one of answers: {"library": version, "isAuthentic": bool, "headers": {...}}."""

import importlib.metadata
import json
import sys
import urllib.parse


def fields(text):
    return {name: values if len(values) > 1 else values[0]
            for name, values in urllib.parse.parse_qs(text, keep_blank_values=True).items()}


def twilio(request):
    from twilio.request_validator import RequestValidator
    validator = RequestValidator(request["secret"])
    form = fields(request["body"])
    header = request["headers"].get("x-twilio-signature", "")
    signature = validator.compute_signature(request["url"], form)
    return validator.validate(request["url"], form, header), {"x-twilio-signature": signature}


def plivo(request):
    from plivo.utils import signature_v3
    headers, nonce = request["headers"], "12345678901234567890"
    name = "x-plivo-signature-v3"
    url, params = request["url"], fields(request["body"])
    if request["method"] == "GET":
        # Of a query inside the URL it can read ASCII only.
        url, _, query = url.partition("?")
        params = fields(query)
    is_authentic = signature_v3.validate_v3_signature(
        request["method"], url, headers.get(f"{name}-nonce", ""), request["secret"],
        headers.get(name, ""), dict(params))
    construct = signature_v3.construct_get_url if request["method"] == "GET" else signature_v3.construct_post_url
    code = signature_v3.get_signature_v3(
        request["secret"].encode(), construct(url, params).decode(), nonce.encode())
    return is_authentic, {name: code.decode(), f"{name}-nonce": nonce}


def viber(request):
    from viberbot import Api
    from viberbot.api.bot_configuration import BotConfiguration
    bot = Api(BotConfiguration(auth_token=request["secret"], name="Support", avatar=""))
    body, name = request["body"].encode(), "x-viber-content-signature"
    # What it compares with is what Viber sends.
    signature = bot._calculate_message_signature(body)
    return bot.verify_signature(body, request["headers"].get(name, "")), {name: signature}


def line(request):
    from linebot.v3.webhook import SignatureValidator
    header = request["headers"].get("x-line-signature", "")
    return SignatureValidator(request["secret"]).validate(request["body"], header), None


def vonage(request):
    from vonage_jwt import verify_signature
    token = request["headers"].get("authorization", "").removeprefix("Bearer ")
    return verify_signature(token, request["secret"]), None


def telnyx(request):
    from telnyx.lib.webhook_verification import WebhookVerificationError, verify_webhook_signature
    try:
        verify_webhook_signature(request["body"], request["headers"], request["secret"])
        return True, None
    except WebhookVerificationError:
        return False, None


LIBRARIES = {
    "twilio": (twilio, "twilio"), "plivo": (plivo, "plivo"), "viber": (viber, "viberbot"),
    "line": (line, "line-bot-sdk"), "vonage": (vonage, "vonage-jwt"), "telnyx": (telnyx, "telnyx")}


def answer(request):
    ask, package = LIBRARIES[request["provider"]]
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return {"library": None}
    is_authentic, headers = ask(request)
    return {"library": f"{package} {version}", "isAuthentic": bool(is_authentic), "headers": headers}


json.dump([answer(request) for request in json.load(sys.stdin)], sys.stdout)
