import ArgumentParser
import Configuration
import Decoding
import Foundation
import MQTT
import Reporting
import Telemetry

/// The broker to listen at: that of the configuration if there is one, else the one on this machine. Options replace
/// single settings.
struct ListeningOptions: ParsableArguments {
  @Option(
    name: .long,
    help:
      "Configuration file (default: Config/millwright.yaml, then /etc/millwright/millwright.yaml, if there is one)."
  )
  var config: String?

  @Option(name: .long, help: "Broker's name or address (default: the configuration's, else 127.0.0.1).")
  var host: String?

  @Option(name: .long, help: "Broker's port (default: the configuration's, else 1883).")
  var port: Int?

  @Option(name: .long, help: "User with the right to read the topics.")
  var username: String?

  @Option(name: .long, help: "File of mode 0600 with the password (or set MILLWRIGHT_MQTT_PASSWORD).")
  var passwordFile: String?

  @Option(
    name: .long,
    help:
      "PEM file of the authority that signed the broker's certificate; required unless the broker is on this machine."
  )
  var caFile: String?

  /// The options by the variables that they replace.
  private var variables: [(option: String, name: String, value: String?)] {
    [
      ("--host", "MILLWRIGHT_MQTT_HOST", host), ("--port", "MILLWRIGHT_MQTT_PORT", port.map(String.init)),
      ("--username", "MILLWRIGHT_MQTT_USERNAME", username),
      ("--password-file", "MILLWRIGHT_MQTT_PASSWORD_FILE", passwordFile),
      ("--ca-file", "MILLWRIGHT_MQTT_TLS_CA_FILE", caFile),
    ]
  }

  /// Reads the configuration, with the options applied. Without a configuration the defaults apply.
  func site() throws -> ListeningSite {
    var environment = ProcessInfo.processInfo.environment
    for variable in variables { if let value = variable.value { environment[variable.name] = value } }
    do throws(SettingsErrors) {
      do throws(SettingsErrors) {
        let settings = try Settings.load(path: config, environment: environment)
        return try ListeningSite(settings, hasConfiguration: true)
      } catch {
        guard error.isMissingFile, config == nil else { throw error }
        return try ListeningSite(
          Settings.parse(ListeningSite.defaults, file: "", environment: environment), hasConfiguration: false)
      }
    } catch {
      var errors = error
      for index in errors.problems.indices {
        for variable in variables
        where variable.value != nil && errors.problems[index].origin == .variable(variable.name) {
          errors.problems[index] = .init(.unplaced, "\(variable.option): " + errors.problems[index].message)
        }
      }
      throw errors
    }
  }
}

/// The broker and the sources of a listening.
struct ListeningSite {
  let settings: Settings
  /// Whether there is a configuration file.
  let hasConfiguration: Bool
  let sources: [Source]
  let limits: DecodingLimits
  /// The ids of published names.
  let naming: Naming

  /// The least configuration, used if there is no file.
  static let defaults = """
    district: { id: my-district, name_zh: 示范园区, name_en: My District, timezone: Asia/Shanghai }
    store: sqlite:store
    """

  init(_ settings: Settings, hasConfiguration: Bool) throws(SettingsErrors) {
    self.settings = settings
    self.hasConfiguration = hasConfiguration
    let shard = try settings.shardSettings()
    sources = shard.sources
    limits = shard.rules.limits
    naming = shard.naming
  }

  /// The zone of the IANA database for times without an offset.
  var zone: String { settings.district.calendar.identifier }

  /// The broker, with a client id of this process.
  func endpoint() throws -> BrokerEndpoint {
    let mqtt = settings.mqtt
    let id = String(UInt64.random(in: .min ... .max), radix: 16)
    let endpoint = BrokerEndpoint(
      host: mqtt.host, port: mqtt.port, protocolVersion: mqtt.protocolVersion == .v5 ? .v5 : .v311,
      clientID: "millwright-listen-\(id)", keepalive: Int(mqtt.keepalive.milliseconds / 1000),
      username: mqtt.username, password: try mqtt.password(),
      tls: mqtt.tls.map {
        TLSSettings(caFile: $0.caFile, certificateFile: $0.certificateFile, keyFile: $0.keyFile)
      }, connectDeadline: mqtt.connectTimeout.milliseconds)
    do throws(BrokerSessionError) { try endpoint.validate() } catch {
      throw CommandFailure(.usage, error.description)
    }
    return endpoint
  }
}
