"""The key that seals, drawn from the one master key, and the public key by which anybody may check."""

from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING

from paidan.engine.environment import KEY_FILE
from paidan.engine.errors import InputError, UsageError
from paidan.engine.keys import given_key
from paidan.storage.vault import KEY_BYTES

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_PEM_END = b"-----END PUBLIC KEY-----"
_PURPOSE = b"paidan seals 1"
"""What the master key is drawn out for; another purpose gets another key, and neither tells of the other."""


class Checker:
    """
    Public keys: they say of a signature whether it stands under a text.

    There are several where the master key was replaced: seals made before are signed by an older one.
    """

    def __init__(self, *keys: "Ed25519PublicKey") -> None:
        self._keys = keys

    def __or__(self, other: "Checker") -> "Checker":
        return Checker(*self._keys, *other._keys)

    def holds(self, text: bytes, signature: str) -> bool:
        """Say whether the signature, in base64, was made over the text by the other half of one of them."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - only seals need it

        return any(self._verified(key, text, signature, InvalidSignature) for key in self._keys)

    def _verified(
        self, key: "Ed25519PublicKey", text: bytes, signature: str, refused: type[Exception]
    ) -> bool:
        try:
            key.verify(b64decode(signature, validate=True), text)
        except (refused, ValueError):
            return False
        return True

    def text(self) -> str:
        """Give the keys in PEM, as other tools read them."""
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - only seals need it
            Encoding,
            PublicFormat,
        )

        pem = (key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in self._keys)
        return b"".join(pem).decode()


class Signer:
    """The private key drawn from the master key."""

    def __init__(self, key: "Ed25519PrivateKey") -> None:
        self._key = key
        self.checker = Checker(key.public_key())

    def sign(self, text: bytes) -> str:
        """Sign a text; gives base64."""
        return b64encode(self._key.sign(text)).decode()


def signer(key: bytes | Path | str | None) -> Signer:
    """
    Draw the key that seals from the master key, given as `paidan.engine.keys.given_key` takes it.

    Raises `UsageError` where there is none.
    """
    master = given_key(key)
    if master is None:
        raise UsageError("audit.key_unnamed", name=KEY_FILE)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - only seals need it
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    drawn = HKDF(SHA256(), KEY_BYTES, salt=None, info=_PURPOSE).derive(master)
    return Signer(Ed25519PrivateKey.from_private_bytes(drawn))


def checker(public: Path | str) -> Checker:
    """Read the public keys in a PEM file; raises `InputError` for one that holds anything else, or none."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - only seals need it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    path = _there(public)
    blocks = [block + _PEM_END for block in path.read_bytes().split(_PEM_END) if block.strip()]
    try:
        keys = [load_pem_public_key(block) for block in blocks]
    except (ValueError, UnsupportedAlgorithm):
        keys = []
    ours = [key for key in keys if isinstance(key, Ed25519PublicKey)]
    if not ours or len(ours) != len(keys):
        raise InputError("audit.no_public_key", exit_code=2, file=path)
    return Checker(*ours)


def _there(file: Path | str) -> Path:
    path = Path(file)
    if not path.is_file():
        raise InputError("audit.no_file", exit_code=5, file=path)
    return path
