"""A test to a recipient names the key that signs: a certificate where certificates are, else the OpenPGP key."""

from pathlib import Path

import pytest
import yaml

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.own_signers import OwnSigners
from gateway.bootstrap.pickup_settings import read_pickup_settings
from gateway.bootstrap.settings import read_site_settings
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.package.states import Channel
from gateway.policy.policy_set import RecipientChannel
from gateway.seal.keyring import create_home
from tests.chain_pki import OWN, PARTNER, Authority, now

OPENPGP, AGE = "A" * 40, "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
CERTIFICATE = f"x509:{'ab' * 32}"


def signers(root: Path, **sections: object) -> OwnSigners:
    site = SiteLayout(root)
    create_home(site.gnupg)
    seal: dict[str, object] = {"signingKey": OPENPGP}
    body = {"format": "sluis-site/1", "organisation": "DT&V", "environment": "test", "seal": seal, **sections}
    site.settings.write_text(yaml.safe_dump(body), encoding="utf-8")
    return OwnSigners(site, read_site_settings(site.settings))


def on(channel: Channel, key: str) -> RecipientChannel:
    address = PARTNER if channel is Channel.CHAIN_FACILITY else "post@ontvanger.example"
    return RecipientChannel(channel=channel, address=address, keys=(Fingerprint(key),))


def test_the_key_that_is_named_is_the_one_that_signs_on_the_channel(tmp_path: Path) -> None:
    own, chain = Authority().issue(OWN), Authority().issue(OWN)
    own.write(tmp_path, "seal")
    chain.write(tmp_path, "chain")
    made = signers(
        tmp_path,
        seal={"signingKey": OPENPGP, "certificateFile": "seal.pem", "certificateKeyFile": "seal.key"},
        chain={
            "ownOin": OWN,
            "certificateFile": "chain.pem",
            "keyFile": "chain.key",
            "rootFile": "root.pem",
            "crlFolder": "crls",
            "peers": {},
        },
    )
    named = [
        made.pin(on(channel, key), now())
        for channel, key in (
            (Channel.SECURE_MAIL, CERTIFICATE),
            (Channel.FILE_DROP, CERTIFICATE),
            (Channel.CHAIN_FACILITY, CERTIFICATE),
            (Channel.SECURE_MAIL, OPENPGP),
            (Channel.FILE_DROP, AGE),
        )
    ]

    assert [own.pin, own.pin, chain.pin, OPENPGP, OPENPGP] == named


def test_without_a_certificate_of_its_own_the_site_names_no_other_key(tmp_path: Path) -> None:
    with pytest.raises(SluisError) as refused:
        signers(tmp_path).pin(on(Channel.SECURE_MAIL, CERTIFICATE), now())

    assert (Code.SIGNING_KEY_UNUSABLE, "seal.certificateFile") == (refused.value.code, refused.value.where)


def test_a_missing_pickup_yaml_is_named_and_nobody_is_sent_to_look_for_a_site(tmp_path: Path) -> None:
    with pytest.raises(SluisError) as refused:
        read_pickup_settings(tmp_path)

    assert (Code.SETTING_INVALID, "pickup.yaml") == (refused.value.code, refused.value.where)
