import Decoding

/// Births and remembered values of a factory's machines that the journal cannot store.
public struct StateLoss: Equatable, Sendable, CustomStringConvertible {
  /// Why they cannot be stored.
  public enum Cause: Sendable {
    /// They take more than the journal stores as one state.
    case tooLong
    /// Together with those of other factories they take more than the journal stores at once.
    case allTooLong
    /// There are more factories than the journal can name at once.
    case tooManyFactories
  }

  public var cause: Cause
  /// Their length in bytes.
  public var bytes: Int

  /// A loss of a number of bytes.
  public init(cause: Cause, bytes: Int) {
    self.cause = cause
    self.bytes = bytes
  }

  /// Why a state of `size` bytes of a factory with a number cannot be stored behind `stored` bytes; nil if it can.
  static func cause(_ size: Int, of factory: Int32, behind stored: Int) -> Cause? {
    if factory < 0 { return .tooManyFactories }
    if size > DecoderState.mostBytes { return .tooLong }
    return stored + size > mostBytes ? .allTooLong : nil
  }

  /// Maximum number of bytes of all factories that are stored at once.
  static let mostBytes = 64 << 20

  /// The cause as the end of a sentence on the births and values.
  public var description: String {
    let size = Self.mebibytes(bytes)
    return switch cause {
    case .tooLong:
      "take \(size), of which the journal stores at most \(Self.mebibytes(DecoderState.mostBytes))"
    case .allTooLong:
      "take \(size), and those of all factories take more than the \(Self.mebibytes(Self.mostBytes)) that the journal stores"
    case .tooManyFactories: "cannot be stored, because there are more factories than the journal can name"
    }
  }

  /// The remedy, as a sentence without a full stop.
  public var remedy: String {
    switch cause {
    case .tooLong: "Publish fewer metrics per device, or give parts of the factory to several sources"
    case .allTooLong: "Publish fewer metrics per device, or give the factories to several collectors"
    case .tooManyFactories: "Give the factories to several collectors"
    }
  }

  /// A length, rounded up.
  private static func mebibytes(_ bytes: Int) -> String {
    let (whole, rest) = max(0, bytes).quotientAndRemainder(dividingBy: 1 << 20)
    return "\(whole + (rest > 0 ? 1 : 0)) MiB"
  }
}
