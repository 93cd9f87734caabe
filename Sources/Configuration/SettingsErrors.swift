/// Everything that is wrong with the configuration, at once.
public struct SettingsErrors: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where a setting came from.
  public enum Origin: Equatable, Sendable {
    /// A place in the file: line and column from 1, columns in Unicode scalars.
    case file(String, line: Int, column: Int)
    /// The file as a whole.
    case wholeFile(String)
    /// An environment variable.
    case variable(String)
    /// The command line, or nowhere in particular.
    case unplaced
  }

  /// One thing to mend.
  public struct Problem: Equatable, Sendable, CustomStringConvertible {
    public var origin: Origin
    /// The fault and, if it is known, the text to write instead. Never shows a secret.
    public var message: String

    /// A problem at a place.
    public init(_ origin: Origin, _ message: String) {
      self.origin = origin
      self.message = message
    }

    /// `file:line:column: message`, or `environment variable NAME: message`.
    public var description: String {
      switch origin {
      case .file(let name, let line, let column): "\(name):\(line):\(column): \(message)"
      case .wholeFile(let name): "\(name): \(message)"
      case .variable(let name): "environment variable \(name): \(message)"
      case .unplaced: message
      }
    }
  }

  /// In the file's order, then the environment's by name. Never empty.
  public var problems: [Problem]
  /// Whether the problem is that there is no file to read (exit 66) rather than what it says (exit 78).
  public var isMissingFile: Bool

  /// Errors from their problems.
  public init(_ problems: [Problem], isMissingFile: Bool = false) {
    self.problems = problems
    self.isMissingFile = isMissingFile
  }

  /// A file that is there and cannot be read as text.
  static func unreadable(_ path: String) -> SettingsErrors {
    SettingsErrors([.init(.wholeFile(path), "cannot be read as UTF-8")], isMissingFile: true)
  }

  /// One problem a line.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
