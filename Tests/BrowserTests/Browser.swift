import Foundation
import TestSupport

/// What a real, headless Chromium makes of pages: see browser.py.
struct BrowserVisit: Decodable {
  var title: String
  var text: String
  /// Pixels by which the page is wider than the window, by width and colour scheme.
  var overflow: [String: Int]
  /// What it wrote to the console, threw, or asked for from elsewhere.
  var complaints: [String]
  /// What axe-core holds against it, with its impact first.
  var violations: [String]

  private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  private static let top = here.deletingLastPathComponent().deletingLastPathComponent()

  /// Opens pages one after the other, each light and dark at 360, 768 and 1440 pixels.
  static func visit(_ pages: [URL]) throws -> [BrowserVisit] {
    let profile = try TemporaryDirectory("browser")
    let result = try run(
      "/usr/bin/python3",
      [here.appending(path: "browser.py").path, "/usr/bin/chromium", axe.path, profile.path]
        + pages.map(\.path),
      environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: 300)
    guard result.status == 0 else { throw SupportError(result.errors) }
    return try JSONDecoder().decode([BrowserVisit].self, from: Data(result.output.utf8))
  }

  /// axe-core, where Scripts/test puts it.
  private static let axe = top.appending(path: ".build/axe/axe_core_python/axe.min.js")

  /// Those of the renderer's golden pages that have charts or warnings, written whole into a folder: its own tests
  /// hold it to them, and keep their style sheet once.
  static func golden(in folder: TemporaryDirectory) throws -> [URL] {
    let kept = top.appending(path: "Tests/ReportingTests/Golden")
    let style = try String(contentsOf: kept.appending(path: "page.css"), encoding: .utf8)
    let subjects = [
      "every-kind", "factory-details", "factory-retrofit", "factory-insufficient", "district-retrofit",
    ]
    return try subjects.flatMap { ["\($0).en.html", "\($0).zh.html"] }.map { name in
      let page = try String(contentsOf: kept.appending(path: name), encoding: .utf8)
      return URL(
        fileURLWithPath: try folder.write(
          name, page.replacing("<style>/* page.css */", with: "<style>" + style)))
    }
  }
}
