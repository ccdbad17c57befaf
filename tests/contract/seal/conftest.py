from tests.integration.seal.conftest import small_disk

__all__ = ["small_disk"]
