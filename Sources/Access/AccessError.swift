/// A failure of accounts: the file, or a change that is not possible. The message names the file or account and says
/// what to do.
public struct AccessError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Kinds of failures.
  public enum Kind: Sendable {
    /// Another account or token is in the way, or a value is not allowed.
    case refused
    /// There is no such account.
    case unknown
    /// The file is not one of accounts, or is damaged.
    case corrupt
    /// Others can read the file, or it is no regular file.
    case exposed
    /// The file cannot be read or written.
    case io
  }

  public var kind: Kind
  public var english: String
  public var chinese: String

  /// A failure with its message in both languages.
  public init(_ kind: Kind, _ english: String, _ chinese: String) {
    self.kind = kind
    self.english = english
    self.chinese = chinese
  }

  public var description: String { english }
}
