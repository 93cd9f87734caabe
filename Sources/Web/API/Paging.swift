import Reporting

/// A part of a list: at most `limit` elements after those that were had before.
package struct Paging: Equatable {
  /// Elements in a part.
  package var limit: Int
  /// Where the part begins, as an earlier part said; nil for the beginning.
  package var cursor: String?

  static let limits = 1...1000
  static let standard = 100

  /// The parameters in the API's description, of a list by id, or by place.
  static func parameters(_ cursor: Route.Parameter.Kind = .text) -> [Route.Parameter] {
    [
      Route.Parameter(
        "limit", .integer(limits), "Maximum number of elements; \(standard) if it is not given."),
      Route.Parameter(
        "cursor", cursor, "The value of 'next' in the answer before; none for the first part."),
    ]
  }

  /// The part that a request asks for.
  ///
  /// - Throws: ``WebProblem`` for a limit that is not allowed.
  package init(_ request: WebRequest) throws(WebProblem) {
    limit = Self.standard
    cursor = request.parameter("cursor").flatMap { $0.isEmpty ? nil : $0 }
    guard let text = request.parameter("limit") else { return }
    guard let number = Int(text), Self.limits.contains(number), String(number) == text else {
      throw .parameter(
        "limit", "a number from \(Self.limits.lowerBound) to \(Self.limits.upperBound)",
        " \(Self.limits.lowerBound) 至 \(Self.limits.upperBound) 的整数")
    }
    limit = number
  }

  /// The part of a list that is ascending by id, and the cursor of the next part; nil after the last.
  package func part<Element>(
    of all: [Element], by id: (Element) -> String
  ) -> (elements: ArraySlice<Element>, next: String?) {
    var start = 0
    if let cursor { start = all.firstIndex { id($0) > cursor } ?? all.count }
    let part = all[start...].prefix(limit)
    return (part, part.endIndex < all.count ? part.last.map(id) : nil)
  }

  /// The part of a list without ids, whose cursors are places.
  ///
  /// - Throws: ``WebProblem`` for a cursor that no answer has given.
  package func part<Element>(of all: [Element]) throws(WebProblem) -> (
    elements: ArraySlice<Element>, next: String?
  ) {
    var start = 0
    if let cursor {
      guard let place = Int(cursor), place >= 0, String(place) == cursor else {
        throw .parameter("cursor", "the value of 'next' in an answer", "应答中 next 的值")
      }
      start = min(place, all.count)
    }
    let part = all[start...].prefix(limit)
    return (part, part.endIndex < all.count ? String(part.endIndex) : nil)
  }
}
