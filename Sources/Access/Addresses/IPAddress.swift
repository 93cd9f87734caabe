import Foundation

/// An address of the internet protocol, version 4 or 6. An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4
/// address.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  /// 4 or 16 bytes.
  let bytes: [UInt8]

  /// An address without brackets, port or zone; nil for any other text.
  public init?(_ text: String) {
    // An address has at most 45 characters.
    guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = withUnsafeBytes(of: four) { Array($0) }
      return
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    let all = withUnsafeBytes(of: six) { Array($0) }
    bytes = all.starts(with: Self.mapped) ? Array(all.dropFirst(12)) : all
  }

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// The first 12 bytes of an IPv4 address written as IPv6 (RFC 4291, section 2.5.5.2).
  private static let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

  /// Whether it is this machine: 127.0.0.0/8 or ::1.
  public var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 }
  }

  /// The addresses that one subscriber is likely to hold: of IPv6 the first 64 bits, of IPv4 the address itself.
  public var subscriber: IPAddress {
    bytes.count == 4
      ? self : IPAddress(bytes: Array(bytes.prefix(8)) + [UInt8](repeating: 0, count: 8))
  }

  public var description: String {
    var text = [CChar](repeating: 0, count: 46)
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// A block of addresses, such as `10.0.0.0/8` or `2001:db8::/32`. A single address is a block with one address.
public struct AddressBlock: Hashable, Sendable, CustomStringConvertible {
  private let first: IPAddress
  private let bits: Int

  /// A block in CIDR notation (RFC 4632); nil for any other text, and where bits beyond the prefix are set.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let address = IPAddress(parts[0]), parts.count <= 2 else { return nil }
    first = address
    let all = address.bytes.count * 8
    guard parts.count == 2 else {
      bits = all
      return
    }
    guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let given = Int(parts[1])
    else { return nil }
    // The prefix of an IPv4 address written as IPv6 counts from the beginning of the IPv6 address.
    let bits = parts[0].contains(":") && all == 32 ? given - 96 : given
    guard (0...all).contains(bits) else { return nil }
    self.bits = bits
    guard Self.masked(address.bytes, bits) == address.bytes else { return nil }
  }

  /// Whether an address is in the block.
  public func contains(_ address: IPAddress) -> Bool {
    address.bytes.count == first.bytes.count && Self.masked(address.bytes, bits) == first.bytes
  }

  public var description: String { "\(first)/\(bits)" }

  private static func masked(_ bytes: [UInt8], _ bits: Int) -> [UInt8] {
    bytes.enumerated().map { place, byte in
      let kept = min(max(bits - place * 8, 0), 8)
      return kept == 0 ? 0 : byte & (0xFF << (8 - kept))
    }
  }
}
