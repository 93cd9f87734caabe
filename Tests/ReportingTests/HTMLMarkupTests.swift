import Foundation
import Reporting
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What a report's HTML is made of, element by element.
struct HTMLMarkupTests {
  @Test(
    "whatever names hold, a page has our elements and attributes and no others",
    arguments: GoldenTests.subjects)
  func subjects(subject: GoldenTests.Subject) throws {
    let report = try GoldenTests.report(subject)
    for language in Language.allCases {
      expectInert(try ParsedPage(HTMLRenderer(language: language).render(report)))
    }
  }

  @Test("texts that mean something elsewhere are shown as they are") func hostile() throws {
    let page = try ParsedPage(HTMLRenderer().render(SampleDocument.document(.english)))
    expectInert(page)
    for text in SampleDocument.hostile {
      #expect(page.texts.contains(text.inert), "\(text.inert)")
    }
    #expect(page.texts.contains("Factory \"F004\" <b>&P"))
    #expect(page.texts.contains("INSUFFICIENT | DATA"))
  }

  @Test("a title cannot leave the style sheet it stands in") func styleSheet() throws {
    let page = try ParsedPage(HTMLRenderer().render(SampleDocument.document(.english)))
    let style = try #require(page.styles.first)
    #expect(page.styles.count == 1)
    #expect(style.contains(#"content:"Factory \22 F004\22  \3c b\3e \26 P · 2026-10-24 to 2026-11-22""#))
    #expect(!style.contains("<"))
  }

  @Test("a page has one h1, no heading skips a level, and ids are unique", arguments: Language.allCases)
  func structure(language: Language) throws {
    let page = try ParsedPage(HTMLRenderer(language: language).render(SampleDocument.document(language)))
    let levels = page.elements.compactMap { $0.name.wholeMatch(of: /h([1-6])/).flatMap { Int($0.1) } }
    #expect(levels == [1, 2, 3, 2, 2, 2])
    let ids = page.elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    #expect(page.elements.first?.attributes["lang"] == (language == .english ? "en" : "zh-Hans"))
    let pictures = page.elements.filter { $0.attributes["role"] == "img" }
    #expect(pictures.count == 7)
    for picture in pictures {
      let names = picture.attributes["aria-labelledby"]?.split(separator: " ").map(String.init) ?? []
      #expect(names.count == 2 && names.allSatisfy(ids.contains))
    }
  }

  @Test("every row is in a page, folded if a terminal only counts it") func rows() throws {
    let page = try ParsedPage(HTMLRenderer().render(SampleDocument.document(.english)))
    // A table of 17 rows; two of the names as on a terminal, with a line that counts the others; all names. Each of
    // the three has a head.
    #expect(page.elements.count { $0.name == "tr" } == 3 + 17 + 3 + SampleDocument.hostile.count)
    #expect(page.elements.count { $0.name == "details" } == 1)
    #expect(page.texts.contains("Show \(SampleDocument.hostile.count) rows"))
  }

  private func expectInert(_ page: ParsedPage, sourceLocation: SourceLocation = #_sourceLocation) {
    let names = Set(page.elements.map(\.name))
    #expect(names.subtracting(Self.elements) == [], sourceLocation: sourceLocation)
    let attributes = Set(page.elements.flatMap(\.attributes.keys))
    #expect(attributes.subtracting(Self.attributes) == [], sourceLocation: sourceLocation)
    for (key, value) in page.elements.flatMap(\.attributes) {
      if key == "href" { #expect(value.hasPrefix("#"), sourceLocation: sourceLocation) }
      if key == "fill" { #expect(value.hasPrefix("url(#"), sourceLocation: sourceLocation) }
    }
    // What steers a reader's eye is written out before it gets here.
    let scalars = page.texts.joined().unicodeScalars
    #expect(
      scalars.allSatisfy { $0 == "\n" || String($0).inert == String($0) }, sourceLocation: sourceLocation)
  }

  private static let elements: Set = [
    "html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section", "figure",
    "figcaption", "h1", "h2", "h3", "p", "span", "small", "strong", "bdi", "a", "ol", "ul", "li", "dl", "dt",
    "dd",
    "div",
    "table", "caption", "thead", "tbody", "tr", "th", "td", "svg", "desc", "defs", "pattern", "g", "rect",
    "line", "path", "circle", "text", "details", "summary",
  ]
  private static let attributes: Set = [
    "lang", "charset", "name", "content", "http-equiv", "class", "id", "href", "role", "tabindex", "scope",
    "colspan", "aria-label", "aria-labelledby", "aria-hidden", "viewBox", "preserveAspectRatio", "x", "y",
    "width", "height", "x1", "y1", "x2", "y2", "cx", "cy", "r", "d", "fill", "text-anchor", "patternUnits",
  ]
}

/// A page as a strict XML parser reads it.
private final class ParsedPage: NSObject, XMLParserDelegate {
  struct Element {
    var name: String
    var attributes: [String: String]
  }

  private(set) var elements: [Element] = []
  /// The texts of elements, each once for every stretch between two tags.
  private(set) var texts: [String] = []
  private(set) var styles: [String] = []
  private var text = ""

  /// - Throws: where the page is not well-formed.
  init(_ page: String) throws {
    super.init()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = self
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.coderInvalidValue) }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    end()
    elements.append(Element(name: name, attributes: attributes))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "style" { styles.append(text) }
    end()
  }

  private func end() {
    if !text.isEmpty { texts.append(text) }
    text = ""
  }
}
