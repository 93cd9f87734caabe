/// The top of a report as markup.
extension HTMLWriter {
  /// The sentences, and a list of the tiles. A tile's status is a class and a sign in its text.
  func write(_ headline: Headline, _ main: inout Markup) {
    main.element("section", [("class", "headline"), ("aria-label", terms.pick("At a glance", "结论"))]) {
      part in
      part.newLine()
      // A number and its sign stay in one line.
      for sentence in headline.sentences {
        part.element("p", text: sentence.replacing(" %", with: "\u{A0}%"))
      }
      part.newLine()
      if !headline.tiles.isEmpty {
        part.element("ul", [("class", "tiles")]) { list in
          list.newLine()
          for tile in headline.tiles { write(tile, &list) }
        }
        part.newLine()
      }
      if !headline.note.isEmpty { part.element("p", [("class", "faint")], text: headline.note) }
    }
    main.newLine()
  }

  private func write(_ tile: Headline.Tile, _ list: inout Markup) {
    list.element("li", [("class", "tile " + tile.status.rawValue)]) { item in
      for (name, text) in [
        ("tile-label", tile.label), ("tile-value", tile.value), ("tile-detail", tile.detail),
        ("tile-detail tile-status", tile.threshold), ("tile-change", tile.change),
      ] where !text.isEmpty {
        item.element("p", [("class", name)], text: text)
      }
      if !tile.course.isEmpty {
        // The course has a chart and a table of its own.
        SVGChart.sparkline(tile.course, document, terms, &item)
      }
    }
    list.newLine()
  }
}
