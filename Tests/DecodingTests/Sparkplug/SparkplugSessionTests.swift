import Decoding
import Telemetry
import Testing

/// Checks written after the assertions for host applications, group "session establishment" and "termination". The
/// connection itself (order on the wire, clean session) is checked in Tests/MQTTTests.
@Suite("Sparkplug host session")
struct SparkplugSessionTests {
  static let settings = SparkplugSession.Settings(hostID: "millwright")
  static let stateTopic = "spBv1.0/STATE/millwright"

  static func text(_ publication: SparkplugPublication) -> String {
    "\(publication.topic) \(String(decoding: publication.payload, as: UTF8.self)) \(publication.quality)"
      + (publication.isRetained ? " retained" : "")
  }

  static func state(_ online: Bool, _ timestamp: Int64) -> String {
    "\(stateTopic) {\"online\":\(online),\"timestamp\":\(timestamp)} 1 retained"
  }

  @Test("The will and the birth have the same timestamp, that of the connect; both are retained at QoS 1")
  func establishment() {
    var session = SparkplugSession(Self.settings)
    #expect(Self.text(session.connect(at: Timestamp(milliseconds: 1000))) == Self.state(false, 1000))
    let birth = session.subscribed(at: Timestamp(milliseconds: 1250))
    #expect(birth.map(Self.text) == [Self.state(true, 1000)])
    // Once per connection.
    #expect(session.subscribed(at: Timestamp(milliseconds: 1300)) == [])
  }

  @Test("Each connection has a will and a birth of its own time, also after a clock was set back")
  func reconnection() {
    var session = SparkplugSession(Self.settings)
    _ = session.connect(at: Timestamp(milliseconds: 1000))
    _ = session.subscribed(at: Timestamp(milliseconds: 1250))
    #expect(session.disconnected() == [])
    #expect(Self.text(session.connect(at: Timestamp(milliseconds: 5000))) == Self.state(false, 5000))
    _ = session.disconnected()
    // Edge nodes ignore a statement older than the one before.
    #expect(Self.text(session.connect(at: Timestamp(milliseconds: 3000))) == Self.state(false, 5000))
    #expect(
      session.subscribed(at: Timestamp(milliseconds: 3100)).map(Self.text) == [Self.state(true, 5000)])
  }

  @Test("It subscribes to its own STATE and to births, data and deaths, not to commands")
  func filters() {
    #expect(
      SparkplugSession(Self.settings).filters == [
        "spBv1.0/STATE/millwright", "spBv1.0/+/NBIRTH/+", "spBv1.0/+/NDEATH/+", "spBv1.0/+/NDATA/+",
        "spBv1.0/+/DBIRTH/+/+", "spBv1.0/+/DDEATH/+/+", "spBv1.0/+/DDATA/+/+",
      ])
    let settings = SparkplugSession.Settings(hostID: "millwright", groups: ["F001", "F002"])
    let filters = SparkplugSession(settings).filters
    #expect(filters.count == 13)
    #expect(filters[0] == Self.stateTopic)
    #expect(filters[1] == "spBv1.0/F001/NBIRTH/+")
    #expect(filters[12] == "spBv1.0/F002/DDATA/+/+")
  }

  @Test("It states again that it is online when it hears that it is not")
  func offlineHeard() {
    var host = HostUnderTest()
    _ = host.session.connect(at: Timestamp(milliseconds: 1000))
    let offline = Array(#"{"online":false,"timestamp":900}"#.utf8)
    // Before the birth, nothing is published.
    host.hears(topic: Self.stateTopic, payload: offline)
    #expect(host.published == [])
    _ = host.session.subscribed(at: Timestamp(milliseconds: 1250))
    host.hears(topic: Self.stateTopic, payload: offline)
    host.hears(topic: Self.stateTopic, payload: Array(#" { "timestamp" : 900 , "online" : false } "#.utf8))
    #expect(host.published.map(Self.text) == [Self.state(true, 1000), Self.state(true, 1000)])
    #expect(host.session.counters.statesRepeated == 2)
    host.published = []
    host.hears(topic: Self.stateTopic, payload: Array(#"{"online":true,"timestamp":1000}"#.utf8))
    host.hears(topic: Self.stateTopic, payload: Array("OFFLINE".utf8))
    host.hears(topic: Self.stateTopic, payload: [])
    host.hears(topic: "spBv1.0/STATE/other", payload: offline)
    #expect(host.published == [])
    // Statements on the own topic are no messages of edge nodes.
    #expect(host.processed == ["other"])
  }

  @Test("A statement heard with a later time raises the time of the next will")
  func laterStatement() {
    var host = HostUnderTest()
    _ = host.session.connect(at: Timestamp(milliseconds: 1000))
    _ = host.session.subscribed(at: Timestamp(milliseconds: 1000))
    host.hears(topic: Self.stateTopic, payload: Array(#"{"online":false,"timestamp":7000}"#.utf8))
    // A day and more ahead is a wrong clock.
    host.hears(topic: Self.stateTopic, payload: Array(#"{"online":false,"timestamp":99999999999}"#.utf8))
    _ = host.session.disconnected()
    #expect(Self.text(host.session.connect(at: Timestamp(milliseconds: 2000))) == Self.state(false, 7000))
  }

  @Test("At an intended end it publishes its death with the present time, once")
  func termination() {
    var session = SparkplugSession(Self.settings)
    _ = session.connect(at: Timestamp(milliseconds: 1000))
    _ = session.subscribed(at: Timestamp(milliseconds: 1000))
    #expect(
      session.stop(at: Timestamp(milliseconds: 9000)).publications.map(Self.text) == [Self.state(false, 9000)]
    )
    #expect(session.stop(at: Timestamp(milliseconds: 9001)).publications == [])
  }

  @Test("Without a birth there is no death to publish")
  func terminationBeforeBirth() {
    var session = SparkplugSession(Self.settings)
    _ = session.connect(at: Timestamp(milliseconds: 1000))
    #expect(session.stop(at: Timestamp(milliseconds: 9000)).publications == [])
  }

  @Test("A STATE is read whatever its spaces; anything else is none")
  func states() {
    func read(_ text: String) -> SparkplugState? {
      Array(text.utf8).withUnsafeBytes { SparkplugState($0) }
    }
    #expect(read(#"{"online":true,"timestamp":5}"#) == SparkplugState(isOnline: true, timestamp: 5))
    #expect(read(#"{"timestamp": 5, "online" :false}"#) == SparkplugState(isOnline: false, timestamp: 5))
    #expect(read(#"{"online":false}"#) == SparkplugState(isOnline: false, timestamp: 0))
    #expect(read(#"{"online":false,"timestamp":99999999999999999999}"#)?.timestamp == 0)
    for text in [
      "", "ONLINE", "{}", #"{"online":1}"#, #"{"online"}"#, #"{"online":"#, #"{"online":"false"}"#,
    ] {
      #expect(read(text) == nil)
    }
    #expect(read(#"{"online":false}"# + String(repeating: " ", count: 2000)) == nil)
  }
}
