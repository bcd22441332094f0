"""Which addresses may be called."""

from ipaddress import ip_address, ip_network

import pytest

from penstock.outgoing.addresses import is_open, read_address

OPEN = ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808"]
CLOSED = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2001:0:7f00:1:0:0:80ff:fffe",
]


@pytest.mark.parametrize("address", OPEN)
def test_what_is_open_to_everybody_may_be_called(address):
    assert is_open(ip_address(address), ())


@pytest.mark.parametrize("address", CLOSED)
def test_what_only_we_can_reach_may_not(address):
    assert not is_open(ip_address(address), ())


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3"])
def test_the_operator_opens_networks(address):
    assert is_open(ip_address(address), [ip_network("10.1.0.0/16")])
    assert not is_open(ip_address(address), [ip_network("10.2.0.0/16"), ip_network("fd00::/8")])


def test_a_network_of_one_family_opens_nothing_of_the_other():
    assert not is_open(ip_address("127.0.0.1"), [ip_network("::/0")])


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "a.example", "010.0.0.1"])
def test_what_only_some_read_as_an_address_is_a_name(text):
    assert read_address(text) is None


def test_a_zone_does_not_hide_an_address():
    assert read_address("fe80::1%eth0") == ip_address("fe80::1")
