import Testing

@Suite("Mutated golden messages") struct GoldenMutationTests {
  /// The 64-bit SplitMix generator, so that a failure can be repeated.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  @Test("Any bytes are read or refused, and never end the process", arguments: GoldenTests.cases)
  func mutations(of name: String) throws {
    let folder = "\(GoldenTests.root)/\(name)"
    var generator = Generator(state: UInt64(name.utf8.reduce(0) { $0 + Int($1) }))
    var reader = try GoldenTests.reader(in: folder)
    let messages = try GoldenTests.messages(in: folder)
    for _ in 0..<40 {
      for message in messages {
        var mutated = message
        for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&mutated.payload, &generator) }
        try reader.take(mutated)
      }
    }
    #expect(reader.lines.count >= messages.count)
  }

  private func mutate(_ bytes: inout [UInt8], _ generator: inout Generator) {
    let special = Array("\0\t\n\r \"'#,-./0159:;=\\[]eiu{}~\u{FEFF}".utf8)
    let place = Int.random(in: 0...bytes.count, using: &generator)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: bytes.insert(special.randomElement(using: &generator) ?? 0, at: place)
    case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
    case 2: bytes.removeSubrange(place...)
    case 3: if place < bytes.count { bytes[place] = special.randomElement(using: &generator) ?? 0 }
    default:
      if place < bytes.count { bytes.removeSubrange(place..<min(bytes.count, place + 1 + place % 7)) }
    }
  }
}
