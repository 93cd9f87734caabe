/// A small seeded generator, SplitMix64 (Steele, Lea and Flood 2014). It has eight bytes of state, so that every
/// device has its own generator and none depends on the draws of another.
///
/// The standard library's `random(in:using:)` is not used: its mapping of bits to ranges may change with the
/// compiler, and a seed must always give the same messages.
struct SplitMix: Sendable {
  private var state: UInt64

  /// The generator of a seed. Equal seeds give equal sequences.
  init(seed: UInt64) { state = seed }

  /// The generator of one of several objects that share a seed. Neighbouring objects have unrelated sequences.
  init(seed: UInt64, stream: UInt64) {
    var mixer = SplitMix(seed: seed ^ (stream &* 0xD605_BBB5_8C8A_BBFD))
    state = mixer.next() ^ stream
  }

  /// Returns 64 bits.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Returns a number from 0 to `bound` − 1; 0 if there is none.
  mutating func below(_ bound: Int) -> Int {
    guard bound > 0 else { return 0 }
    return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Returns a number within a range.
  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.upperBound - range.lowerBound + 1)
  }

  /// Returns whether an event with a probability of `percent` percent occurs.
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}
