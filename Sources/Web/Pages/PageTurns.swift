import Reporting

/// The part of a long list that a page shows, and links to the parts beside it.
struct PageTurns {
  /// From 1.
  let page: Int
  let pages: Int
  /// Places of the shown elements.
  let shown: Range<Int>

  /// Elements on a page.
  static let size = 100

  /// The page `asked` of `count` elements, or the last one if there are fewer.
  init(_ asked: Int, of count: Int) {
    pages = max(1, (count + Self.size - 1) / Self.size)
    page = min(max(1, asked), pages)
    let first = min(count, (page - 1) * Self.size)
    shown = first..<min(count, first + Self.size)
  }

  /// The links; nothing for a single page.
  func write(_ language: Language, to part: inout Markup, address: (Int) -> String) {
    guard pages > 1 else { return }
    let terms = Terms(language)
    part.element("nav", [("class", "turns"), ("aria-label", terms.pick("Pages of the list", "列表分页"))]) {
      nav in
      if page > 1 {
        nav.element(
          "a", [("href", address(page - 1)), ("rel", "prev")], text: terms.pick("← Previous", "← 上一页"))
      }
      nav.element("span", text: terms.pick("Page \(page) of \(pages)", "第 \(page) 页，共 \(pages) 页"))
      if page < pages {
        nav.element("a", [("href", address(page + 1)), ("rel", "next")], text: terms.pick("Next →", "下一页 →"))
      }
    }
    part.newLine()
  }
}
