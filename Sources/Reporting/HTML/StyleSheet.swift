/// The style of an HTML report on a screen, light or dark, and on paper. One rule set for each part of a page.
enum StyleSheet {
  /// The style sheet. Browsers that support page margins (CSS Paged Media) print the header and page numbers.
  static func text(pageHeader: String, pages: (before: String, of: String, after: String)) -> String {
    base + prose + layout + tables + narrow + charts + status + dark + print
      + """
      @page{size:A4;margin:18mm 15mm 16mm;\
      @top-left{content:\(quoted(pageHeader));font:8pt sans-serif;color:#444}\
      @bottom-right{content:\(quoted(pages.before)) counter(page) \(quoted(pages.of)) counter(pages) \
      \(quoted(pages.after));font:8pt sans-serif;color:#444}}

      """
  }

  /// A text as a CSS string that cannot end the string or the style element.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      let isPlain =
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == " "
        || scalar == "·"
        || scalar == "-"
      quoted += isPlain ? String(scalar) : "\\" + String(scalar.value, radix: 16) + " "
    }
    return quoted + "\""
  }
}
