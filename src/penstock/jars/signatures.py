"""Finds a jar's signature that no longer fits its manifest: Java then loads no class from the jar at all.

It is what a merged jar looks like that kept META-INF/*.SF and *.RSA of a library, and the commonest reason why a job's
jar that looks whole is refused at its first class ("Invalid signature file digest for Manifest main attributes").
Judged as Java's SignatureFileVerifier does (JDK 17 and 21), but only where the digest is one that Java still trusts:
where it is not, Java treats the jar as unsigned and loads it. Whether the signature itself holds is not looked at.
"""

import base64
import hashlib
import re
from collections.abc import Iterator

from penstock.jars.archive import Archive, Entry
from penstock.jars.manifest import is_manifest, section_of

_SIGNATURE = re.compile(r"META-INF/([^/]+)\.SF\Z", re.IGNORECASE)
_BLOCKS = (".RSA", ".DSA", ".EC")
_LARGEST = 16 * 1024 * 1024
# SHA-1 and MD5, as a signature block names them: Java may no longer trust such a block.
_OLD_DIGESTS = (bytes.fromhex("06052b0e03021a"), bytes.fromhex("06082a864886f70d0205"))
_TRUSTED = {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}
# The main attributes with the empty line that ends them.
_MAIN_ATTRIBUTES = re.compile(rb".*?(?:\r\n|\r(?!\n)|(?<!\r)\n)(?:\r\n|\r(?!\n)|\n)", re.DOTALL)


def stale_signature(archive: Archive) -> str | None:
    """The entry of the first signature that fits neither the manifest nor its main attributes."""
    manifests = [entry for entry in archive.entries if is_manifest(entry.name)]
    if not manifests:
        return None
    for signature in _signatures(archive):
        manifest = archive.read(manifests[-1], _LARGEST)
        if _is_stale(section_of(archive.read(signature, _LARGEST)), manifest):
            return signature.name
    return None


def _signatures(archive: Archive) -> Iterator[Entry]:
    """Those that come with a block that Java trusts; it passes over the others."""
    related = {entry.name.upper(): entry for entry in archive.entries if entry.name[:9].upper() == "META-INF/"}
    for name, entry in related.items():
        if match := _SIGNATURE.match(name):
            blocks = [
                related[f"META-INF/{match[1]}{block}"] for block in _BLOCKS if f"META-INF/{match[1]}{block}" in related
            ]
            if any(_is_modern(archive.read(block, _LARGEST)) for block in blocks):
                yield entry


def _is_modern(block: bytes) -> bool:
    return not any(digest in block for digest in _OLD_DIGESTS)


def _is_stale(attributes: dict[str, str], manifest: bytes) -> bool:
    of_all = _digests(attributes, "-digest-manifest")
    of_main = _digests(attributes, "-digest-manifest-main-attributes")
    if not of_all or not of_main or any(_fits(digest, manifest) for digest in of_all.items()):
        return False
    main = _MAIN_ATTRIBUTES.match(manifest)
    return not all(_fits(digest, main[0] if main else manifest) for digest in of_main.items())


def _digests(attributes: dict[str, str], ending: str) -> dict[str, str]:
    names = {algorithm + ending: function for algorithm, function in _TRUSTED.items()}
    return {names[name]: value for name, value in attributes.items() if name in names}


def _fits(digest: tuple[str, str], content: bytes) -> bool:
    function, expected = digest
    return base64.b64encode(hashlib.new(function, content).digest()).decode() == expected.strip()
