import Aggregation
import Register
import Telemetry

/// The improvements of past figures and the flags that an answer tells of.
public struct AnswerContext: Sendable {
  /// The files compared with the register, as an import would change it.
  public enum Comparison: Sendable {
    /// There is no register to compare with.
    case noRegister
    /// Files with problems have no rows to compare.
    case notValid
    /// Figures of past days that an import would improve.
    case compared(PastImprovements, effectiveOn: CalendarDay)
  }

  /// Flags against the factories of the files in a period.
  public enum Flags: Sendable {
    /// Flags were not looked up.
    case notRead(Reason)
    /// The flags of a period.
    ///
    /// - Parameter factoriesLeftOut: number of factories of the files whose flags were not looked up.
    case read([AuditFlag], days: ClosedRange<CalendarDay>, factoriesLeftOut: Int)
  }

  /// Why flags were not looked up.
  public enum Reason: Sendable {
    /// No collected data.
    case noData
    /// No configuration, which has the time zone of the days.
    case noConfiguration
    /// The collected data could not be read.
    case unreadable
  }

  public var comparison: Comparison
  public var flags: Flags

  /// A context; by default there is neither a register nor collected data.
  public init(comparison: Comparison = .noRegister, flags: Flags = .notRead(.noData)) {
    self.comparison = comparison
    self.flags = flags
  }

  /// Flags by factory and kind, in this order.
  struct Group {
    var factory: String
    var kind: AuditFlag.Kind
    var flags: [AuditFlag]
  }

  /// The flags of a factory and a kind together, factories ascending by id, kinds in their order.
  static func groups(_ flags: [AuditFlag]) -> [Group] {
    Dictionary(grouping: flags, by: \.factory).sorted { $0.key < $1.key }.flatMap { factory, flags in
      let kinds = Dictionary(grouping: flags, by: \.kind)
      return AuditFlag.Kind.allCases.compactMap { kind in
        kinds[kind].map { Group(factory: factory, kind: kind, flags: $0) }
      }
    }
  }
}
