import CMosquitto

/// The MQTT library that was found at run time.
public enum MQTTLibrary {
  /// Its version, such as `2.0.11`.
  public static var version: String {
    var (major, minor, revision): (Int32, Int32, Int32) = (0, 0, 0)
    mosquitto_lib_version(&major, &minor, &revision)
    return "\(major).\(minor).\(revision)"
  }
}
