"""Builds the courier to the chain facility. Loaded only for a site that names partners."""

import secrets

from gateway.bootstrap.build_chain import build_trust
from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import SiteSettings
from gateway.deliver.chain import ChainCourier, ChainPeer, ChainSettings
from gateway.deliver.chain_log import TransactionLog
from gateway.package.oin import Oin


def build_chain_courier(site: SiteLayout, settings: SiteSettings) -> ChainCourier:
    """Build the courier that reaches every partner of the settings."""
    chain = settings.chain
    if chain is None:
        raise ValueError("no chain facility in the settings")
    peers = {
        Oin(oin): ChainPeer(url=each.url, service_name=each.service_name, grant_hash=each.grant_hash)
        for oin, each in chain.peers.items()
    }
    return ChainCourier(
        settings=ChainSettings(
            own_oin=Oin(chain.own_oin),
            peers=peers,
            connections=chain.connections,
            connect_seconds=chain.connect_seconds,
            timeout_seconds=chain.timeout_seconds,
        ),
        trust=build_trust(site, settings, chain),
        log=TransactionLog(site.transaction_log),
        now=clock_of(settings),
        random=secrets.token_bytes,
    )
