"""The endpoint is parsed from its URL, and only a server with a trusted certificate is spoken to."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dynamodb.client import Client
from dynamodb.credentials import FixedCredentialsProvider
from dynamodb.errors import NoResponse
from dynamodb.pool import ConnectionPool, Endpoint
from dynamodb.signing import Credentials

from .endpoint import response, scripted

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("url", "address", "port", "host"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1", 8000, "127.0.0.1:8000"),
        ("http://dynamo/", "dynamo", 80, "dynamo"),
        ("http://dynamo:80", "dynamo", 80, "dynamo"),
        ("https://dynamo.example:443/", "dynamo.example", 443, "dynamo.example"),
        ("https://dynamo.example:8443", "dynamo.example", 8443, "dynamo.example:8443"),
        ("http://user:secret@dynamo:8000", "dynamo", 8000, "dynamo:8000"),
        ("http://[::1]:8000", "::1", 8000, "[::1]:8000"),
    ],
)
def test_a_url_is_parsed(url: str, address: str, port: int, host: str) -> None:
    endpoint = Endpoint.from_url(url)
    assert (endpoint.address, endpoint.port, endpoint.host) == (address, port, host)
    assert (endpoint.tls is not None) == url.startswith("https")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a certificate for `localhost` and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "localhost.pem"
    path.write_bytes(text + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(("name", "trusted"), [("localhost", True), ("127.0.0.1", True), ("localhost", False)])
async def test_requests_go_only_to_a_server_with_a_trusted_certificate(
    name: str, trusted: bool, certificate: Path
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    async with scripted(response({"a": 1}), tls=context) as endpoint:
        url = endpoint.url.replace("http://127.0.0.1", f"https://{name}")
        pool = ConnectionPool(
            Endpoint.from_url(url, str(certificate) if trusted else None), size=1, connect_timeout=5, read_timeout=5
        )
        client = Client(pool, "us-east-1", FixedCredentialsProvider(Credentials("key", "secret")))
        if (name, trusted) == ("localhost", True):
            assert await client.send("GetItem", {}) == {"a": 1}
        else:
            with pytest.raises(NoResponse, match="no connection"):
                await client.send("GetItem", {})
            assert endpoint.requests == []
        client.close()
