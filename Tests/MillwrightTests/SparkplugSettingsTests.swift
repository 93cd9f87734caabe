import Configuration
import Decoding
import Telemetry
import Testing

@Suite("Settings of Sparkplug sources") struct SparkplugSettingsTests {
  private static let least = """
    district: { id: d, name_zh: 区, name_en: District, timezone: Asia/Shanghai }
    store: sqlite:/var/lib/millwright

    """

  private let formats = (["status", "presence"] + SourceFormats.all.map(\.name)).joined(separator: ", ")

  private func settings(_ sources: String) throws(SettingsErrors) -> Settings {
    try Settings.parse(Self.least + sources, file: "/etc/millwright.yaml", environment: [:])
  }

  private func problems(_ sources: String) -> [String] {
    do throws(SettingsErrors) {
      _ = try settings(sources)
      return []
    } catch { return error.problems.map(\.description) }
  }

  @Test("The source of the interface's example is read, with the session's own keys")
  func example() throws {
    let settings = try settings(
      """
      sources:
        - { format: status, topic: "factory/{factory}/{workshop}/{equipment}/status" }
        - { format: sparkplug, host_id: park, group: "{factory}", edge: "{workshop}", device: "{equipment}",
            reorder_timeout: 2s, state: { at: "Status/State", map: { "3": running } },
            counters: { energy_kwh: "Energy/Total" } }
      """)
    #expect(settings.sources.map(\.format.name) == ["status", "sparkplug"])
    #expect(settings.sources[1].topic == "spBv1.0/{factory}/+/{workshop}/{equipment}")
    let session = try #require(settings.sparkplug?.session)
    #expect(session.hostID == "park")
    #expect(session.reorderTimeout == .seconds(2))
    let shard = try settings.shardSettings()
    #expect(shard.sources.map(\.isSparkplug) == [false, true])
    #expect(Router(shard.sources).filters == ["factory/#"])
    #expect(try DecodingRules(text: shard.rules.text) == shard.rules)
  }

  @Test("Without a Sparkplug source there is no session; with one, its keys have defaults")
  func defaults() throws {
    #expect(try settings("").sparkplug == nil)
    let session = try #require(try settings("sources: [{ format: sparkplug }]").sparkplug?.session)
    #expect(session.hostID == "millwright")
    #expect(session.reorderTimeout == .seconds(5))
    #expect(session.groups == nil)
  }

  @Test("Each problem has its place, and all are reported at once")
  func wrongKeys() {
    #expect(
      problems(
        """
        sources:
          - format: sparkplug
            host_id: a/b
            grop: "{factory}"
            state:
              at: Status/State
              map: { "3": runing }
          - format: sparkplugg
        """) == [
          "/etc/millwright.yaml:5:14: sources[0].host_id must be the name of this host application: 1 to 64 bytes, "
            + "without / + #, not 'a/b'",
          "/etc/millwright.yaml:6:5: unknown key 'grop' in sources[0] (did you mean 'group'?)",
          "/etc/millwright.yaml:9:19: sources[0].state.map.3 must be one of running, idle, setup, stopped, fault, "
            + "maintenance, off, not 'runing' (did you mean 'running'?)",
          "/etc/millwright.yaml:10:13: sources[1].format must be one of \(formats), not 'sparkplugg'",
        ])
  }

  @Test("Several Sparkplug sources have one session and must not contradict each other")
  func oneSession() throws {
    let both = try settings(
      """
      sources:
        - { format: sparkplug, group: A, factory: F001, host_id: park }
        - { format: sparkplug, group: B, factory: F002, reorder_timeout: 9s }
      """)
    #expect(both.sparkplug?.session.hostID == "park")
    #expect(both.sparkplug?.session.groups == ["A", "B"])
    #expect(both.sparkplug?.session.reorderTimeout == .seconds(9))
    #expect(
      problems(
        """
        sources:
          - { format: sparkplug, group: A, factory: F001, host_id: park }
          - { format: sparkplug, group: B, factory: F002, host_id: other }
        """) == [
          "/etc/millwright.yaml:5:60: sources[1].host_id: an earlier source has 'park': the collector is one host "
            + "application"
        ])
  }

  @Test("Another host name, timeout or group needs no restart") func restart() throws {
    let (a, b) = (try settings(""), try settings("sources: [{ format: sparkplug }]"))
    #expect(a.keysNeedingRestart(in: b) == [])
    let c = try settings("sources: [{ format: sparkplug, group: A, factory: F001 }]")
    #expect(b.keysNeedingRestart(in: c) == [])
  }
}
