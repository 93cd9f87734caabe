import Daemon
import Foundation
import Telemetry
import TestSupport
import Testing
import Web

@Suite("The page of metrics") struct MetricsPageTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory("metrics") }

  /// The samples of a page, without comments.
  private func samples(_ page: MetricsPage) -> [String] {
    page.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
  }

  @Test("It has the values of the status in base units") func collector() throws {
    let samples = samples(wholePage(try status()))
    let expected = [
      "millwright_build_info{version=\"0.1.0\"} 1", "millwright_web_start_time_seconds 1795302000",
      "millwright_web_requests_total{class=\"2xx\"} 900", "millwright_web_requests_total{class=\"3xx\"} 80",
      "millwright_web_requests_total{class=\"4xx\"} 7", "millwright_web_requests_total{class=\"5xx\"} 0",
      "millwright_web_viewers 12", "millwright_web_failed_logins_total 5", "millwright_collector_up 1",
      "millwright_collector_connected 1", "millwright_collector_state{state=\"collecting\"} 1",
      "millwright_collector_state{state=\"disconnected\"} 0",
      "millwright_collector_state{state=\"starting\"} 0",
      "millwright_collector_state{state=\"hung\"} 0", "millwright_collector_state{state=\"silent\"} 0",
      "millwright_collector_state{state=\"stopped\"} 0", "millwright_collector_state{state=\"ended\"} 0",
      "millwright_collector_state{state=\"never\"} 0", "millwright_collector_state{state=\"unknown\"} 0",
      "millwright_collector_info{version=\"0.1.0\",protocol=\"5\",transport=\"tls\",library=\"2.0.11\"} 1",
      "millwright_collector_start_time_seconds 1795302000",
      "millwright_collector_status_time_seconds 1795305600",
      "millwright_collector_resident_memory_bytes 24117248", "millwright_broker_connections_total 3",
      "millwright_broker_takeovers_total 1", "millwright_broker_connected_time_seconds 1795302001",
      "millwright_messages_total 477",
    ]
    #expect(Array(samples.prefix(expected.count)) == expected)
    for line in [
      "millwright_messages_refused_total{reason=\"malformed\"} 0",
      "millwright_messages_refused_total{reason=\"missing_field\"} 19",
      "millwright_messages_refused_total{reason=\"of_a_later_version\"} 2",
      "millwright_messages_redelivered_total 2", "millwright_messages_former_total 4",
      "millwright_message_newest_time_seconds 1795305598.5", "millwright_windows_total 90",
      "millwright_messages_readable 5", "millwright_commit_longest_seconds 0.012",
      "millwright_views_waiting_rows 40", "millwright_senders 60", "millwright_journal_block 812",
      "millwright_silence_seconds 0", "millwright_warning{code=\"disk_low\"} 1",
      "millwright_warning{code=\"nothing_heard\"} 0", "millwright_warning{code=\"of_later\"} 1",
      "millwright_store_disk_size_bytes 107374182400", "millwright_store_disk_free_bytes 13207024435",
      "millwright_sparkplug_without_birth_total 1", "millwright_sparkplug_states_repeated_total 11",
    ] { #expect(samples.contains(line), "\(line)") }
    #expect(
      samples.count { $0.hasPrefix("millwright_messages_refused_total") } == RejectionReason.allCases.count
        + 1)
  }

  @Test("The district's counts add up, and factories are named on request only") func district() throws {
    let samples = samples(wholePage(try status()))
    for line in [
      "millwright_district_as_of_time_seconds 1795305599.75", "millwright_district_factories 2",
      "millwright_district_equipment{bucket=\"reporting\"} 2",
      "millwright_district_equipment{bucket=\"never_seen\"} 2",
      "millwright_district_equipment_outside{reason=\"auxiliary\"} 2",
      "millwright_district_equipment_outside{reason=\"not_yet_in_service\"} 1",
      "millwright_district_equipment_outside{reason=\"retired\"} 3",
      "millwright_district_equipment_outside{reason=\"unregistered\"} 7",
      "millwright_district_figure_numerator{figure=\"networked_ratio\"} 4",
      "millwright_district_figure_denominator{figure=\"networked_ratio\"} 10",
      "millwright_district_figure_numerator{figure=\"automation_ratio\"} 6",
      "millwright_district_figure_numerator{figure=\"reporting_ratio\"} 2",
      "millwright_district_figure_denominator{figure=\"reporting_ratio\"} 4",
      "millwright_district_repairs_pending 9",
      "millwright_factory_equipment{factory=\"F001\",bucket=\"offline\"} 2",
      "millwright_factory_figure_numerator{factory=\"F002\",figure=\"networked_ratio\"} 0",
      "millwright_factory_figure_denominator{factory=\"F002\",figure=\"networked_ratio\"} 4",
    ] { #expect(samples.contains(line), "\(line)") }
    func sum(_ prefix: String) -> Int {
      samples.filter { $0.hasPrefix(prefix) }.compactMap { Int($0.split(separator: " ")[1]) }.reduce(0, +)
    }
    #expect(sum("millwright_district_equipment{") == 10 && sum("millwright_factory_equipment{") == 10)
    let unnamed = wholePage(try status(), namesFactories: false)
    #expect(!unnamed.text.contains("F001") && unnamed.text.contains("millwright_district_factories 2"))
    // No label names equipment, and every name is Prometheus' form of one.
    for line in samples { #expect(line.wholeMatch(of: #/[a-z_]+(\{[^}]*\})? -?[0-9.]+/#) != nil, "\(line)") }
  }

  @Test("Counters of a later status are never smaller") func monotone() throws {
    func counters(_ page: MetricsPage) -> [String: Int] {
      var found: [String: Int] = [:]
      for family in page.families where family.kind == .counter {
        for sample in family.samples {
          if case .integer(let value) = sample.value {
            found[family.name + sample.labels.map(\.value).joined()] = Int(value)
          }
        }
      }
      return found
    }
    let earlier = counters(wholePage(try status()))
    let later = counters(wholePage(try status(total: 478)))
    #expect(Set(earlier.keys) == Set(later.keys) && earlier.count > 30)
    for (name, value) in earlier { #expect(later[name] ?? -1 >= value, "\(name)") }
    #expect(later["millwright_messages_total"] == 478)
  }

  @Test("Without a status its counters are absent, and the collector is down") func noStatus() {
    for judgement in [nil, judge(nil, .free)] {
      let page = MetricsPage(judgement, nil, server, now: morning)
      #expect(page.text.contains("\nmillwright_collector_up 0\n"))
      #expect(page.text.contains("\nmillwright_collector_connected 0\n"))
      #expect(!page.text.contains("millwright_messages_total") && !page.text.contains("district"))
    }
  }

  @Test(
    "A status older than five seconds is a collector that is not there; its counters stay",
    arguments: [(5, 1), (6, 0), (31, 0), (-5, 1), (-6, 0)] as [(Int64, Int)])
  func age(seconds: Int64, isUp: Int) throws {
    let now = morning + .seconds(seconds)
    let page = MetricsPage(judge(try status(), after: seconds), nil, server, now: now)
    #expect(page.text.contains("\nmillwright_collector_up \(isUp)\n"))
    #expect(page.text.contains("\nmillwright_collector_connected \(isUp)\n"))
    #expect(page.text.contains("\nmillwright_messages_total 477\n"))
  }

  @Test("A status with absurd numbers makes no invalid page") func absurd() throws {
    let text = try status(total: -5, free: -1)
    let lines = samples(wholePage(text))
    #expect(lines.contains("millwright_messages_total 0"))
    #expect(lines.contains("millwright_store_disk_free_bytes 0"))
    let big = samples(MetricsPage(judge(try status(total: .max)), nil, server, now: morning))
    #expect(big.contains("millwright_messages_total 9223372036854775807"))
  }

  private func samples(_ text: MetricsPage, _ name: String) -> [String] {
    samples(text).filter { $0.hasPrefix(name) }
  }

  @Test("Silence is counted from its start") func silence() throws {
    let deaf = try status(
      extra: #","hearing":{"deaf_since":"2026-11-22T07:58:00.000+08:00","probe":"proved"}"#)
    #expect(samples(wholePage(deaf), "millwright_silence") == ["millwright_silence_seconds 121"])
  }

  @Test("Help and type come once before the samples; labels and help are escaped") func escaping() {
    let family = MetricFamily(
      "x_total", .counter, "back\\slash, \"quote\"\nnext", by: "name", [("a\\b\"c\nd 重庆", 1), ("", 2)])
    var text = ""
    family.write(to: &text)
    #expect(
      text == #"""
        # HELP millwright_x_total back\\slash, "quote"\nnext
        # TYPE millwright_x_total counter
        millwright_x_total{name="a\\b\"c\nd 重庆"} 1
        millwright_x_total{name=""} 2

        """#)
  }

  @Test(
    "Milliseconds are written as seconds",
    arguments: [
      (0, "0"), (1, "0.001"), (12, "0.012"), (1500, "1.5"), (60_000, "60"), (-1, "-0.001"), (-1500, "-1.5"),
      (1_795_305_599_750, "1795305599.75"), (.min, "-9223372036854775.808"),
    ] as [(Int64, String)])
  func milliseconds(value: Int64, shown: String) {
    var text = ""
    MetricFamily("x_seconds", .gauge, "h", .milliseconds(value)).write(to: &text)
    #expect(text.hasSuffix("\nmillwright_x_seconds \(shown)\n"))
  }

  @Test("promtool finds nothing to complain of", .enabled(if: Promtool.isThere)) func promtool() throws {
    let page = try folder.write("page", wholePage(try status()).text)
    let result = try run("sh", ["-c", "promtool check metrics <\"$0\"", page])
    #expect(
      result.status == 0 && result.output == "" && result.errors == "", "\(result.output)\(result.errors)")
  }

  @Test("promtool rejects a page without help", .enabled(if: Promtool.isThere)) func promtoolRejects() throws
  {
    let page = try folder.write("page", "millwright_x_count 1\n")
    #expect(try run("sh", ["-c", "promtool check metrics <\"$0\"", page]).status != 0)
  }
}

/// Prometheus' checker, from Debian's package `prometheus`.
enum Promtool {
  static var isThere: Bool { (try? run("sh", ["-c", "command -v promtool"]).status) == 0 }
}
