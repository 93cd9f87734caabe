import MQTT

/// Why a collector could not begin, or could not go on. A ``Journal/StoreError`` is thrown as such.
public enum CollectorError: Error, CustomStringConvertible {
  /// The session cannot begin, or another client takes it. `usesID` says whether the client id is made from the
  /// store's id.
  case session(BrokerSessionError, usesID: Bool)
  /// Files of the store were changed by others while the collector ran.
  case storeChanged

  /// The message for the operator.
  public var description: String {
    switch self {
    case .storeChanged: return "the collector has ended: its store was changed under it (see the log)"
    case .session(let error, let usesID):
      switch error {
      case .settings, .system: return error.description
      case .takenOver, .contested:
        let remedy =
          usesID
          ? "a copied store has the same id as its original: stop one of the two, or run 'millwright store new-id' on the copy"
          : "change mqtt.client_id in one of the two configurations"
        return "\(error); \(remedy). This collector stops, and does not fight for the session"
      }
    }
  }
}
