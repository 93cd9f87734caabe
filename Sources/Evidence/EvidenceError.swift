/// A pack cannot be made, read or accepted.
public struct EvidenceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Kinds of failure; the kind decides the exit code.
  public enum Kind: Sendable {
    /// Something in the pack, or in the store it is to be made from, does not hold.
    case doesNotHold
    /// An option has a value that it cannot have.
    case usage
    /// A file or the journal's past is not there, or cannot be read.
    case noInput
    /// The journal has not closed the days yet; trying again later can help.
    case tryAgain
    /// The pack would be larger than a pack can be.
    case tooLarge
  }

  public var kind: Kind
  /// The failure and its place, in a sentence for the user.
  public var description: String

  /// A failure of `kind`.
  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
