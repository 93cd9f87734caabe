import CMosquitto
import CSocketBuffer
import Glibc

/// The libmosquitto that was found at run time, which need not be the one this was built with.
public enum MQTTLibrary {
  /// Its version, such as `2.0.21`, as it says itself: 2.1.2 calls itself 2.1.0.
  public static let version: String = {
    var (major, minor, revision): (Int32, Int32, Int32) = (0, 0, 0)
    mosquitto_lib_version(&major, &minor, &revision)
    return "\(major).\(minor).\(revision)"
  }()

  /// Whether the library's reads and writes pass the socket buffer. Where something else stands before it
  /// everything works the same, at several times the processor time.
  public static let isBuffered = socket_buffer_is_found() != 0

  /// Initializes the library once; 0 when it is ready. From 2.0.15 on it leaves SIGPIPE as it is, and OpenSSL
  /// writes by `write(2)`: a broker that is gone would end the process.
  static let isReady: Int32 = {
    signal(SIGPIPE, SIG_IGN)
    return mosquitto_lib_init()
  }()
}
