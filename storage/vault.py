"""
The vault: what is said of a person, encrypted under a key of its order, which only a master key unwraps.

The master key lies outside the store, which keeps no more than what tells it from another. Whoever
destroys an order's key has destroyed what it encrypts, in every copy of the store that lacks the key.
Ciphers are AES-256-GCM; each is bound to its place, so that none can be moved to another.
"""

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from paidan.storage.errors import KeyMissingError, KeyWrongError
from paidan.storage.port import Sealed, Store, Transaction

KEY_BYTES = 32
_NONCE_BYTES = 12


class Identity(NamedTuple):
    """What an entry of an order said of a person, or the words it wrote before they were masked."""

    seq: int
    name: str
    value: str


class Vault:
    """
    The vault of one store under its master key.

    Raises `KeyWrongError` where the key is another than the store's, or has been replaced since.
    """

    def __init__(self, key: bytes, known_by: str = "") -> None:
        """Take a master key; `known_by` is what a store says of its own, empty for a new vault."""
        self._key = key
        self.known_by = known_by or b64encode(_sealed(key, b"", "master")).decode()
        _unsealed(key, b64decode(self.known_by), "vault_key_wrong", "master")

    def keep(self, transaction: Transaction, order_id: str, said: Mapping[int, Mapping[str, str]]) -> None:
        """Put what entries (`seq`) said of a person into the vault, in the transaction that writes them."""
        self._check(transaction)
        wrapped = transaction.order_key(order_id)
        if wrapped is None:
            key = secrets.token_bytes(KEY_BYTES)
            transaction.keep_order_key(order_id, _sealed(self._key, key, "key", order_id))
        else:
            key = self._unwrapped(order_id, wrapped)
        transaction.keep_sealed(
            order_id,
            [
                Sealed(seq, name, _sealed(key, value.encode(), order_id, seq, name))
                for seq, values in sorted(said.items())
                for name, value in sorted(values.items())
            ],
        )

    def read(self, transaction: Transaction, order_id: str) -> tuple[Identity, ...]:
        """Give what the vault holds of an order, by entry and name."""
        self._check(transaction)
        wrapped = transaction.order_key(order_id)
        if wrapped is None:
            return ()
        key = self._unwrapped(order_id, wrapped)
        return tuple(
            Identity(seq, name, _unsealed(key, sealed, "vault_broken", order_id, seq, name).decode())
            for seq, name, sealed in transaction.sealed(order_id)
        )

    def rotate(self, transaction: Transaction, key: bytes) -> "Vault":
        """Wrap the key of every order under another master key, and give the vault under that one."""
        self._check(transaction)
        after = Vault(key)
        transaction.adopt_vault(
            after.known_by,
            lambda order_id, wrapped: _sealed(key, self._unwrapped(order_id, wrapped), "key", order_id),
        )
        return after

    def _check(self, transaction: Transaction) -> None:
        """Refuse a key that another process has replaced: what it wraps nobody could unwrap."""
        if transaction.vault() != self.known_by:
            raise KeyWrongError("vault_key_replaced")

    def _unwrapped(self, order_id: str, wrapped: bytes) -> bytes:
        return _unsealed(self._key, wrapped, "vault_broken", "key", order_id)


class LogOnly:
    """A store whose log is read without the key of its vault: nothing is written, lest identities be lost."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, work: object, about: object = None) -> NoReturn:  # noqa: ARG002 - the verb of the port
        """Refuse to write."""
        raise KeyMissingError("log_only")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def vault_of(store: Store, key: bytes | None) -> Vault | None:
    """
    Open the vault of a store with its master key, or make one where it has none; None without either.

    Raises `KeyMissingError` where there is a vault and no key, `KeyWrongError` for another key.
    """
    known_by = store.vault()
    if key is None:
        if known_by:
            raise KeyMissingError("vault_key_missing")
        return None
    return Vault(key, known_by or store.write(lambda transaction: _adopted(transaction, key)))


def _adopted(transaction: Transaction, key: bytes) -> str:
    if there := transaction.vault():  # another process made it just now
        return there
    known_by = Vault(key).known_by
    transaction.adopt_vault(known_by)
    return known_by


def _sealed(key: bytes, value: bytes, *place: str | int) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - a store without a vault needs none

    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value, _bound(place))


def _unsealed(key: bytes, sealed: bytes, code: str, *place: str | int) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(place))
    except InvalidTag:
        raise KeyWrongError(code) from None


def _bound(place: tuple[str | int, ...]) -> bytes:
    return json.dumps(place, ensure_ascii=False).encode()
