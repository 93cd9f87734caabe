/// How long a reading vouches for its state.
public enum Vouching: UInt8, CaseIterable, Sendable {
  /// Up to the horizon T: the sender reports in intervals (metrics.md, rule 6).
  case horizon
  /// While its session lives and is heard, and at least up to the horizon: the sender reports changes only, as in
  /// Sparkplug (rule 7). An offline ends the session; time after an interruption of hearing is unobserved.
  case session

  /// How the newest reading vouches, and whether an earlier one did by a session.
  public struct Past: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The newest reading vouches by its session.
    public static let session = Past(rawValue: 1)
    /// Some reading did.
    public static let everBySession = Past(rawValue: 2)
    /// Every mark there is.
    public static let all: Past = [.session, .everBySession]
  }
}
