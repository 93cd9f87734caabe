/// Number of flags of a kind, and of factories that have one.
public struct FlagCount: Equatable, Sendable {
  public var kind: AuditFlag.Kind
  public var flags: Int
  public var factories: Int
}

/// Number of flags of a kind in one factory.
public struct FactoryFlagCount: Equatable, Sendable {
  public var factory: String
  public var kind: AuditFlag.Kind
  public var flags: Int
}

/// Counts flags by factory and kind.
public struct FlagTally: Sendable {
  private struct Key: Hashable {
    var kind: AuditFlag.Kind
    /// See ``AuditFlag/columns``.
    var columns: Set<String> = []
  }
  private var counts: [String: [Key: Int]] = [:]

  /// Nothing counted yet.
  init() {}

  mutating func add(_ kind: AuditFlag.Kind, _ number: Int = 1, of factory: String) {
    add(Key(kind: kind), number, of: factory)
  }

  mutating func add(_ flag: AuditFlag) {
    add(Key(kind: flag.kind, columns: flag.columns), 1, of: flag.factory)
  }

  private mutating func add(_ key: Key, _ number: Int, of factory: String) {
    guard number > 0 else { return }
    counts[factory, default: [:]][key, default: 0] += number
  }

  /// Number of flags of each factory by kind, factories ascending by id, kinds in their order.
  ///
  /// - Parameter figures: only flags that concern one of them; nil for all flags.
  public func byFactory(concerning figures: [Form.Figure]? = nil) -> [FactoryFlagCount] {
    counts.sorted { $0.key < $1.key }.flatMap { factory, counts in
      let wanted = counts.filter { key, _ in
        figures?.contains { AuditFlag.concerns(key.kind, columns: key.columns, $0) } ?? true
      }
      return AuditFlag.Kind.allCases.compactMap { kind in
        let flags = wanted.reduce(0) { $0 + ($1.key.kind == kind ? $1.value : 0) }
        return flags > 0 ? FactoryFlagCount(factory: factory, kind: kind, flags: flags) : nil
      }
    }
  }

  /// Number of flags by kind, in the order of kinds; kinds without flags are left out.
  ///
  /// - Parameter figures: only flags that concern one of them; nil for all flags.
  public func byKind(concerning figures: [Form.Figure]? = nil) -> [FlagCount] {
    let counts = Dictionary(grouping: byFactory(concerning: figures), by: \.kind)
    return AuditFlag.Kind.allCases.compactMap { kind in
      counts[kind].map {
        FlagCount(kind: kind, flags: $0.reduce(0) { $0 + $1.flags }, factories: $0.count)
      }
    }
  }
}

extension FlagCount {
  /// Counts of flags in the order of kinds; kinds without flags are left out.
  public static func counts(_ flags: [AuditFlag]) -> [FlagCount] { FlagTally(flags).byKind() }
}

extension FlagTally {
  /// Counts some flags.
  public init(_ flags: [AuditFlag]) {
    for flag in flags { add(flag) }
  }
}
