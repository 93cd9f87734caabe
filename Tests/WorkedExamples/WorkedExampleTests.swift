import Foundation
import Testing

private let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Examples")
private let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

/// Figures worked out by hand, from the records of a story, with the product in between.
@Suite("Worked examples") struct WorkedExampleTests {
  @Test("Every figure an example works out by hand is the one the report prints", arguments: names)
  func figures(name: String) throws {
    let example = folder.appending(path: name)
    let requests = try JSONDecoder().decode(
      [Request].self, from: Data(contentsOf: example.appending(path: "expected.json")))
    let run = try ExampleRun(example)
    var filed: [String: String] = [:]
    for request in requests {
      let json = try run.report(request)
      if let name = request.name { filed[name] = json }
      if let other = request.same_as { #expect(json == filed[other], "the report of \(request.at)") }
      guard let expected = request.expected else {
        #expect(request.same_as != nil, "the report of \(request.at) expects nothing")
        continue
      }
      let found = try JSONDecoder().decode(Value.self, from: Data(json.utf8))
      let differences = expected.differences(from: found)
      #expect(
        differences.isEmpty, "\(request.report) of \(request.at)\n\(differences.joined(separator: "\n"))")
    }
    #expect(!requests.isEmpty)
  }

  @Test(
    "Every example explains itself on a page, and expects nothing but figures it works out", arguments: names)
  func page(name: String) throws {
    let page = try String(contentsOf: folder.appending(path: "\(name)/README.md"), encoding: .utf8)
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first?.hasPrefix("# ") == true && (10...100).contains(lines.count))
    // Every numerator and denominator above what can be counted on fingers stands on the page.
    let expected = try String(contentsOf: folder.appending(path: "\(name)/expected.json"), encoding: .utf8)
    let figures = expected.matches(of: /"(?:numerator|denominator)": ?([0-9]+)/).map { String($0.output.1) }
    let digits = page.replacing(",", with: "")
    for figure in Set(figures) where figure.count > 2 {
      #expect(digits.contains(figure), "\(figure) is not on the page")
    }
  }

  @Test("There are as many examples as the design asks for, and more") func number() {
    #expect(names.count >= 16)
  }

  @Test("A figure that differs is named with its place") func difference() throws {
    func value(_ text: String) throws -> Value { try JSONDecoder().decode(Value.self, from: Data(text.utf8)) }
    let found = try value(#"{"a":{"b":1,"c":"x"},"d":[{"e":true}],"f":null}"#)
    #expect(try value(#"{"a":{"b":1},"d":[{}],"f":null}"#).differences(from: found).isEmpty)
    let wrong = try value(#"{"a":{"b":2,"g":1},"d":[{"e":1}],"f":0}"#)
    #expect(
      wrong.differences(from: found) == [
        "a.b: expected 2, found 1", "a.g: expected 1, found nothing", "d[0].e: expected 1, found true",
        "f: expected 0, found null",
      ])
    #expect(try value(#"{"d":[]}"#).differences(from: found) == ["d: expected [], found [{e: true}]"])
  }
}
