import Alerts
import Configuration
import Daemon
import Foundation
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Facts of alerts") struct FactTests {
  private func collector(
    _ state: CollectorStatus.State, holder: StoreHolder, _ change: (inout [String: Any]) -> Void = { _ in }
  ) throws -> AlertFacts.Collector? {
    var fields: [String: Any] = [
      "schema": CollectorStatus.schema, "version": "1", "process": 7, "host": "h", "state": state.rawValue,
      "written_at": "2026-11-30T08:00:00+08:00", "alive_at": "2026-11-30T07:59:59+08:00",
      "started_at": "2026-11-30T06:00:00+08:00", "store": "/s", "block": 1, "senders": 1,
      "broker": [
        "host": "127.0.0.1", "port": 1883, "protocol_version": "5", "transport": "tcp", "library": "2",
        "connections": 1, "takeovers": 0, "connected_at": "2026-11-30T06:00:05+08:00",
        "last_disconnected_at": "2026-11-30T07:30:00+08:00",
      ],
      "messages": [
        "total": 10, "refused": 3, "redelivered": 0, "former": 0, "per_second": 2.5,
        "refused_last_minute": 12,
      ],
      "refusals": [], "lag": ["longest_commit": 0, "rows": 0], "warnings": [],
      "disk": ["total": 1000, "free": 90],
    ]
    change(&fields)
    let text = String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
    let status = try CollectorStatus(
      StoredStatus(text: text, changedAt: Sample.morning, location: "status.json"))
    let judgement = StatusJudgement(status, holder, changed: Sample.morning, now: Sample.morning)
    return AlertFacts.Collector(judgement, at: Sample.morning)
  }

  private func time(_ text: String) -> Timestamp? { Timestamp("2026-11-30T\(text)+08:00") }

  @Test("A collector that hears its broker observes since it is connected") func collecting() throws {
    let found = try #require(try collector(.connected, holder: .held(process: 7)))
    #expect(found.unobservedSince == nil)
    #expect(found.observedSince == time("06:00:05"))
    // 2.5 messages a second are 150 a minute.
    #expect(found.refused == Count(12, of: 150))
    #expect(found.disk == Count(90, of: 1000))
  }

  @Test("A short break of a session that the broker kept hides nothing; another one does") func breaks()
    throws
  {
    func since(_ broken: String, resumed: Bool) throws -> Timestamp? {
      try collector(.connected, holder: .held(process: 7)) { fields in
        var broker = fields["broker"] as? [String: Any] ?? [:]
        broker["connected_at"] = "2026-11-30T07:50:00+08:00"
        broker["last_disconnected_at"] = "2026-11-30T\(broken)+08:00"
        broker["resumed"] = resumed
        fields["broker"] = broker
      }?.observedSince
    }
    #expect(try since("07:49:00", resumed: true) == time("06:00:00"))
    #expect(try since("07:48:59", resumed: true) == time("07:50:00"))
    #expect(try since("07:49:59", resumed: false) == time("07:50:00"))
  }

  @Test("One that is deaf, has no connection, or has ended does not observe") func unobserved() throws {
    let deaf = try collector(.connected, holder: .held(process: 7)) {
      $0["hearing"] = ["probe": "waiting", "deaf_since": "2026-11-30T07:55:00+08:00"]
    }
    #expect(deaf?.unobservedSince == time("07:55:00") && deaf?.observedSince == nil)
    let disconnected = try collector(.disconnected, holder: .held(process: 7))
    #expect(disconnected?.unobservedSince == time("07:30:00"))
    let ended = try collector(.connected, holder: .free)
    #expect(ended?.unobservedSince == time("07:59:59"))
    #expect(ended?.refused == nil)
  }

  @Test("Numbers of a status that lies do not end the process") func lies() throws {
    let found = try collector(.connected, holder: .held(process: 7)) {
      $0["messages"] = [
        "total": 10, "refused": 3, "redelivered": 0, "former": 0, "per_second": 1e300,
        "refused_last_minute": -5,
      ]
      $0["disk"] = ["total": -1, "free": 3]
    }
    #expect(found?.refused == Count(0, of: 1_000_000_000_000_000))
    #expect(found?.disk == nil)
  }

  @Test("A certificate's end is read from its file, the earliest of several") func certificate() throws {
    let folder = try TemporaryDirectory("certificates")
    let authority = try CertificateAuthority("ca", in: folder)
    let end = try #require(CertificateEnd.read(authority.caFile))
    // openssl x509 -noout -enddate prints the same moment, such as notAfter=Dec  2 00:00:00 2026 GMT.
    let printed = try run("openssl", ["x509", "-noout", "-enddate", "-in", authority.caFile]).output
    let date = try run(
      "date",
      ["-u", "-d", String(printed.dropFirst("notAfter=".count)).trimmingCharacters(in: .newlines), "+%s"])
    #expect("\(end.milliseconds / 1000)\n" == date.output)
    let issued = try authority.issue("a", alternativeName: "DNS:a")
    let both = try folder.write(
      "both.pem",
      try String(contentsOfFile: issued.certificateFile, encoding: .utf8)
        + String(contentsOfFile: authority.caFile, encoding: .utf8))
    #expect(try CertificateEnd.read(both) == min(end, #require(CertificateEnd.read(issued.certificateFile))))
    #expect(CertificateEnd.read(folder.file("none")) == nil)
    #expect(CertificateEnd.read(try folder.write("text", "no certificate")) == nil)
  }
}
