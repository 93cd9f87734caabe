/// Failure of a store. Its kind says whether trying again can help.
public struct StoreError: Error, CustomStringConvertible, Sendable {
  /// Kinds of failure; the kind decides the exit code.
  public enum Kind: Sendable {
    /// Another process holds what only one may hold.
    case locked
    /// There is no store at the place given.
    case missing
    /// The store was written by a newer version, or contradicts itself.
    case refused
    /// Content that does not match its hash or its format.
    case corrupt
    /// A file of the store was removed, renamed or replaced while in use, or another process writes to it: the user
    /// of the store must stop.
    case removed
    /// The disk or the database said no; it may pass.
    case io
  }

  public var kind: Kind
  /// The failure, the file, and the remedy.
  public var description: String
  /// The same in Chinese; nil where there are only the English words.
  public var chinese: String?

  /// A failure of `kind`.
  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// A failure of `kind` in the words of both languages.
  public init(_ kind: Kind, _ english: String, _ chinese: String) {
    self.kind = kind
    description = english
    self.chinese = chinese
  }

  /// The words in Chinese; in English where there are no others.
  public var chineseDescription: String { chinese ?? description }
}
