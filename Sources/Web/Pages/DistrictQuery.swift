import Aggregation
import Reporting
import Telemetry

/// Which factories the district's page lists, and in which order. All of it is in the address, so that a view can be
/// kept and sent to others.
struct DistrictQuery: Equatable {
  /// The figures by which factories can be ordered.
  enum Order: Equatable {
    /// By a ratio, the lowest first.
    case figure(Metric)
    /// By the number of machines that are not reporting, the most first.
    case missing
    /// By the number of machines with a status, the most first.
    case bucket(Bucket)
    /// By the number of machines in service, the most first.
    case size
    case name, id

    /// The orders that there are, as the page offers them.
    static let all: [Order] = {
      var all: [Order] = [.figure(.networkedRatio), .missing]
      for metric in Metric.ranked where metric != .networkedRatio { all.append(.figure(metric)) }
      for bucket in Bucket.allCases { all.append(.bucket(bucket)) }
      return all + [.size, .name, .id]
    }()

    /// The word in an address.
    var word: String {
      switch self {
      case .figure(let metric): metric.key
      case .missing: "missing"
      case .bucket(let bucket): bucket.key
      case .size: "size"
      case .name: "name"
      case .id: "id"
      }
    }
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

  var order = Order.figure(.networkedRatio)
  var isReversed = false
  var selection = Selection.all
  /// A text in the name, id or initials; empty for all.
  var text = ""
  /// An industry; empty for all.
  var industry = ""
  /// Whether the page is for a display that nobody touches.
  var isWall = false
  /// The page's language: names are ordered by it.
  var language = Language.english

  /// The query of a request.
  ///
  /// - Throws: ``WebProblem`` for a value that a parameter does not take.
  init(_ request: WebRequest) throws(WebProblem) {
    order = try Self.choice("sort", Order.all, \.word, request) ?? .figure(.networkedRatio)
    selection = try Self.choice("show", Selection.allCases, \.rawValue, request) ?? .all
    language = request.language
    isReversed = request.parameter("order") == "desc"
    text = String((request.parameter("q") ?? "").prefix(64))
    industry = String((request.parameter("industry") ?? "").prefix(128))
    isWall = request.parameter("display") == "wall"
  }

  private static func choice<Choice>(
    _ name: String, _ choices: [Choice], _ word: (Choice) -> String, _ request: WebRequest
  ) throws(WebProblem) -> Choice? {
    guard let text = request.parameter(name), !text.isEmpty else { return nil }
    guard let choice = choices.first(where: { word($0) == text }) else {
      let words = choices.map(word)
      throw .parameter(
        name, "one of " + words.joined(separator: ", "), "以下之一：" + words.joined(separator: "、"))
    }
    return choice
  }

  /// The figure that tiles show: the one that they are ordered by.
  var figure: Metric {
    if case .figure(let metric) = order { metric } else { .networkedRatio }
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

  /// The value by which factories are ordered; smaller ones come first.
  private enum Key: Comparable {
    case number(Int)
    case text(String)
  }

  private func key(of one: FactorySummary) -> Key {
    let figures = one.figures
    switch order {
    case .figure(let metric):
      // Factories without a figure come last.
      guard figures.absence(of: metric) == nil else { return .number(.max) }
      return .number(figures.count(of: metric)?.millionths ?? .max)
    case .missing: return .number(-Self.missing(figures.buckets))
    case .bucket(let bucket): return .number(-figures.buckets[bucket])
    case .size: return .number(-figures.equipment)
    case .name: return .text(name(of: one))
    case .id: return .text(one.factory.id)
    }
  }

  /// The name by which factories are ordered: Chinese ones by their pinyin.
  private func name(of one: FactorySummary) -> String {
    let chinese = PinyinInitials.of(one.factory.nameChinese) + one.factory.nameChinese
    let english = one.factory.nameEnglish.lowercased()
    let names = language == .english ? [english, chinese] : [chinese, english]
    return names.first { !$0.isEmpty } ?? one.factory.id
  }
}
