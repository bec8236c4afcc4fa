import base64
import secrets
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from crawler.alerts.signing import Signer, decode_secret
from crawler.exceptions import ConfigError


def new_secret(length: int = 32) -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(length)).decode()


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> Any:
    return Webhook(secret).verify(body, dict(headers))


@settings(max_examples=100)
@given(key=st.binary(min_size=24, max_size=64), text=st.text())
def test_the_public_library_verifies_what_is_signed(key: bytes, text: str) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    body = text.encode()
    headers = Signer([secret]).headers("evt_1_desk", int(time.time()), body)
    Webhook(secret).verify(body, headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, {**headers, "webhook-id": "evt_2_desk"}, json_parse=False)


def test_both_keys_verify_while_one_is_being_rotated() -> None:
    new, old = new_secret(), new_secret()
    headers = Signer([new, old]).headers("evt_1_desk", int(time.time()), b"{}")
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert verify(new, headers, b"{}") == {}
    assert verify(old, headers, b"{}") == {}
    with pytest.raises(WebhookVerificationError):
        verify(new_secret(), headers, b"{}")


def test_a_secret_without_padding_is_the_same_secret() -> None:
    secret = new_secret()
    assert decode_secret(secret.rstrip("=")) == decode_secret(secret)


@pytest.mark.parametrize(
    "secret", ["", "s3cr3t-of-ours", "whsec_", "whsec_s3cr3t-of-ours", "whsec_czNjcjN0", "whsec_" + "QUFB" * 30]
)
def test_what_is_no_secret_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Signer([secret])
    assert "s3cr3t" not in str(caught.value)
    assert "czNjcjN0" not in str(caught.value)
    assert "QUFB" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_signer_needs_a_secret() -> None:
    with pytest.raises(ConfigError):
        Signer([])


def test_a_dot_in_an_id_is_refused() -> None:
    with pytest.raises(ValueError, match="dot"):
        Signer([new_secret()]).headers("evt.1", 0, b"")


def test_a_signer_does_not_show_its_keys() -> None:
    secret = new_secret()
    assert repr(Signer([secret])) == "Signer(1 keys)"
