import Aggregation
import Reporting
import Telemetry

/// A bar whose parts add up to the production equipment in service, one for each bucket. Parts differ in pattern as well
/// as in colour.
package enum BucketBar {
  /// Width of a whole bar: thousandths.
  private static let width = 1000
  /// Narrowest part that is still visible.
  private static let least = 12

  /// The class of a bucket's colour.
  static func kind(_ bucket: Bucket) -> String {
    switch bucket {
    case .reporting: "reporting"
    case .silent: "silent"
    case .offline: "offline"
    case .refused: "refused"
    case .notConnectable: "unconnectable"
    case .neverSeen: "unseen"
    }
  }

  /// The bar alone. The text beside it says the same.
  static func draw(_ counts: BucketCounts, _ markup: inout Markup) {
    markup.element(
      "svg",
      [
        ("class", "buckets"), ("aria-hidden", "true"),
      ]
    ) { svg in
      for part in parts(counts) {
        svg.element(
          "rect",
          [
            ("class", "b-\(kind(part.bucket))"), ("x", percent(part.from)), ("width", percent(part.width)),
            ("height", "100%"),
          ])
      }
    }
  }

  /// Thousandths as the value of an attribute: a bar is as wide as its place, and its patterns keep their size.
  private static func percent(_ thousandths: Int) -> String { "\(thousandths / 10).\(thousandths % 10)%" }

  /// Parts in the order of the buckets, which fill the width; a bucket with equipment is visible.
  package static func parts(_ counts: BucketCounts) -> [(bucket: Bucket, from: Int, width: Int)] {
    let filled = Bucket.allCases.filter { counts[$0] > 0 }
    let total = filled.reduce(0) { $0.addingSaturated(counts[$1]) }
    guard total > 0 else { return [] }
    let free = width - least * filled.count
    var parts: [(bucket: Bucket, from: Int, width: Int)] = []
    var (reached, sum) = (0, 0)
    for (place, bucket) in filled.enumerated() {
      sum = sum.addingSaturated(counts[bucket])
      let end = least * (place + 1) + Int(Int128(free) * Int128(sum) / Int128(total))
      parts.append((bucket, reached, end - reached))
      reached = end
    }
    return parts
  }

  /// The counts in words, without buckets that are empty: `48 reporting, 2 offline`.
  static func text(_ counts: BucketCounts, _ terms: Terms) -> String {
    Bucket.allCases.filter { counts[$0] > 0 }
      .map { bucket in
        terms.pick(
          "\(terms.number(counts[bucket])) \(terms.name(bucket).lowercased())",
          "\(terms.name(bucket)) \(terms.number(counts[bucket])) 台")
      }.joined(separator: terms.pick(", ", "，"))
  }

  /// The buckets' colours with their names and, if given, their counts.
  static func key(_ counts: BucketCounts?, _ terms: Terms, _ markup: inout Markup) {
    markup.element("ul", [("class", "legend")]) { list in
      for bucket in Bucket.allCases {
        list.element("li") { item in
          item.element("svg", [("class", "swatch"), ("viewBox", "0 0 10 10"), ("aria-hidden", "true")]) {
            $0.element("rect", [("class", "b-\(kind(bucket))"), ("width", "10"), ("height", "10")])
          }
          item.add(terms.name(bucket))
          if let counts { item.element("b", text: " " + terms.number(counts[bucket])) }
        }
      }
    }
    markup.newLine()
  }

  /// The patterns that the parts are filled with; once in every page with bars.
  static func patterns(_ markup: inout Markup) {
    markup.element("svg", [("class", "hidden"), ("width", "0"), ("height", "0"), ("aria-hidden", "true")]) {
      svg in
      svg.element("defs") { defs in
        for (name, path) in [
          ("silent", "M0 6L6 0"), ("offline", "M0 0L6 6"), ("refused", "M0 0L6 6M0 6L6 0"),
          ("unseen", "M3 2L3 4"),
        ] {
          defs.element(
            "pattern",
            [
              ("id", "p-\(name)"), ("width", "6"), ("height", "6"), ("patternUnits", "userSpaceOnUse"),
            ]
          ) { pattern in
            pattern.element("rect", [("class", "f-\(name)"), ("width", "6"), ("height", "6")])
            pattern.element("path", [("class", "hatch"), ("d", path)])
          }
        }
      }
    }
    markup.newLine()
  }
}
