"""Published cases. AES-256-GCM: McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, cases 13 to 16
(also in NIST's CAVP). HKDF-SHA256: RFC 5869, appendix A, cases 1 to 3.
"""

from __future__ import annotations

_KEY = "feffe9928665731c6d6a8f9467308308" * 2
_CLEAR = (
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
_SEALED = (
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
)
# Name, key, nonce, bound, clear, sealed, tag.
GCM = [
    ("13", "00" * 32, "00" * 12, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
    ("14", "00" * 32, "00" * 12, "", "00" * 16, "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"),
    ("15", _KEY, "cafebabefacedbaddecaf888", "", _CLEAR, _SEALED, "b094dac5d93471bdec1a502270e3cc6c"),
    (
        "16",
        _KEY,
        "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        _CLEAR[:120],
        _SEALED[:120],
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ),
]
# Name, secret, salt, info, out.
HKDF_CASES = [
    (
        "1",
        "0b" * 22,
        "000102030405060708090a0b0c",
        "f0f1f2f3f4f5f6f7f8f9",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        "2",
        bytes(range(0x50)).hex(),
        bytes(range(0x60, 0xB0)).hex(),
        bytes(range(0xB0, 0x100)).hex(),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
        "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ),
    (
        "3",
        "0b" * 22,
        "",
        "",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
]
