"""Alerts on their way to webhooks: sent as Standard Webhooks has it (standardwebhooks.com), signed, tried again."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime

import httpx2

from carveout.engine.records.alerts import Alerts
from carveout.engine.records.hooks import Delivery, Hooks, secret_of
from carveout.engine.records.proposals import ChangeFault
from carveout.engine.records.store import Store
from carveout.engine.records.tokens import Sealer

SECONDS = 10.0
"""How long the other side may take."""
RAISED = "alert.raised"


def client() -> httpx2.Client:
    """What sends: it follows no redirects, for an address is one that an administrator has entered."""
    return httpx2.Client(timeout=SECONDS, follow_redirects=False)


def deliver(store: Store, sealer: Sealer, using: httpx2.Client) -> int:
    """Send what is due, one after the other; how many were tried. Raises StoreFault."""
    hooks = Hooks(store)
    due = hooks.due()
    for delivery in due:
        try:
            body = message(store, delivery)
        except ChangeFault as fault:
            hooks.tried(delivery, str(fault), taken=False)
            continue
        taken, said = _send(delivery, body, secret_of(delivery.hook, sealer), using)
        hooks.tried(delivery, said, taken)
    return len(due)


def message(store: Store, delivery: Delivery) -> bytes:
    """The body: the alert as `/v1/alerts/{id}` had it first, without what people wrote. Raises ChangeFault."""
    alert = Alerts(store).get(delivery.alert)
    data = {key: value for key, value in alert.data().items() if key not in ("steps", "state")}
    return json.dumps({"type": RAISED, "timestamp": alert.time, "data": data}, ensure_ascii=False).encode()


def signed(id: str, body: bytes, secret: str, moment: int) -> dict[str, str]:
    """The headers that prove from whom a body is, and when it was sent (seconds of UTC)."""
    key = b64decode(secret.removeprefix("whsec_"))
    mark = hmac.new(key, f"{id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "user-agent": "carveout",
        "webhook-id": id,
        "webhook-timestamp": str(moment),
        "webhook-signature": "v1," + b64encode(mark).decode(),
    }


def _send(delivery: Delivery, body: bytes, secret: str, using: httpx2.Client) -> tuple[bool, str]:
    moment = int(datetime.now(UTC).timestamp())
    try:
        with using.stream("POST", delivery.url, content=body, headers=signed(delivery.id, body, secret, moment)) as got:
            return 200 <= got.status_code < 300, f"status {got.status_code}"
    except httpx2.HTTPError as error:
        return False, type(error).__name__
    except ValueError as error:  # an address that cannot be asked
        return False, f"{type(error).__name__}: {error}"
