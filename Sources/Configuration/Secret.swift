import MQTT

/// Where the broker's password is: never the password itself until it is asked for.
struct Secret: Equatable, Sendable {
  /// The variable that may hold the password.
  static let variable = "MILLWRIGHT_MQTT_PASSWORD"

  private enum Place: Sendable {
    case none
    case environment(String)
    case file(String, SettingsErrors.Origin)
  }
  private var place: Place

  /// Whether two passwords are in the same place; where that place is named does not matter.
  static func == (a: Secret, b: Secret) -> Bool {
    switch (a.place, b.place) {
    case (.none, .none): true
    case (.environment(let a), .environment(let b)): a == b
    case (.file(let a, _), .file(let b, _)): a == b
    default: false
    }
  }

  /// Whether any password is configured.
  var isGiven: Bool {
    if case .none = place { false } else { true }
  }

  /// The environment's password, else the file that holds it.
  init(_ reader: inout SettingsReader) {
    let file = reader.optional("mqtt.password_file", .path)
    if let text = reader.variable(Self.variable), !text.isEmpty {
      place = .environment(text)
    } else if let file {
      place = .file(file, reader.origin(of: "mqtt.password_file"))
    } else {
      place = .none
    }
  }

  /// The file with the password, as an absolute path; nil if it is elsewhere.
  fileprivate var filePath: String? { if case .file(let path, _) = place { path } else { nil } }

  fileprivate func reveal() throws(SettingsErrors) -> String? {
    switch place {
    case .none: return nil
    case .environment(let text): return text
    case .file(let path, let origin):
      do throws(BrokerSessionError) {
        return try BrokerEndpoint.password(fromFile: path)
      } catch {
        throw SettingsErrors([.init(origin, "mqtt.password_file: \(error)")])
      }
    }
  }
}

extension Settings.MQTT {
  /// The password to connect with; nil when none is configured.
  ///
  /// It is read here and not with the configuration, so that commands which need no broker run for people
  /// who may not read it.
  public func password() throws(SettingsErrors) -> String? { try secret.reveal() }

  /// The file with the password, as an absolute path; nil if none is configured, or a variable has the password.
  public var passwordFile: String? { secret.filePath }
}
