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

  /// Those of the renderer's golden pages that have charts: its own tests hold it to them.
  static let golden = {
    let folder = top.appending(path: "Tests/ReportingTests/Golden")
    let files =
      (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    let names = ["every-kind", "factory-details", "factory-retrofit", "district-retrofit"]
    return files.filter { file in
      file.pathExtension == "html" && names.contains { file.lastPathComponent.hasPrefix($0) }
    }.sorted { $0.path < $1.path }
  }()
}
