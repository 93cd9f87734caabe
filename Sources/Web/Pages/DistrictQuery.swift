import Aggregation
import Reporting
import Telemetry

/// Which factories the district's page lists, and in which order. All of it is in the address, so that a view can be
/// kept and sent to others.
struct DistrictQuery: Equatable {
  /// What factories are ordered by.
  enum Order: String, CaseIterable {
    /// By the share of networked equipment, the lowest first.
    case networked
    case upload, digital, automation
    /// By the number of machines that are not reporting, the most first.
    case missing
    case offline, refused, unseen
    case name, id
  }

  /// Which factories are listed.
  enum Selection: String, CaseIterable {
    case all
    /// Factories with machines that are silent, offline, refused or never seen.
    case attention
    /// Factories from which nothing comes now.
    case silent
    /// Factories that only senders name.
    case unregistered
  }

  var order = Order.networked
  var isReversed = false
  var selection = Selection.all
  /// A text in the name, id or initials; empty for all.
  var text = ""
  /// An industry; empty for all.
  var industry = ""
  /// Whether the page is for a display that nobody touches.
  var isWall = false

  /// The query of a request.
  ///
  /// - Throws: ``WebProblem`` for a value that a parameter does not take.
  init(_ request: WebRequest) throws(WebProblem) {
    order = try Self.word("sort", request) ?? .networked
    selection = try Self.word("show", request) ?? .all
    isReversed = request.parameter("order") == "desc"
    text = String((request.parameter("q") ?? "").prefix(64))
    industry = String((request.parameter("industry") ?? "").prefix(128))
    isWall = request.parameter("display") == "wall"
  }

  private static func word<Word: RawRepresentable & CaseIterable>(
    _ name: String, _ request: WebRequest
  ) throws(WebProblem) -> Word? where Word.RawValue == String {
    guard let text = request.parameter(name), !text.isEmpty else { return nil }
    guard let word = Word(rawValue: text) else {
      let words = Word.allCases.map(\.rawValue)
      throw .parameter(
        name, "one of " + words.joined(separator: ", "), "以下之一：" + words.joined(separator: "、"))
    }
    return word
  }

  /// Whether all factories are listed.
  var isUnfiltered: Bool { selection == .all && text.isEmpty && industry.isEmpty }

  /// The factories that are asked for, in order.
  func factories(of all: [FactorySummary]) -> [FactorySummary] {
    let needle = text.lowercased()
    let chosen = all.filter { one in
      selects(one) && (industry.isEmpty || one.factory.industry == industry)
        && (needle.isEmpty || Self.matches(one, needle))
    }
    let sorted = chosen.map { (key: key(of: $0), factory: $0) }.sorted { a, b in
      a.key != b.key ? a.key < b.key : a.factory.factory.id < b.factory.factory.id
    }
    let ordered = sorted.map(\.factory)
    return isReversed ? ordered.reversed() : ordered
  }

  private func selects(_ one: FactorySummary) -> Bool {
    let buckets = one.figures.buckets
    switch selection {
    case .all: return true
    case .attention: return Self.missing(buckets) > 0
    case .silent: return one.figures.equipment > 0 && buckets.reporting == 0
    case .unregistered: return !one.isRegistered
    }
  }

  private static func missing(_ buckets: BucketCounts) -> Int {
    buckets.silent.addingSaturated(buckets.offline).addingSaturated(buckets.refused)
      .addingSaturated(buckets.neverSeen)
  }

  private static func matches(_ one: FactorySummary, _ needle: String) -> Bool {
    let factory = one.factory
    return factory.id.lowercased().contains(needle) || factory.nameChinese.contains(needle)
      || factory.nameEnglish.lowercased().contains(needle)
      || PinyinInitials.of(factory.nameChinese).contains(needle)
  }

  /// What a factory is ordered by; smaller ones come first.
  private enum Key: Comparable {
    case number(Int)
    case text(String)
  }

  private func key(of one: FactorySummary) -> Key {
    let figures = one.figures
    func ratio(_ metric: Metric) -> Key {
      // Factories without a figure come last.
      .number(figures.count(of: metric)?.permille ?? .max)
    }
    switch order {
    case .networked: return ratio(.networkedRatio)
    case .upload: return ratio(.uploadRatio)
    case .digital: return ratio(.digitalizationRatio)
    case .automation: return ratio(.automationRatio)
    case .missing: return .number(-Self.missing(figures.buckets))
    case .offline: return .number(-figures.buckets.offline)
    case .refused: return .number(-figures.buckets.refused)
    case .unseen: return .number(-figures.buckets.neverSeen)
    case .name: return .text(one.factory.nameChinese + one.factory.nameEnglish)
    case .id: return .text(one.factory.id)
    }
  }
}
