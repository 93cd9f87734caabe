extension DocumentTable {
  /// A line of a short rendering.
  enum BriefLine: Equatable {
    /// The row at a place in ``DocumentTable/rows``.
    case row(Int)
    /// The number of rows left out here; at least two.
    case more(Int)
  }

  /// The lines of a short rendering: the rows of ``brief``, each heading that has one of them below it, and the number
  /// of the rows left out in each place. A single row is shown instead of its number.
  var briefLines: [BriefLine] {
    guard let brief else { return rows.indices.map { .row($0) } }
    let shown = shown(Set(brief))
    var lines: [BriefLine] = []
    var left: [Int] = []
    func close() {
      let hidden = left.indices.filter { rows[left[$0]].cells != nil }
      if hidden.count > 1 {
        lines.append(.more(hidden.count))
      } else if let only = hidden.first {
        // The row's heading, if it is left out too, is just before it.
        if only > 0 { lines.append(.row(left[only - 1])) }
        lines.append(.row(left[only]))
      }
      left = []
    }
    for place in rows.indices {
      if shown.contains(place) {
        close()
        lines.append(.row(place))
      } else {
        left.append(place)
      }
    }
    close()
    return lines
  }

  /// Whether a short rendering leaves rows out.
  var isAbridged: Bool { briefLines.contains { if case .more = $0 { true } else { false } } }

  /// The rows with the headings above them. A sum is not a row of a heading.
  private func shown(_ chosen: Set<Int>) -> Set<Int> {
    var shown: Set<Int> = []
    var hasRow = false
    for place in rows.indices.reversed() {
      switch rows[place] {
      case .group:
        if hasRow { shown.insert(place) }
        hasRow = false
      case .sum: if chosen.contains(place) { shown.insert(place) }
      case .cells, .warning:
        guard chosen.contains(place) else { continue }
        shown.insert(place)
        hasRow = true
      }
    }
    return shown
  }
}
