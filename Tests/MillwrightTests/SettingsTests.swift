import Access
import Configuration
import Decoding
import Foundation
import Storage
import Telemetry
import Testing

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path
private let shippedFile = root + "/Config/millwright.yaml"

/// The least a configuration must say.
private let least = """
  district: { id: d, name_zh: 区, name_en: District, timezone: Asia/Shanghai }
  store: sqlite:/var/lib/millwright

  """

private let formats = (["status", "presence"] + SourceFormats.all.map(\.name)).joined(separator: ", ")

/// What is wrong with a text, as printed.
private func problems(_ text: String, _ environment: [String: String] = [:]) -> [String] {
  do {
    _ = try Settings.parse(text, file: "millwright.yaml", environment: environment)
    return []
  } catch {
    return error.problems.map(\.description)
  }
}

private func settings(_ text: String, _ environment: [String: String] = [:]) throws -> Settings {
  try Settings.parse(text, file: "/etc/millwright/millwright.yaml", environment: environment)
}

@Suite struct SettingsTests {
  @Test func theShippedFileLoadsWithTheValuesItShows() throws {
    let s = try Settings.load(path: shippedFile, environment: [:])
    #expect(s.district.id == "demo")
    #expect(s.district.nameChinese == "模拟园区")
    #expect(s.district.nameEnglish == "Simulated District")
    #expect(s.district.calendar.identifier == "Asia/Shanghai")
    #expect(s.mqtt.host == "127.0.0.1" && s.mqtt.port == 1883 && s.mqtt.protocolVersion == .v5)
    #expect(s.mqtt.clientID == nil && s.mqtt.username == nil && s.mqtt.tls == nil)
    #expect(try s.mqtt.password() == nil)
    #expect(s.mqtt.keepalive == .seconds(30) && s.mqtt.sessionExpiry == .days(7))
    #expect(s.mqtt.connectTimeout == .seconds(10) && s.mqtt.probeInterval == .minutes(1))
    #expect(s.window.messages == 5000 && s.window.bytes == 1_048_576)
    #expect(s.window.interval == .milliseconds(100))
    #expect(s.sources.map(\.format) == [.status, .presence])
    #expect(s.sources[0].topic == "factory/{factory}/{workshop}/{equipment}/status")
    #expect(s.store == .sqlite(directory: root + "/var/millwright"))
    #expect(s.journal.retention == .days(90))
    #expect(s.journal.compactAfter == .days(1))
    #expect(s.presence.networkedWindow == .days(30))
    #expect(s.presence.horizonFactor == 3 && s.presence.horizonMinimum == .minutes(15))
    #expect(s.limits.payload == 65536 && s.limits.nesting == 16)
    #expect(s.limits.futureSkew == .minutes(5) && s.limits.unregisteredSenders == 10_000)
    #expect(s.policies == [])
    #expect(s.web.listen == ListenAddress(host: "127.0.0.1", port: 8080) && s.web.tls == nil)
    #expect(s.web.accountsFile == root + "/Config/accounts.json")
    #expect(s.web.trustedProxies == TrustedProxies())
    #expect(!s.web.metricsByFactory)
    #expect(s.log.level == .info && s.log.format == .text)
  }

  @Test(
    "An address to listen on has a host and a port",
    arguments: [
      ("127.0.0.1:8080", "127.0.0.1", 8080, true), ("localhost:0", "localhost", 0, true),
      ("[::1]:80", "::1", 80, true), ("0.0.0.0:443", "0.0.0.0", 443, false),
      ("[::]:65535", "::", 65_535, false), ("web.example:8443", "web.example", 8443, false),
      ("127.0.0.1.example:1", "127.0.0.1.example", 1, false),
    ])
  func listenAddresses(text: String, host: String, port: Int, isLoopback: Bool) throws {
    let address = try #require(ListenAddress(text))
    #expect(address == ListenAddress(host: host, port: port))
    #expect(address.isLoopback == isLoopback)
    #expect(address.description == text)
  }

  @Test(arguments: [
    "", ":", "8080", "127.0.0.1", "127.0.0.1:", ":8080", "::1:8080", "[127.0.0.1]:80", "h:65536", "h:-1",
    "h:080800", "h:+1", "h: 1", "a b:1", "[::1]", "[]:1",
  ])
  func textsThatAreNoAddressToListenOn(text: String) { #expect(ListenAddress(text) == nil) }

  @Test func accountsAreBesideTheConfigurationUnlessAPlaceIsNamed() throws {
    #expect(try settings(least).web.accountsFile == "/etc/millwright/accounts.json")
    let named = try settings(least + "web: { accounts_file: ../lib/a.json, trusted_proxies: [10.0.0.0/8] }")
    #expect(named.web.accountsFile == "/etc/lib/a.json")
    #expect(named.web.trustedProxies == TrustedProxies([try #require(AddressBlock("10.0.0.0/8"))]))
    #expect(
      try settings(least, ["MILLWRIGHT_WEB_ACCOUNTS_FILE": "/srv/a.json"]).web.accountsFile == "/srv/a.json")
  }

  @Test func theShippedValuesAreTheDefaults() throws {
    let shipped = try Settings.load(path: shippedFile, environment: [:])
    let bare = try settings(least)
    #expect(bare.mqtt.host == shipped.mqtt.host && bare.mqtt.port == shipped.mqtt.port)
    #expect(bare.mqtt.keepalive == shipped.mqtt.keepalive)
    #expect(bare.mqtt.sessionExpiry == shipped.mqtt.sessionExpiry)
    #expect(bare.mqtt.connectTimeout == shipped.mqtt.connectTimeout)
    #expect(bare.mqtt.probeInterval == shipped.mqtt.probeInterval)
    #expect(bare.window == shipped.window && bare.sources == shipped.sources)
    #expect(bare.journal == shipped.journal && bare.presence == shipped.presence)
    #expect(bare.limits == shipped.limits && bare.log == shipped.log)
    #expect(bare.policies == shipped.policies)
  }

  /// A key at the wrong place is refused by the first test; here each must be somewhere in the file.
  @Test(arguments: Settings.keys) func theShippedFileDocumentsEveryKey(_ key: String) throws {
    let text = try String(contentsOfFile: shippedFile, encoding: .utf8)
    let name = String(key.split(separator: ".").last ?? "")
    #expect(
      text.split(separator: "\n").contains { line in
        let code = line.prefix { $0 != "#" }.drop { $0 == " " || $0 == "-" }
        return code.hasPrefix("\(name):")
      })
  }

  @Test func thereAreAsManyKeysAsExpected() {
    #expect(Settings.keys.count == 47)
    #expect(Set(Settings.keys).count == 47)
    #expect(Settings.keys.contains("sources[].topic"))
  }

  @Test func everyProblemIsReportedAtOnceWithItsPlace() {
    let text = """
      district: { id: d, name_zh: 区, name_en: D, timezone: Asia/Nowhere }
      mqtt:
        brokr: localhost
        port: 99999
        port: 1883
        keepalive: fast
        password: hunter2
        shards: 4
      windw: {}
      limits: { payload: 64KB }
      """
    #expect(
      problems(text, ["MILLWRIGHT_MQTT_HOTS": "x", "MILLWRIGHT_LOG_LEVEL": "loud", "PATH": "/bin"]) == [
        "millwright.yaml: store is missing: it must be sqlite:DIRECTORY (this version has no PostgreSQL store)",
        "millwright.yaml:1:54: district.timezone must be a time zone of the IANA database, such as "
          + "Asia/Shanghai, not 'Asia/Nowhere'",
        "millwright.yaml:3:3: unknown key 'brokr' in mqtt",
        "millwright.yaml:4:3: key 'port' is given more than once in mqtt",
        "millwright.yaml:6:14: mqtt.keepalive must be a duration from 5s to 65535s in whole seconds, such as "
          + "100ms, 30s, 15m or 7d, not 'fast'",
        "millwright.yaml:7:3: unknown key 'password' in mqtt: a password does not belong in this file; name "
          + "a file of mode 0600 in mqtt.password_file, or set the environment variable "
          + "MILLWRIGHT_MQTT_PASSWORD",
        "millwright.yaml:8:3: unknown key 'shards' in mqtt: this version runs one shard",
        "millwright.yaml:9:1: unknown key 'windw' (did you mean 'window'?)",
        "millwright.yaml:10:20: limits.payload must be a size from 256B to 16MiB, such as 64KiB or 1MiB, "
          + "not '64KB'",
        "environment variable MILLWRIGHT_LOG_LEVEL: log.level must be one of trace, debug, info, notice, "
          + "warning, error, critical, not 'loud'",
        "environment variable MILLWRIGHT_MQTT_HOTS: no key has this name (did you mean "
          + "'MILLWRIGHT_MQTT_HOST'?)",
      ])
  }

  @Test(arguments: [
    ("mqtt: { hots: x }", "unknown key 'hots' in mqtt (did you mean 'host'?)"),
    ("mqtt: { tls: { ca_fiel: x } }", "unknown key 'ca_fiel' in mqtt.tls (did you mean 'ca_file'?)"),
    ("Mqtt: {}", "unknown key 'Mqtt' (did you mean 'mqtt'?)"),
    (
      "web: { listen: x }",
      "web.listen must be HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080, not 'x'"
    ),
    ("web: { listen: '[::1]:0' }", ""),
    (
      "web: { tls: { key_file: k } }",
      "web.tls.certificate_file and web.tls.key_file go together: give both or neither"
    ),
    ("web: { trusted_proxies: [10.0.0.0/8, '2001:db8::/32', 192.0.2.1] }", ""),
    (
      "web: { trusted_proxies: 10.0.0.0/8 }",
      "web.trusted_proxies must be a list of addresses or blocks of addresses, not '10.0.0.0/8'"
    ),
    (
      "web: { trusted_proxies: [10.0.0.1/8] }",
      "web.trusted_proxies[0] must be an IP address or a block such as 10.0.0.0/8, without bits beyond its prefix, not '10.0.0.1/8'"
    ),
    ("web: { metrics_by_factory: true }", ""),
    ("web: { metrics_by_factory: yes }", "web.metrics_by_factory must be true or false, not 'yes'"),
    ("web: { acounts_file: x }", "unknown key 'acounts_file' in web (did you mean 'accounts_file'?)"),
    ("web: { lsten: x }", "unknown key 'lsten' in web (did you mean 'listen'?)"),
    ("policies: ~", ""),
    ("policies: []", ""),
    ("policies: [full-coverage, './own.yaml']", ""),
    ("policies: full-coverage", "policies must be a list of policies' names, not 'full-coverage'"),
    (
      "policies: [{ name: a }]", "policies[0] must be a policy's name, or the path of its file, not a section"
    ),
    ("policies: [a, 2024]", "policies[1] must be a policy's name, or the path of its file, not '2024'"),
    ("policies: [none]", "policies[0] must be a policy's name, or the path of its file, not 'none'"),
    ("policies: [a, b, a]", "policies names 'a' more than once"),
    (
      "mqtt: 5",
      "mqtt must be a section with host, port, protocol, client_id, username, tls, keepalive, "
        + "session_expiry, connect_timeout, probe_interval, password_file, not '5'"
    ),
    ("mqtt: { port: '1883' }", ""),
    ("mqtt: { port: 018 }", "mqtt.port must be a whole number from 1 to 65535, not '018'"),
    ("mqtt: { port: 0x10 }", "mqtt.port must be a whole number from 1 to 65535, not '0x10'"),
    ("mqtt: { port: 0 }", "mqtt.port must be a whole number from 1 to 65535, not '0'"),
    ("mqtt: { port: -1 }", "mqtt.port must be a whole number from 1 to 65535, not '-1'"),
    ("mqtt: { port: [1883] }", "mqtt.port must be a whole number from 1 to 65535, not a list"),
    ("mqtt: { port: {a: 1} }", "mqtt.port must be a whole number from 1 to 65535, not a section"),
    ("mqtt: { protocol: 4 }", "mqtt.protocol must be one of 5, 3.1.1, not '4'"),
    (
      "mqtt: { username: 123 }",
      "mqtt.username must be text (in quotes if it looks like a number, a date or yes/no), not '123'"
    ),
    (
      "mqtt: { username: no }",
      "mqtt.username must be text (in quotes if it looks like a number, a date or yes/no), not 'no'"
    ),
    ("mqtt: { username: '123' }", ""),
    (
      "mqtt: { host: 10.0.0.7 }",
      "mqtt.host '10.0.0.7' is not this machine, so the session must be encrypted: set mqtt.tls.ca_file to "
        + "the certificate authority of the broker"
    ),
    (
      "mqtt: { host: 127.0.0.1.example.com }",
      "mqtt.host '127.0.0.1.example.com' is not this machine, so the session must be encrypted: set "
        + "mqtt.tls.ca_file to the certificate authority of the broker"
    ),
    ("mqtt: { host: broker.example, tls: { ca_file: ca.pem } }", ""),
    ("mqtt: { host: '::1' }", ""),
    (
      "mqtt: { host: '127.0.0.1:18991' }",
      "mqtt.host '127.0.0.1:18991' holds a port: write mqtt.host '127.0.0.1' and mqtt.port 18991"
    ),
    ("mqtt: { host: 'a b' }", "mqtt.host must be a host name or an IP address, not 'a b'"),
    ("mqtt: { host: '${HOST}' }", "mqtt.host must be a host name or an IP address, not '${HOST}'"),
    (
      "mqtt: { tls: { ca_file: a, key_file: k } }",
      "mqtt.tls.certificate_file and mqtt.tls.key_file go together: give both or neither"
    ),
    (
      "mqtt: { tls: { certificate_file: c, key_file: k } }",
      "mqtt.tls.ca_file is missing: without it the broker is not verified"
    ),
    ("mqtt: { password_file: p }", "a password needs mqtt.username too"),
    (
      "mqtt: { keepalive: 5500ms }",
      "mqtt.keepalive must be a duration from 5s to 65535s in whole seconds, such as 100ms, 30s, 15m or 7d, "
        + "not '5500ms'"
    ),
    (
      "mqtt: { keepalive: 5s }\nwindow: { interval: 3s }",
      "window.interval (3s) must be at most half of mqtt.keepalive (5s): pings wait while a window is open"
    ),
    ("window: { messages: 65536 }", "window.messages must be a whole number from 1 to 65535, not '65536'"),
    ("window: { interval: 0 }", ""),
    (
      "window: { interval: 30 }",
      "window.interval must be a duration from 0 to 10s, such as 100ms, 30s, 15m or 7d, not '30'"
    ),
    (
      "window: { bytes: 32KiB }",
      "window.bytes (32KiB) must hold at least one message of limits.payload (64KiB)"
    ),
    (
      "journal: { compact_aftr: 1d }",
      "unknown key 'compact_aftr' in journal (did you mean 'compact_after'?)"
    ),
    (
      "journal: { retention: 2d }",
      "journal.retention must be a duration from 3d to 3660d, such as 100ms, 30s, 15m or 7d, not '2d'"
    ),
    ("sources: []", "sources must be a list of sections with format and topic, not an empty one"),
    ("sources: status", "sources must be a list of sections with format and topic, not 'status'"),
    ("sources: [x]", "sources[0] must be a section, not 'x'"),
    (
      "sources: [{ format: jsno, topic: '{factory}/{equipment}' }]",
      "sources[0].format must be one of \(formats), not 'jsno'"
    ),
    (
      "sources: [{ topic: '{factory}/{equipment}' }]",
      "sources[0].format is missing: it must be one of \(formats)"
    ),
    (
      "sources: [{ format: status, topic: '{factory}/{equipment}', tpoic: x }]",
      "unknown key 'tpoic' in sources[0] (did you mean 'topic'?)"
    ),
    (
      "sources: [{ format: status, topic: '{factory}/#' }]",
      "sources[0].topic: topic template '{factory}/#': '#' has a wildcard; write a placeholder instead"
    ),
    (
      "sources: [{ format: status, topic: '{factory}/status' }]",
      "sources[0].topic: topic template '{factory}/status': {equipment} is missing"
    ),
    (
      "sources: [{ format: presence, topic: '{factory}/{equipment}', words: { up: onlin } }]",
      "sources[0].words.up must be one of online, offline, not 'onlin' (did you mean 'online'?)"
    ),
    (
      "sources: [{ format: presence, topic: '{factory}/{equipment}', wrods: { up: online } }]",
      "unknown key 'wrods' in sources[0] (did you mean 'words'?)"
    ),
  ]) func aMistakeIsNamed(_ text: String, _ expected: String) {
    let found = problems(least + text)
    #expect(found.count == (expected.isEmpty ? 0 : 1))
    for problem in found {
      let parts = problem.split(separator: ":", maxSplits: 3)
      #expect(
        parts.count == 4 && parts[0] == "millwright.yaml" && Int(parts[1]) != nil && Int(parts[2]) != nil)
      #expect(parts.last.map(String.init) == " " + expected)
    }
  }

  @Test func aKeyGivenThriceIsReportedTwiceAndHidesNothing() {
    let text = least + "log: { level: info, level: debug, 'level': error, fromat: json }"
    #expect(
      problems(text) == [
        "millwright.yaml:3:8: key 'level' is given more than once in log",
        "millwright.yaml:3:21: key 'level' is given more than once in log",
        "millwright.yaml:3:51: unknown key 'fromat' in log (did you mean 'format'?)",
      ])
  }

  @Test func textThatIsNotYAMLIsNamedWithItsLine() {
    let found = problems("district:\n  id: [a\nstore: x\n")
    #expect(
      found == [
        "millwright.yaml:3:6: not valid YAML: while parsing a flow sequence: did not find expected ',' or ']'"
      ])
  }

  @Test func aFileOfAnotherShapeIsNamed() {
    #expect(problems("- a\n- b\n").contains { $0.contains("the file must be a section with district, ") })
    #expect(problems("").count == 5)
  }

  @Test func aPresenceSourceWithoutWordsStaysTheBuiltInOne() throws {
    let topic = "a/{factory}/{equipment}"
    let s = try settings(
      least + "sources: [{ format: presence, topic: '\(topic)' }, "
        + "{ format: presence, topic: '\(topic)', words: { up: online } }]")
    #expect(
      s.sources == [
        Settings.Source(format: .presence, topic: topic),
        Settings.Source(
          format: .other(name: "presence", settings: #"{"words":{"up":"online"}}"#), topic: topic),
      ])
  }

  @Test func aPresenceSourceMayNameAGateway() throws {
    let s = try settings(
      least + "sources: [{ format: presence, topic: 'gw/{factory}/{gateway}/link' }, "
        + "{ format: presence, topic: 'gw/{factory}/{gateway}/state', words: { up: online } }]")
    #expect(s.sources.map(\.topic) == ["gw/{factory}/{equipment}/link", "gw/{factory}/{equipment}/state"])
  }

  @Test func theEnvironmentOverridesAnyKey() throws {
    let s = try settings(
      least,
      [
        "MILLWRIGHT_MQTT_HOST": "broker.example", "MILLWRIGHT_MQTT_PORT": "8883",
        "MILLWRIGHT_MQTT_TLS_CA_FILE": "/ca.pem", "MILLWRIGHT_WINDOW_INTERVAL": "0",
        "MILLWRIGHT_MQTT_USERNAME": "123", "MILLWRIGHT_MQTT_PASSWORD": "secret",
        "MILLWRIGHT_SOURCES": "[{format: presence, topic: 'a/{factory}/{equipment}'}]",
        "MILLWRIGHT_STORE": "sqlite:/srv/m", "UNRELATED": "x",
      ])
    #expect(s.mqtt.host == "broker.example" && s.mqtt.port == 8883 && s.mqtt.tls?.caFile == "/ca.pem")
    #expect(s.window.interval == .zero && s.mqtt.username == "123")
    #expect(s.sources == [Settings.Source(format: .presence, topic: "a/{factory}/{equipment}")])
    #expect(s.store == .sqlite(directory: "/srv/m"))
    #expect(try s.mqtt.password() == "secret")
  }

  @Test func policiesAreNamesOrFilesBesideWhoNamesThem() throws {
    let text = least + "policies: [full-coverage, own/2027.yaml, ../shared.yaml, /srv/a.yaml]"
    #expect(
      try settings(text).policies == [
        "full-coverage", "/etc/millwright/own/2027.yaml", "/etc/shared.yaml", "/srv/a.yaml",
      ])
    let here = FileManager.default.currentDirectoryPath
    #expect(
      try settings(text, ["MILLWRIGHT_POLICIES": "[sme-2024, own.yaml]"]).policies
        == ["sme-2024", here + "/own.yaml"])
    #expect(try settings(text, ["MILLWRIGHT_POLICIES": "[]"]).policies == [])
  }

  @Test(arguments: Settings.keys.filter { !$0.contains("[]") }) func everyKeyHasItsVariable(_ key: String) {
    let variable = "MILLWRIGHT_" + key.uppercased().replacing(".", with: "_")
    // No value at all is good for no key but those that may be null; an impossible one is good for none.
    let found = problems(least, [variable: "\u{7}"])
    #expect(found.contains { $0.hasPrefix("environment variable \(variable): \(key) must be ") })
  }

  @Test func relativePathsBeginAtTheFilesDirectory() throws {
    let s = try settings(
      """
      district: { id: d, name_zh: 区, name_en: D, timezone: UTC }
      store: sqlite:../../var/./millwright
      mqtt: { tls: { ca_file: tls/ca.pem } }
      """)
    #expect(s.store == .sqlite(directory: "/var/millwright"))
    #expect(s.mqtt.tls?.caFile == "/etc/millwright/tls/ca.pem")
    #expect(s.mqtt.tls?.certificateFile == nil && s.mqtt.tls?.keyFile == nil)
  }

  @Test func relativePathsInTheEnvironmentBeginAtTheWorkingDirectory() throws {
    let here = FileManager.default.currentDirectoryPath
    #expect(
      try settings(least, ["MILLWRIGHT_STORE": "sqlite:data"]).store == .sqlite(directory: here + "/data"))
  }

  @Test(
    arguments: [
      ("sqlite:/x", "/x"), ("sqlite:///x", "/x"), ("sqlite:x/../y", "/etc/millwright/y"), ("sqlite:", nil),
      ("sqlite://host/x", nil), ("x", "/etc/millwright/x"),
    ] as [(String, String?)]) func aStoreIsADirectory(_ url: String, _ directory: String?)
  {
    let store = try? settings(least.replacing("sqlite:/var/lib/millwright", with: url)).store
    #expect(store == directory.map(StoreURL.sqlite(directory:)))
  }

  @Test func aPasswordInAStoreURLIsNotRepeated() {
    let found = problems(least.replacing("sqlite:/var/lib/millwright", with: "postgresql://me:secret@h/db"))
    #expect(
      found == [
        "millwright.yaml:2:8: store must be sqlite:DIRECTORY (this version has no PostgreSQL store), "
          + "not 'postgresql…'"
      ])
  }

  @Test func aFileThatIsNotThereIsItsOwnKindOfError() {
    let error = #expect(throws: SettingsErrors.self) {
      try Settings.load(path: "/nowhere/millwright.yaml", environment: [:])
    }
    #expect(error?.isMissingFile == true)
    #expect(error?.description == "/nowhere/millwright.yaml: there is no such file")
  }

  @Test func aByteOrderMarkIsSkipped() throws {
    #expect(try settings("\u{FEFF}" + least).district.id == "d")
  }
}

@Suite struct PasswordTests {
  /// The password in a file of the mode given, or what is wrong with it; the file is removed.
  private func password(_ content: String, mode: Int) throws -> String? {
    let path = NSTemporaryDirectory() + "/password-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(content.utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    let s = try settings(least + "mqtt: { username: u, password_file: \(path) }")
    do {
      return try s.mqtt.password()
    } catch {
      return error.description.replacing(path, with: "FILE")
    }
  }

  @Test func itComesFromAFileOfItsOwn() throws {
    #expect(try password("pass word\n", mode: 0o600) == "pass word")
  }

  @Test func aFileThatOthersReachIsRefusedWhereItWasNamed() throws {
    #expect(
      try password("p\n", mode: 0o640)
        == "/etc/millwright/millwright.yaml:3:37: mqtt.password_file: password file FILE has mode 0640: others "
        + "can read it; run chmod 600 on it")
  }

  @Test func theEnvironmentsPasswordGoesBeforeTheFile() throws {
    let s = try settings(
      least + "mqtt: { username: u, password_file: /nowhere/p }", ["MILLWRIGHT_MQTT_PASSWORD": "secret"])
    #expect(try s.mqtt.password() == "secret")
  }

  @Test func whoNeedsNoBrokerNeedsNoPassword() throws {
    let s = try settings(least + "mqtt: { username: u, password_file: /nowhere/p }")
    #expect(throws: SettingsErrors.self) { try s.mqtt.password() }
  }
}

@Suite struct UnitsTests {
  @Test(
    arguments: [
      ("100ms", 100), ("30s", 30_000), ("15m", 900_000), ("2h", 7_200_000), ("7d", 604_800_000), ("0", 0),
      ("0s", 0), ("1", nil), ("", nil), ("s", nil), ("-1s", nil), ("1.5h", nil), ("1 s", nil), ("1S", nil),
      ("99999999999999999d", nil), ("١s", nil),
    ] as [(String, Int64?)]) func durationsAreReadAsWritten(_ text: String, _ milliseconds: Int64?)
  {
    #expect(Units.span(text)?.milliseconds == milliseconds)
  }

  @Test(
    arguments: [
      ("512B", 512), ("64KiB", 65_536), ("1MiB", 1_048_576), ("2GiB", 2_147_483_648), ("64", nil),
      ("64KB", nil),
      ("0", nil),
    ] as [(String, Int?)]) func sizesAreReadAsWritten(_ text: String, _ bytes: Int?)
  {
    #expect(Units.size(text) == bytes)
  }
}
