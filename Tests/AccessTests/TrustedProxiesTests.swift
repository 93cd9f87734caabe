import Access
import Testing

@Suite("Addresses") struct AddressTests {
  @Test(
    "An address is read and written in its shortest form",
    arguments: [
      ("192.0.2.1", "192.0.2.1"), ("::1", "::1"), ("2001:DB8:0:0::1", "2001:db8::1"),
      ("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.256", nil), ("192.0.2", nil), ("", nil), ("::1%lo", nil),
      ("[::1]", nil), ("192.0.2.1:80", nil), ("1.2.3.4\u{0}", nil), (String(repeating: "1", count: 100), nil),
    ] as [(String, String?)])
  func text(text: String, shown: String?) { #expect(IPAddress(text)?.description == shown) }

  @Test(
    "Loopback is 127.0.0.0/8 and ::1",
    arguments: [
      ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("::", false),
      ("128.0.0.1", false), ("10.0.0.1", false), ("2001:db8::1", false),
    ])
  func loopback(text: String, isLoopback: Bool) { #expect(IPAddress(text)?.isLoopback == isLoopback) }

  @Test(
    "A block contains the addresses with its prefix",
    arguments: [
      ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
      ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.128/25", "192.0.2.200", true),
      ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("0.0.0.0/0", "203.0.113.1", true),
      ("0.0.0.0/0", "2001:db8::1", false), ("2001:db8::/32", "2001:db8:ffff::1", true),
      ("2001:db8::/32", "2001:db9::1", false), ("::/0", "203.0.113.1", false),
      ("::ffff:10.0.0.0/104", "10.9.9.9", true), ("10.0.0.0/8", "::ffff:10.9.9.9", true),
    ])
  func contains(block: String, address: String, isIn: Bool) throws {
    #expect(try #require(AddressBlock(block)).contains(#require(IPAddress(address))) == isIn)
  }

  @Test(
    "A text that is no block, or has bits beyond its prefix, is refused",
    arguments: [
      "", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/+8", "all",
      "2001:db8::/129", "2001:db8::1/32", "::ffff:10.0.0.0/8",
    ])
  func noBlock(text: String) { #expect(AddressBlock(text) == nil) }
}

@Suite("Clients behind proxies") struct TrustedProxiesTests {
  private let proxies = TrustedProxies(
    ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"].compactMap { AddressBlock($0) })

  @Test(
    "The client is the first address from the right that is no trusted proxy",
    arguments: [
      // A direct connection.
      ("203.0.113.9", [], "203.0.113.9"),
      // One proxy, which appended the client.
      ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
      // The client claims another address: the proxy appended the real one after it.
      ("10.0.0.1", ["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
      ("10.0.0.1", ["127.0.0.1", "203.0.113.9"], "203.0.113.9"),
      // Two proxies.
      ("127.0.0.1", ["203.0.113.9, 10.1.1.1"], "203.0.113.9"),
      ("10.0.0.1", ["198.51.100.7,203.0.113.9 ,10.1.1.1"], "203.0.113.9"),
      // The peer is no trusted proxy: nothing it says counts.
      ("203.0.113.9", ["127.0.0.1"], "203.0.113.9"),
      // Ports, brackets, IPv6.
      ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
      ("10.0.0.1", ["[2001:db9::7]:4711"], "2001:db9::7"),
      ("2001:db8::1", ["2001:db9::7"], "2001:db9::7"),
      ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
      // Only proxies: the outermost one is the client.
      ("10.0.0.1", ["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
      // What is no address ends the list.
      ("10.0.0.1", ["203.0.113.9, unknown"], "10.0.0.1"), ("10.0.0.1", [""], "10.0.0.1"),
      ("10.0.0.1", ["203.0.113.9,"], "10.0.0.1"),
      ("10.0.0.1", [String(repeating: "1", count: 5000)], "10.0.0.1"),
    ])
  func client(peer: String, fields: [String], address: String) {
    let client = proxies.client(of: RequestOrigin(peer: IPAddress(peer), forwardedFor: fields))
    #expect(client == Client(address: IPAddress(address), isLocal: false))
  }

  @Test("At most 32 addresses are looked at") func bounded() {
    let many = Array(repeating: "10.0.0.2", count: 40).joined(separator: ",")
    let client = proxies.client(
      of: RequestOrigin(peer: IPAddress("10.0.0.1"), forwardedFor: ["203.0.113.9," + many]))
    #expect(client.address == IPAddress("10.0.0.2"))
  }

  @Test(
    "Only a plain request to a name of this machine is local",
    arguments: [
      ("127.0.0.1", "127.0.0.1:8080", true), ("::1", "[::1]:8080", true), ("127.0.0.1", "localhost", true),
      ("127.0.0.1", "LOCALHOST:8080", true), ("127.0.0.1", nil, true),
      // A page of another site whose name was pointed here.
      ("127.0.0.1", "evil.example:8080", false), ("127.0.0.1", "localhost.evil.example", false),
      ("127.0.0.1", "127.0.0.1.evil.example", false), ("127.0.0.1", "", false),
      ("127.0.0.1", "[::1].evil.example", false), ("127.0.0.1", "[::1]:8080.evil.example", false),
      ("127.0.0.1", "127.0.0.1:evil.example", false), ("127.0.0.1", "localhost:evil.example", false),
      ("127.0.0.1", "localhost:8080, evil.example", false), ("127.0.0.1", "localhost:", true),
      ("203.0.113.9", "localhost", false),
    ] as [(String, String?, Bool)])
  func local(peer: String, host: String?, isLocal: Bool) {
    for proxies in [proxies, TrustedProxies()] {
      #expect(
        proxies.client(of: RequestOrigin(peer: IPAddress(peer), host: host))
          == Client(address: IPAddress(peer), isLocal: isLocal))
    }
  }

  @Test("A proxy on this machine makes nobody local, whether it is configured or not") func proxyHere() {
    for proxies in [proxies, TrustedProxies()] {
      for origin in [
        RequestOrigin(peer: IPAddress("127.0.0.1"), forwardedFor: ["127.0.0.1"], host: "localhost"),
        RequestOrigin(peer: IPAddress("127.0.0.1"), forwardedFor: [""], host: "localhost"),
        RequestOrigin(peer: IPAddress("127.0.0.1"), hasOtherForwarding: true, host: "localhost"),
      ] { #expect(!proxies.client(of: origin).isLocal) }
    }
  }

  @Test("A peer without an address is nobody in particular") func noPeer() {
    #expect(
      proxies.client(of: RequestOrigin(peer: nil, forwardedFor: ["127.0.0.1"]))
        == Client(address: nil, isLocal: false))
  }
}
