import Journal
import Testing

@Suite("Packet identifiers") struct PacketIDsTests {
  @Test(
    "are read back as they were added",
    arguments: [
      [], [0], [1, 2, 3], [0, 0, 0, 7, 8, 0, 9], [65_534, 65_535, 1, 2], [5, 5, 4, 6],
      [UInt16](repeating: 0, count: 70_000), (0..<70_000).map { UInt16($0 % 65_535 + 1) },
    ])
  func roundTrip(ids: [UInt16]) {
    var packed = PacketIDs()
    for id in ids { packed.append(id) }
    #expect(packed.all == ids)
  }

  @Test("take four bytes as long as the broker counts up") func size() {
    var packed = PacketIDs()
    for id in 1...5000 { packed.append(UInt16(id)) }
    #expect(packed.bytes.count == 4)
  }
}
