import Aggregation
import Foundation
import Reporting
import Telemetry
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Reports as HTML: well-formed, inert whatever names hold, and in a real browser neither wider than its window
/// nor hard to read.
struct HTMLRendererTests {
  @Test("HTML matches its golden file in both languages", arguments: GoldenTests.filed, Language.allCases)
  func golden(subject: GoldenTests.Subject, language: Language) throws {
    let page = HTMLRenderer(language: language).render(try GoldenTests.report(subject))
    try GoldenTests.expect(page, "\(subject.name).\(language.rawValue).html")
  }

  @Test("Every kind of chart is drawn as its golden file has it", arguments: Language.allCases)
  func kinds(language: Language) throws {
    let page = HTMLRenderer(language: language).render(SampleDocument.document(language))
    try GoldenTests.expect(page, "every-kind.\(language.rawValue).html")
  }

  @Test(
    "Nothing of a report is markup but our own, and nothing comes from elsewhere",
    arguments: Language.allCases)
  func inert(language: Language) throws {
    let plain = HTMLRenderer(language: language).render(SampleDocument.document(language))
    let report = try GoldenTests.report(GoldenTests.Subject(name: "", scope: .factory("F004")))
    for page in [plain, HTMLRenderer(language: language).render(report)] {
      let found = try Elements(page)
      #expect(found.names.isDisjoint(with: ["script", "img", "link", "iframe", "object", "form", "input"]))
      #expect(found.attributes.allSatisfy { !$0.hasPrefix("on") })
      // References lead to places within the file.
      #expect(found.references.allSatisfy { $0.hasPrefix("#") })
    }
  }

  /// What a strict reader finds in a page.
  private final class Elements: NSObject, XMLParserDelegate {
    private(set) var names: Set<String> = []
    private(set) var attributes: Set<String> = []
    private(set) var references: [String] = []

    init(_ page: String) throws {
      super.init()
      let parser = XMLParser(data: Data(page.dropFirst("<!DOCTYPE html>".count).utf8))
      parser.delegate = self
      let isWellFormed = parser.parse()
      #expect(isWellFormed, "\(String(describing: parser.parserError)) in line \(parser.lineNumber)")
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String] = [:]
    ) {
      names.insert(name)
      self.attributes.formUnion(attributes.keys)
      references += ["href", "src"].compactMap { attributes[$0] }
    }
  }

  // MARK: In a browser

  private struct Finding: Decodable {
    var width: Int
    var content: Int
    var violations: [String]
  }

  @Test(
    "In Chromium nothing is wider than the window, and axe finds no serious fault",
    arguments: [360, 768, 1440], [false, true])
  func inBrowser(width: Int, isDark: Bool) throws {
    let axe = try Self.axe()
    for (name, page) in try pages() {
      let found = try look(page, axe, width: width, isDark: isDark)
      #expect(found.width == width, "\(name)")
      #expect(found.content <= found.width, "\(name)")
      #expect(found.violations == [], "\(name)")
    }
  }

  private func pages() throws -> [(name: String, page: String)] {
    let subjects = ["factory-details", "factory-retrofit", "district-retrofit", "factory-insufficient"]
    let reports = try GoldenTests.filed.filter { subjects.contains($0.name) }.map { subject in
      (subject.name, HTMLRenderer(language: .chinese).render(try GoldenTests.report(subject)))
    }
    return reports + [("every-kind", HTMLRenderer().render(SampleDocument.document(.english)))]
  }

  /// axe-core as a PyPI package ships it, beside the build.
  private static func axe() throws -> String {
    let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(
      contentsOf: top.appending(path: ".build/axe/axe_core_python/axe.min.js"), encoding: .utf8)
  }

  /// Opens a page with a script that looks at it in place of the policy that forbids scripts, and reads what it
  /// wrote into the title.
  private func look(_ page: String, _ axe: String, width: Int, isDark: Bool) throws -> Finding {
    let folder = try TemporaryDirectory("browser")
    let policy = /<meta http-equiv="Content-Security-Policy"[^>]*\/>/
    #expect(page.firstMatch(of: policy) != nil)
    let script = """
      <script>\(axe.replacing("</script", with: "<\\/script"))</script><script>
      window.onerror = (message) => { document.title = "ERROR " + message };
      axe.run(document, { resultTypes: ["violations"] }).then((result) => {
        const root = document.scrollingElement;
        document.title = "FOUND " + JSON.stringify({
          width: window.innerWidth, content: root.scrollWidth,
          violations: result.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
            .map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join("; ")),
        });
      }, (error) => { document.title = "ERROR " + error });
      </script></body>
      """
    let looked = page.replacing(policy, with: "").replacing("</body>", with: script)
    // A window is never narrower than a browser likes: the width asked for is that of a frame in it.
    let file = try folder.write("page.html", looked)
    let frame = """
      <!DOCTYPE html><html><head><title>frame</title></head><body>
      <iframe src="page.html" style="width:\(width)px;height:900px;border:0"></iframe>
      <script>
      const frame = document.querySelector("iframe");
      const timer = setInterval(() => {
        const title = frame.contentDocument ? frame.contentDocument.title : "";
        if (title.startsWith("FOUND") || title.startsWith("ERROR")) {
          clearInterval(timer); document.title = title;
        }
      }, 20);
      </script></body></html>
      """
    let outer = try folder.write("frame.html", frame)
    _ = file
    let result = try run(
      "chromium",
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--allow-file-access-from-files", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--user-data-dir=\(folder.file("profile"))", "--window-size=1600,1000", "--virtual-time-budget=60000",
        "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)", "--dump-dom", "file://\(outer)",
      ], seconds: 120)
    #expect(result.status == 0, "\(result.errors.suffix(500))")
    guard let title = result.output.firstMatch(of: /<title>FOUND (.*?)<\/title>/) else {
      throw SupportError("the page was not looked at: \(result.output.prefix(300))")
    }
    let text = String(title.output.1).replacing("&quot;", with: "\"").replacing("&gt;", with: ">")
      .replacing("&lt;", with: "<").replacing("&amp;", with: "&")
    return try JSONDecoder().decode(Finding.self, from: Data(text.utf8))
  }
}
