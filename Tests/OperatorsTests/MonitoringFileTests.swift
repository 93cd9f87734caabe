import Foundation
import TestSupport
import Testing
import Web

/// The files for Prometheus and Grafana in `Config`.
@Suite("Rules and dashboard for operators") struct MonitoringFileTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory("dashboard") }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: top.appendingPathComponent(path), encoding: .utf8)
  }

  /// Names of metrics in a text.
  private static func metrics(in text: String) -> Set<String> {
    Set(text.matches(of: #/\bmillwright_[a-z_]+/#).map { String($0.output) })
  }

  private static func printed() throws -> Set<String> {
    Set(wholePage(try status()).families.filter { !$0.samples.isEmpty }.map(\.name))
  }

  @Test(
    "They use only metrics that the page has",
    arguments: [
      "Config/prometheus/alerts.yml", "Config/prometheus/alerts_test.yml", "Config/grafana/millwright.json",
    ])
  func names(path: String) throws {
    let used = Self.metrics(in: try Self.text(path))
    #expect(used.count >= 5)
    let printed = try Self.printed()
    #expect(used.subtracting(printed) == [])
  }

  @Test("A metric that the page does not have is found") func unknown() throws {
    #expect(Self.metrics(in: "rate(millwright_message_total{a=\"b\"}[5m])") == ["millwright_message_total"])
    #expect(try !Self.printed().contains("millwright_message_total"))
  }

  @Test("promtool accepts the rules, and their tests pass", .enabled(if: Promtool.isThere)) func rules()
    throws
  {
    let folder = top.appendingPathComponent("Config/prometheus").path
    let checked = try run("promtool", ["check", "rules", folder + "/alerts.yml"])
    #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    #expect(checked.output.contains("SUCCESS: 12 rules found"))
    let tested = try run("promtool", ["test", "rules", folder + "/alerts_test.yml"])
    #expect(tested.status == 0, "\(tested.output)\(tested.errors)")
  }

  private struct Dashboard: Decodable {
    struct Panel: Decodable {
      struct Target: Decodable { var expr: String }
      struct Place: Decodable { var x: Int, y: Int, w: Int, h: Int }
      var id: Int
      var title: String
      var targets: [Target]
      var gridPos: Place
    }
    var uid: String
    var panels: [Panel]
  }

  @Test("The dashboard's panels have a title, a place of their own, and expressions") func dashboard() throws
  {
    let board = try JSONDecoder().decode(
      Dashboard.self, from: Data(try Self.text("Config/grafana/millwright.json").utf8))
    #expect(board.uid == "millwright" && board.panels.count == 17)
    #expect(Set(board.panels.map(\.id)).count == 17 && Set(board.panels.map(\.title)).count == 17)
    var cells: Set<[Int]> = []
    for panel in board.panels {
      #expect(!panel.title.isEmpty && !panel.targets.isEmpty)
      let place = panel.gridPos
      #expect(place.x + place.w <= 24)
      for x in place.x..<place.x + place.w {
        for y in place.y..<place.y + place.h {
          #expect(cells.insert([x, y]).inserted, "\(panel.title) lies on another panel")
        }
      }
      // Each selects the chosen servers.
      for target in panel.targets {
        #expect(target.expr.contains(#"instance=~"$instance""#), "\(panel.title)")
      }
    }
  }

  @Test("promtool parses every expression of the dashboard", .enabled(if: Promtool.isThere))
  func expressions()
    throws
  {
    let board = try JSONDecoder().decode(
      Dashboard.self, from: Data(try Self.text("Config/grafana/millwright.json").utf8))
    let rules = board.panels.flatMap(\.targets).enumerated().map { number, target in
      "      - record: r\(number)\n        expr: '\(target.expr)'\n"
    }
    let file = try folder.write("rules.yml", "groups:\n  - name: d\n    rules:\n" + rules.joined())
    let checked = try run("promtool", ["check", "rules", file])
    #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
  }
}
