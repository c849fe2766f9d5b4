"""Every way we know to write an address that must not be read, by the idea behind it.

Sources: WHATWG URL (host parsing), RFC 3986, RFC 6890 and IANA's special-purpose registries, the
metadata services of the large clouds, and published lists of bypasses of address filters.
"""

from __future__ import annotations

HOSTS: dict[str, list[str]] = {
    "loopback": [
        "127.0.0.1", "127.0.0.2", "127.255.255.254", "127.0.0.1.", "127.0.0.1:80",
        "127.0.0.1:443",
        "0.0.0.0", "0.1.2.3",
    ],
    "short forms": [
        "127.1", "127.0.1", "0", "10.1", "192.168.257", "172.16.1", "169.254.43518",
    ],
    "decimal": [
        "2130706433", "2130706434", "167772161", "3232235777", "2852039166",
        "0000002130706433",
    ],
    "octal": [
        "0177.0.0.1", "017700000001", "0177.0.0.01", "00000177.0.0.1", "0251.0376.0251.0376",
        "0300.0250.0.01", "012.0.0.1", "127.0.0.01", "00127.0.0.1", "127.000.000.001",
    ],
    "hexadecimal": [
        "0x7f000001", "0x7F000001", "0x7f.0x0.0x0.0x1", "0x7F.0.0.1", "0x7f.1", "0xa9fea9fe",
        "0xc0a80001", "0x0", "0x", "0x00000000000000007f000001",
    ],
    "mixed": ["0x7f.0177.0.1", "0177.0x0.0.1", "127.0x000001", "0xa9.254.0251.254", "10.0x0.1"],
    "overflow": [
        "6425673729", "0x17f000001", "127.0.0.257", "256.0.0.1", "4294967296", "-1",
        "1.2.3.4.5",
    ],
    "private networks": [
        "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1",
        "192.168.1.254",
    ],
    "carrier-grade NAT": ["100.64.0.1", "100.127.255.254"],
    "metadata": [
        "169.254.169.254", "169.254.170.2", "169.254.169.253", "100.100.100.200", "192.0.0.192",
        "168.63.129.16", "[fd00:ec2::254]", "[fd20:ce::254]", "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]", "metadata", "metadata.google.internal",
        "metadata.google.internal.",
        "METADATA.google.INTERNAL", "instance-data", "instance-data.ec2.internal",
    ],
    "benchmarks and documentation": [
        "198.18.0.1", "198.19.255.254", "192.0.2.1", "198.51.100.1", "203.0.113.1",
        "[2001:db8::1]",
        "[2001:2::1]", "[3fff::1]",
    ],
    "multicast, broadcast and reserved": [
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1",
        "[ff02::1]",
        "[ff0e::1]", "[5f00::1]", "[100::1]", "[4000::1]",
    ],
    "IPv6": [
        "[::1]", "[::1]:80", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::]", "[::0]", "[fe80::1]",
        "[fec0::1]", "[fc00::1]", "[fd12:3456:789a::1]", "::1", "fe80::1", "[::1", "::1]",
        "[]", "[[::1]]",
    ],
    "IPv4 inside IPv6": [
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
        "[::FFFF:10.0.0.1]",
        "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]",
        "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::127.0.0.1]", "[64:ff9b:1::8.8.8.8]",
        "[2002:7f00:1::]",
        "[2002:a9fe:a9fe::]", "[2002:c0a8:1::1]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "[::ffff:0177.0.0.1]", "[::ffff:2130706433]", "::ffff:127.0.0.1",
    ],
    "zones": [
        "[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1%lo]", "[::1%251]", "[2606:4700::1%eth0]",
    ],
    "other scripts": [
        "①②⑦.⓪.⓪.①", "１２７.０.０.１", "１２７．０．０．１", "127。0。0。1", "127｡0｡0｡1",
        "127．0．0．1", "¹²⁷.⁰.⁰.¹",
        "𝟏𝟐𝟕.𝟎.𝟎.𝟏", "𝟣𝟨𝟫.𝟤𝟧𝟦.𝟣𝟨𝟫.𝟤𝟧𝟦", "١٢٧.٠.٠.١", "१२७.०.०.१", "①⑥⑨.②⑤④.①⑥⑨.②⑤④",
        "０x7f.1", "⓪x7f000001",
        "２１３０７０６４３３", "ｌｏｃａｌｈｏｓｔ", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "ℓocalhost", "𝓵𝓸𝓬𝓪𝓵𝓱𝓸𝓼𝓽",
        "LOCALHOſT", "ⓜetadata.google.internal",
        "loc\u00adalhost", "local\u200bhost", "127.0.0\u200b.1", "127.0.0.1\u2024example",
        "localhost。",
    ],
    "local names": [
        "localhost", "LOCALHOST", "localhost.", "localhost..", "a.localhost", "localhost:80",
        "localhost.localdomain", "ip6-localhost", "kubernetes.default.svc", "wpad", "intranet",
        "kubernetes.default.svc.cluster.local", "printer.local", "router.lan", "db.corp",
        "nas.home",
        "nas.home.arpa", "host.docker.internal", "gateway.docker.internal", "vault.private",
        "x.onion",
        "1.0.0.127.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa",
    ],
    "names that lead there": [
        "127.0.0.1.nip.io", "127-0-0-1.sslip.io", "localtest.me", "lvh.me",
        "spoofed.example.com",
        "a9fea9fe.example.com", "xn--bcher-kva.example", "bücher.example", "MIXED.Example.COM.",
    ],
    "sign-in names": [
        "example.com@127.0.0.1", "user:password@127.0.0.1", "127.0.0.1@example.com",
        "@127.0.0.1",
        "example.com:80@127.0.0.1", "a@b@127.0.0.1", "example.com%2f@127.0.0.1",
        "[::1]@example.com",
        "[::1]:80@example.com", "example.com%40127.0.0.1", ":@127.0.0.1",
    ],
    "confused parsers": [
        "127.0.0.1#@example.com", "127.0.0.1?@example.com", "127.0.0.1/@example.com",
        "example.com\\@127.0.0.1", "127.0.0.1\\@example.com", "127.0.0.1%00.example.com",
        "127.0.0.1%2eexample.com", "127.0.0.1%23.example.com", "127%2e0%2e0%2e1",
        "%31%32%37.0.0.1",
        "127.0.0.1%0d%0aHost:%20x", "127.0.0.1\t.example.com", "127.0.0.1\x00.example.com",
        "127.0.0.1 .example.com", "127.0.0.1,example.com", "127.0.0.1;example.com",
        "127.0.0.1|x",
        "{127.0.0.1}", "$(127.0.0.1)", "127.0.0.1:80:443", "127.0.0.1:", "a" * 64 + ".com",
    ],
    "other ports": [
        "127.0.0.1:22", "127.0.0.1:6379", "example.com:22", "example.com:25",
        "example.com:5432",
        "example.com:8080", "example.com:0", "example.com:65616", "example.com:-80",
        "example.com:８０80",
    ],
}  # fmt: skip
"""Hosts with or without a port, to be read with any scheme."""

WHOLE = [
    "file:///etc/passwd", "file://localhost/etc/passwd", "FILE:///etc/passwd",
    "file:/etc/passwd",
    "ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/stat",
    "ldap://127.0.0.1/", "ldaps://127.0.0.1/", "sftp://127.0.0.1/", "tftp://127.0.0.1/x",
    "ssh://127.0.0.1/", "telnet://127.0.0.1/", "smb://127.0.0.1/share", "rtsp://127.0.0.1/",
    "jar:http://127.0.0.1!/", "netdoc:///etc/passwd", "php://filter/resource=x", "expect://id",
    "data:text/html,<h1>x</h1>", "data:text/html;base64,PGgxPng8L2gxPg==",
    "javascript:alert(1)",
    "vbscript:msgbox(1)", "view-source:http://127.0.0.1/", "about:blank",
    "blob:http://127.0.0.1/x",
    "unix:/var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
    "ws://127.0.0.1/",
    "wss://127.0.0.1/", "mailto:a@127.0.0.1", "http:127.0.0.1", "http:/127.0.0.1",
    "http:///127.0.0.1",
    "http:\\\\127.0.0.1", "///127.0.0.1", "//127.0.0.1", "\\\\127.0.0.1\\share", "/\\127.0.0.1",
    "url:http://127.0.0.1", "http://http://127.0.0.1", "https:https://127.0.0.1", "http://",
    "http://.", "http://..", "http://?", "http://#", "http:// 127.0.0.1/",
    "ht\ntp://127.0.0.1/",
]  # fmt: skip
"""Whole addresses, to be read as they stand."""

SCHEMES = ("", "http://", "https://")


def all_spellings() -> list[str]:
    """Every host with every scheme, and the whole addresses."""
    hosts = [host for group in HOSTS.values() for host in group]
    return [f"{scheme}{host}" for host in hosts for scheme in SCHEMES] + WHOLE
