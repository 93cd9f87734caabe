import Aggregation
import Configuration
import Foundation
import Telemetry
import Testing

private let folder =
  URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path + "/Config/policies"

/// What a policy must say beside its thresholds.
private let head = """
  title_zh: 题
  title_en: Title
  issuing_body_zh: 部
  issuing_body_en: Body
  date: "2026-11-22"
  source: somewhere
  note_zh: 注
  note_en: Note

  """

/// Keys of a rule, as an error lists them.
private let keys = "metric and at_least and base and source and source_zh and certainty"

/// What is wrong with a text, as printed.
private func problems(_ text: String) -> [String] {
  do {
    _ = try PolicyFile.parse(text, file: "p.yaml")
    return []
  } catch {
    return error.problems.map(\.description)
  }
}

@Suite("Policy files") struct PolicyFileTests {
  @Test("A date needs no quotes") func unquotedDate() throws {
    let rules = "rules: [{ metric: upload_ratio, at_least: 50 }]\nvalid_from: \"2026-01-01\"\n"
    let policies = try [head + rules, (head + rules).replacing("\"", with: "")].map {
      try PolicyFile.parse($0, file: "p.yaml")
    }
    #expect(policies[0] == policies[1])
    #expect(policies[1].date == CalendarDay("2026-11-22"))
    #expect(policies[1].validFrom == CalendarDay("2026-01-01"))
  }

  private func shipped(_ name: String) throws -> Policy {
    let path = "\(folder)/\(name).yaml"
    return try PolicyFile.parse(try String(contentsOfFile: path, encoding: .utf8), file: path)
  }

  @Test("Every shipped file loads, says who published what from where, and has a note in both languages")
  func shippedFiles() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
      .map { String($0.dropLast(5)) }.sorted()
    #expect(
      names == [
        "chongqing-digital-workshop", "chongqing-digital-workshop-2023", "chongqing-smart-factory",
        "chongqing-smart-factory-2023", "full-coverage", "sme-2024",
      ])
    for name in names {
      let policy = try shipped(name)
      #expect(policy.name == name && policy.date == CalendarDay("2026-11-22"))
      let words = [
        policy.titleChinese, policy.titleEnglish, policy.issuingBodyChinese, policy.issuingBodyEnglish,
        policy.origin.source, policy.origin.sourceChinese, policy.noteChinese, policy.noteEnglish,
      ]
      #expect(words.allSatisfy { !$0.isEmpty })
      // A Chinese report names its source in Chinese.
      #expect(policy.origin.sourceChinese != policy.origin.source)
    }
  }

  @Test("The shipped thresholds are the published ones") func shippedThresholds() throws {
    #expect(
      try shipped("chongqing-digital-workshop").rules == [
        .init(metric: .digitalizationRatio, atLeast: 50_000), .init(metric: .uploadRatio, atLeast: 90_000),
      ])
    #expect(
      try shipped("chongqing-smart-factory").rules == [.init(metric: .digitalizationRatio, atLeast: 65_000)])
    #expect(
      try shipped("full-coverage").rules == [
        .init(metric: .automationRatio, atLeast: 100_000), .init(metric: .networkedRatio, atLeast: 100_000),
      ])
    let sme = try shipped("sme-2024")
    #expect(sme.rules.isEmpty)
    for metric in [Metric.digitalizationRatio, .networkedRatio] {
      let bands = sme.bands.filter { $0.metric == metric }
      #expect(bands.map(\.interval) == ["[0, 10]", "(10, 20]", "(20, 40]", "(40, 60]", "(60, 100]"])
      #expect(bands.map(\.points) == [0, 1500, 3000, 4500, 6000])
      #expect(bands.map(\.name) == ["1", "2", "3", "4", "5"])
    }
    #expect(
      try shipped("chongqing-digital-workshop-2023").rules == [
        .init(metric: .cncRatio, atLeast: 60_000), .init(metric: .keyProcessCNCRatio, atLeast: 70_000),
      ])
    #expect(
      try shipped("chongqing-smart-factory-2023").rules == [
        .init(metric: .cncRatio, atLeast: 70_000), .init(metric: .keyProcessCNCRatio, atLeast: 80_000),
      ])
  }

  @Test(
    "Every authority's shipped file says how sure it is, when it is in force, and that the authority's text decides"
  )
  func shippedDates() throws {
    let expected: [(String, Policy.Certainty?, String?, String?)] = [
      ("sme-2024", .read, "2024-09-04", nil),
      ("chongqing-digital-workshop", .restated, "2020-01-01", "2022-12-31"),
      ("chongqing-smart-factory", .restated, "2020-01-01", "2022-12-31"),
      ("chongqing-digital-workshop-2023", .restated, "2023-01-01", "2023-12-31"),
      ("chongqing-smart-factory-2023", .restated, "2023-01-01", "2023-12-31"),
      ("full-coverage", nil, nil, nil),
    ]
    for (name, certainty, from, until) in expected {
      let policy = try shipped(name)
      #expect(policy.origin.certainty == certainty)
      #expect(policy.validFrom?.description == from && policy.validUntil?.description == until)
      guard certainty != nil else { continue }
      #expect(
        policy.noteEnglish.contains("The authority's text decides.") && policy.noteChinese.contains("原文为准"))
    }
  }

  @Test("A rule and a step may name their own source, their base and their ends") func ownOrigin() throws {
    let policy = try PolicyFile.parse(
      head + """
        certainty: memory
        valid_from: "2023-01-01"
        rules:
          - { metric: networked_ratio, at_least: 50, base: digital, source: page 3, source_zh: 第三页, certainty: read }
          - { metric: networked_ratio, at_least: 40, base: production }
        bands:
          - { metric: oee, name: a, from: 0, below: 50, points: 0.125 }
          - { metric: oee, name: b, from: 50, up_to: 100, points: 1000, source: page 4 }
        """, file: "/x/own.yaml")
    let page = Policy.Origin(source: "page 3", sourceChinese: "第三页", certainty: .read)
    #expect(
      policy.rules == [
        .init(metric: .networkedOfDigitalRatio, atLeast: 50_000, origin: page),
        .init(metric: .networkedRatio, atLeast: 40_000),
      ])
    #expect(policy.bands.map(\.interval) == ["[0, 50)", "[50, 100]"])
    #expect(policy.bands.map(\.points) == [125, 1_000_000])
    #expect(policy.bands.map(\.origin) == [nil, .init(source: "page 4")])
    #expect(policy.origin == .init(source: "somewhere", certainty: .memory))
    #expect(policy.validFrom == CalendarDay("2023-01-01") && policy.validUntil == nil)
  }

  @Test("Mistakes in ends, points, bases and dates are named with their place") func stepMistakes() {
    let text =
      head + """
        certainty: sure
        valid_from: "2024-01-01"
        valid_until: "2023-12-31"
        rules:
          - { metric: cnc_ratio, at_least: 50, base: digital }
          - { metric: cnc_ratio, at_least: 50, certainty: read }
        bands:
          - { metric: networked_ratio, name: "1", from: 0, above: 0, up_to: 10 }
          - { metric: networked_ratio, name: "2", above: 10 }
          - { metric: quality_ratio, name: "1", from: 0, up_to: 10, points: 1000.001 }
          - { metric: quality_ratio, name: "2", from: 0, up_to: 10, points: 1 }
          - { metric: quality_ratio, name: "3", from: 10, up_to: 20 }
          - { metric: quality_ratio, name: "4", above: 20, below: 20 }
        """
    #expect(
      problems(text) == [
        "p.yaml:9:12: certainty must be one of read, restated, memory, not 'sure'",
        "p.yaml:11:14: valid_until must not be before valid_from",
        "p.yaml:13:46: rules[0].base: cnc_ratio is not of this base; networked_ratio is of production or of digital "
          + "equipment",
        "p.yaml:14:51: rules[1].certainty: needs source beside it",
        "p.yaml:16:59: bands[0].above: only one of from and above can be given",
        "p.yaml:17:5: bands[1].up_to: is missing; give up_to if the end belongs to the step, or below if it does not",
        "p.yaml:18:69: bands[2].points must be a number of points from 0 to 1000 with at most three decimals, not "
          + "'1000.001'",
        "p.yaml:19:47: bands[3].from: steps ascend without overlapping: the one before reaches up to 10",
        "p.yaml:20:47: bands[4].from: steps ascend without overlapping: the one before reaches up to 10, which it "
          + "includes",
        "p.yaml:21:59: bands[5].below: must be more than above",
      ])
  }

  @Test("A threshold may have three decimals") func decimals() throws {
    let policy = try PolicyFile.parse(
      head + "rules: [{ metric: quality_ratio, at_least: 99.125 }]", file: "/x/own.yaml")
    #expect(policy.rules == [.init(metric: .qualityRatio, atLeast: 99_125)])
    #expect(policy.name == "own")
  }

  @Test("Everything that is wrong with a file is named at once, with line and column") func allAtOnce() {
    let text = """
      title_zh: 题
      title_en: Title
      issuing_body_zh: 部
      issueing_body_en: Body
      date: 22.11.2026
      source: somewhere
      note_zh: 注
      note_en: 2024
      rules:
        - { metric: digitalisation_ratio, at_least: 50 }
        - { metric: upload_ratio, at_least: 100.5 }
        - metric: upload_ratio
          atleast: 50
      bands:
        - { metric: networked_ratio, name: "1", above: 10, up_to: 10 }
        - { metric: networked_ratio, name: "2", above: 5, up_to: 20 }
      """
    let metrics = Metric.ranked.map(\.key).joined(separator: ", ")
    let percent = "must be a percentage from 0 to 100 with at most three decimals"
    #expect(
      problems(text) == [
        "p.yaml: issuing_body_en is missing: it must be text (in quotes if it looks like a number, a date or "
          + "yes/no)",
        "p.yaml:4:1: unknown key 'issueing_body_en' (did you mean 'issuing_body_en'?)",
        "p.yaml:5:7: date must be a date, such as 2024-01-31, not '22.11.2026'",
        "p.yaml:8:10: note_en must be text (in quotes if it looks like a number, a date or yes/no), not "
          + "'2024'",
        "p.yaml:10:15: rules[0].metric must be one of \(metrics), not 'digitalisation_ratio'",
        "p.yaml:11:39: rules[1].at_least \(percent), not '100.5'",
        "p.yaml:12:5: rules[2].at_least is missing: it \(percent)",
        "p.yaml:13:5: unknown key 'atleast' in rules[2] (did you mean 'at_least'?)",
        "p.yaml:15:61: bands[0].up_to: must be more than above",
        "p.yaml:16:50: bands[1].above: steps ascend without overlapping: the one before reaches up to 10",
      ])
  }

  @Test(
    "A mistake is named",
    arguments: [
      ("", "p.yaml: a policy needs rules or bands"),
      (
        "rules: []", "p.yaml:9:8: rules must be a list of sections with \(keys), not an empty one"
      ),
      ("rules: 50", "p.yaml:9:8: rules must be a list of sections with \(keys), not '50'"),
      ("rules: [a]", "p.yaml:9:9: rules[0] must be a section, not 'a'"),
      (
        "rules: [{ metric: upload_ratio, at_least: -1 }]",
        "p.yaml:9:43: rules[0].at_least must be a percentage from 0 to 100 with at most three decimals, not "
          + "'-1'"
      ),
      (
        "rules: [{ metric: upload_ratio, at_least: 99.9999 }]",
        "p.yaml:9:43: rules[0].at_least must be a percentage from 0 to 100 with at most three decimals, not "
          + "'99.9999'"
      ),
      (
        "rules: [{ metric: upload_ratio, at_least: 90 %}]",
        "p.yaml:9:43: rules[0].at_least must be a percentage from 0 to 100 with at most three decimals, not "
          + "'90 %'"
      ),
      (
        "rules: [{ metric: upload_ratio, at_least: 90 }]\nsource: elsewhere",
        "p.yaml:6:1: key 'source' is given more than once"
      ),
      (
        "rules: [",
        "p.yaml:10:1: not valid YAML: while parsing a flow node: did not find expected node content"
      ),
    ])
  func mistake(_ text: String, _ expected: String) { #expect(problems(head + text) == [expected]) }
}
