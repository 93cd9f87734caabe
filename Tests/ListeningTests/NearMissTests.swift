import Decoding
import Listening
import Telemetry
import Testing

@Suite("Topics that almost fit a source") struct NearMissTests {
  private let sources: [Source]

  init() throws {
    sources = [
      Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
      Source(.presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
    ]
  }

  @Test(
    "Each difference is named, with the topic to publish on",
    arguments: [
      ("/factory/F001/W01/E1/status", NearMiss.Difference.leadingSlash, "factory/F001/W01/E1/status"),
      ("factory/F001/W01/E1/status/", .trailingSlash, "factory/F001/W01/E1/status"),
      (
        "factory/F001/W01/E1/STATUS", .letterCase(level: "STATUS", expected: "status"),
        "factory/F001/W01/E1/status"
      ),
      (
        "Factory/F001/W01/E1/Status", .letterCase(level: "Factory", expected: "factory"),
        "factory/F001/W01/E1/status"
      ),
      (
        "factory/F001/W01/E1/stauts", .spelling(level: "stauts", expected: "status"),
        "factory/F001/W01/E1/status"
      ),
      (
        "factory/F001/W01/E1/state", .spelling(level: "state", expected: "status"),
        "factory/F001/W01/E1/status"
      ),
      (
        "factory/F001/W01/E1/online", .spelling(level: "online", expected: "connection"),
        "factory/F001/W01/E1/connection"
      ),
      ("factory/F001/W01/L1/E1/status", .extraLevel("L1"), "factory/F001/W01/E1/status"),
      ("factory/F001/W01/E1/gw/status", .extraLevel("gw"), "factory/F001/W01/E1/status"),
      ("site/factory/F001/W01/E1/status", .extraLevel("site"), "factory/F001/W01/E1/status"),
      ("factory/F001/W01/E1/status/json", .extraLevel("json"), "factory/F001/W01/E1/status"),
      ("factory/F001/E1/status", .missingLevel("{workshop}"), "factory/F001/{workshop}/E1/status"),
      ("F001/W01/E1/status", .missingLevel("factory"), "factory/F001/W01/E1/status"),
      (
        "factory/F001/W01/机床1/status", .notAnID(placeholder: "equipment", level: "机床1"),
        "factory/F001/W01/{equipment}/status"
      ),
    ])
  func differences(_ topic: String, _ difference: NearMiss.Difference, _ suggestion: String) throws {
    let miss = try #require(NearMiss.of(topic, among: sources))
    #expect(miss.difference == difference)
    #expect(miss.suggestion == suggestion)
  }

  @Test("The source without a leading slash is the nearer one") func slash() throws {
    let source = Source(.status, template: try TopicTemplate("/plant/{factory}/{equipment}/status"))
    let miss = try #require(NearMiss.of("plant/F001/E1/status", among: [source]))
    #expect(miss.difference == .noLeadingSlash)
    #expect(miss.suggestion == "/plant/F001/E1/status")
  }

  @Test(
    "Other topics are near none",
    arguments: ["plant/F001/W01/E1/temperature", "a/b/c/d/e", "kepware/F001/iotgateway", "status", "/", "x"])
  func others(_ topic: String) { #expect(NearMiss.of(topic, among: sources) == nil) }

  @Test("A topic that a source has is no near miss, and one without a source states it") func survey() throws
  {
    let received = Timestamp(milliseconds: 1_795_305_601_000)
    let status = #"{"ts":1795305600000,"state":"running"}"#
    let survey = try Survey.of(
      [
        HeardMessage("factory/F001/W01/E1/status", status, received: received),
        HeardMessage("/factory/F001/W01/E2/status", status, received: received),
      ], sources: sources)
    #expect(survey.topics.map(\.text) == ["/factory/F001/W01/E2/status", "factory/F001/W01/E1/status"])
    #expect(survey.topics.map { $0.nearMiss?.difference } == [.leadingSlash, nil])
    #expect(survey.topics.map(\.read) == [0, 1])
    #expect(
      survey.proposals[0].lines { "\($0)" } == [
        "  - format: status", #"    topic: "/factory/{factory}/{workshop}/{equipment}/status""#,
      ])
  }

  @Test("Another spelling is near only if the source could read the payloads") func payloads() throws {
    let received = Timestamp(milliseconds: 1_795_305_601_000)
    let survey = try Survey.of(
      [
        HeardMessage("factory/F001/W01/E1/state", "1", received: received),
        HeardMessage("factory/F001/W01/E2/state", #"{"state":"running"}"#, received: received),
      ], sources: sources)
    #expect(
      survey.topics.map { $0.nearMiss?.difference } == [nil, .spelling(level: "state", expected: "status")])
  }
}
